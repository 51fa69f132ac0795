"""Custom fields in the settings: everyone reads them, an admin and CS Ops keep them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import CustomField
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import AccountFactory

SignIn = Callable[[Member], Client]
FORM = {"label": "Plan tier", "sort": "choice", "choices": "Basic\r\nPro\r\n"}
HTMX = {"HX-Request": "true", "HX-Target": "custom-fields"}


def at(name: str, *rest: object) -> str:
    return reverse(f"account_settings:{name}", args=["northwind", *rest])


@pytest.fixture
def as_ops(client_for: SignIn, ops: Member) -> Client:
    return client_for(ops)


@pytest.fixture
def plan(workspace: Workspace) -> CustomField:
    return CustomField.objects.create(
        workspace=workspace, key="plan", label="Plan", sort="choice", choices=["Basic", "Pro"]
    )


@pytest.fixture
def far(other_workspace: Workspace) -> CustomField:
    with workspace_scope(other_workspace.pk):
        return CustomField.objects.create(workspace=other_workspace, key="far", label="Foreign canary", sort="text")


class TestFields:
    def test_everyone_sees_them_with_filled_accounts(
        self, as_csm: Client, workspace: Workspace, plan: CustomField
    ) -> None:
        AccountFactory(workspace=workspace, custom={"plan": "Pro"})
        AccountFactory(workspace=workspace)
        page = as_csm.get(at("fields")).text
        assert "Basic, Pro" in page and '<td data-label="Accounts" class="num">1</td>' in page
        assert "Retire" not in page and "Add the field" not in page

    def test_an_empty_list_says_what_to_do(self, as_ops: Client) -> None:
        page = as_ops.get(at("fields")).text
        assert "No custom field" in page and "Add the field" in page

    def test_the_settings_lead_there(self, as_csm: Client, workspace: Workspace) -> None:
        page = as_csm.get(reverse("tenancy:settings", args=["northwind"])).text
        assert at("fields") in page and at("owners") in page

    def test_retired_ones_are_folded_away(self, as_ops: Client, plan: CustomField) -> None:
        CustomField.objects.update(is_active=False)
        assert "1 retired" in as_ops.get(at("fields")).text

    def test_another_workspaces_are_not_there(self, as_ops: Client, workspace: Workspace, far: CustomField) -> None:
        assert "canary" not in as_ops.get(at("fields")).text

    def test_rejects_post(self, as_ops: Client) -> None:
        assert as_ops.post(at("fields")).status_code == 405

    def test_queries_do_not_grow_with_the_fields(
        self, as_ops: Client, workspace: Workspace, django_assert_max_num_queries: Any
    ) -> None:
        CustomField.objects.bulk_create(
            CustomField(workspace=workspace, key=f"f{n}", label=f"F {n}", sort="text") for n in range(40)
        )
        with django_assert_max_num_queries(12):
            as_ops.get(at("fields"))


class TestAdd:
    def test_adds_a_field(self, as_ops: Client, workspace: Workspace) -> None:
        assert as_ops.post(at("add_field"), FORM).headers["Location"] == at("fields")
        field = CustomField.objects.get()
        assert (field.key, field.label, field.choices) == ("plan_tier", "Plan tier", ["Basic", "Pro"])

    def test_htmx_gets_the_list(self, as_ops: Client, workspace: Workspace) -> None:
        answer = as_ops.post(at("add_field"), FORM, headers=HTMX)
        assert answer.status_code == 200
        assert answer.text.lstrip().startswith('<section id="custom-fields"') and "Plan tier added." in answer.text

    def test_bad_input_keeps_what_was_typed(self, as_ops: Client, plan: CustomField) -> None:
        answer = as_ops.post(at("add_field"), FORM | {"label": "plan"})
        assert answer.status_code == 422
        assert "There is a field called plan already." in answer.text and 'value="plan"' in answer.text
        answer = as_ops.post(at("add_field"), FORM | {"choices": " "})
        assert "Write at least one thing to choose" in answer.text

    def test_a_reader_is_refused(self, as_csm: Client) -> None:
        assert as_csm.post(at("add_field"), FORM).status_code == 403
        assert not CustomField.objects.exists()

    def test_rejects_get(self, as_ops: Client) -> None:
        assert as_ops.get(at("add_field")).status_code == 405


class TestChange:
    def test_renames_and_keeps_the_key(self, as_ops: Client, plan: CustomField) -> None:
        form = {"label": "Plan tier", "choices": "Basic\nPro\nEnterprise"}
        assert as_ops.post(at("field", plan.pk), form).status_code == 302
        plan.refresh_from_db()
        assert (plan.key, plan.label, plan.choices[-1]) == ("plan", "Plan tier", "Enterprise")

    def test_shows_what_is_there(self, as_ops: Client, plan: CustomField) -> None:
        page = as_ops.get(at("field", plan.pk)).text
        assert 'value="Plan"' in page and "Basic\nPro</textarea>" in page

    def test_only_a_choice_asks_for_choices(self, as_ops: Client, workspace: Workspace) -> None:
        seats = CustomField.objects.create(workspace=workspace, key="seats", label="Seats", sort="number")
        assert "textarea" not in as_ops.get(at("field", seats.pk)).text
        assert as_ops.post(at("field", seats.pk), {"label": "Seats sold"}).status_code == 302

    def test_a_lost_race_is_409(self, as_ops: Client, plan: CustomField) -> None:
        page = as_ops.get(at("field", plan.pk)).text
        seen = page.split('name="seen" value="')[1].split('"')[0]
        CustomField.objects.update(label="Somebody was faster")
        answer = as_ops.post(at("field", plan.pk), {"label": "Mine", "choices": "x", "seen": seen})
        assert answer.status_code == 409
        plan.refresh_from_db()
        assert plan.label == "Somebody was faster"

    def test_bad_input_is_said(self, as_ops: Client, plan: CustomField) -> None:
        answer = as_ops.post(at("field", plan.pk), {"label": "", "choices": ""})
        assert answer.status_code == 422

    def test_a_reader_is_refused(self, as_csm: Client, plan: CustomField) -> None:
        assert as_csm.get(at("field", plan.pk)).status_code == 403
        assert as_csm.post(at("field", plan.pk), {"label": "Mine"}).status_code == 403

    def test_another_workspaces_field_is_404(self, as_ops: Client, workspace: Workspace, far: CustomField) -> None:
        for name in ("field", "retire_field", "restore_field"):
            assert as_ops.post(at(name, far.pk), {"label": "Mine"}).status_code == 404


class TestRetire:
    def test_retires_and_restores(self, as_ops: Client, plan: CustomField) -> None:
        for name, active in (("retire_field", False), ("retire_field", False), ("restore_field", True)):
            assert as_ops.post(at(name, plan.pk)).headers["Location"] == at("fields")
            plan.refresh_from_db()
            assert plan.is_active is active

    def test_htmx_gets_the_list(self, as_ops: Client, plan: CustomField) -> None:
        answer = as_ops.post(at("retire_field", plan.pk), headers=HTMX)
        assert "Plan is retired. Its values are kept." in answer.text and "1 retired" in answer.text

    def test_a_label_taken_meanwhile_is_said(self, as_ops: Client, workspace: Workspace, plan: CustomField) -> None:
        CustomField.objects.update(is_active=False)
        CustomField.objects.create(workspace=workspace, key="plan_2", label="Plan", sort="text")
        answer = as_ops.post(at("restore_field", plan.pk))
        assert answer.status_code == 422 and "There is a field called Plan already." in answer.text

    @pytest.mark.parametrize("name", ["retire_field", "restore_field"])
    def test_a_reader_and_a_get_are_refused(self, as_csm: Client, as_ops: Client, plan: CustomField, name: str) -> None:
        assert as_csm.post(at(name, plan.pk)).status_code == 403
        assert as_ops.get(at(name, plan.pk)).status_code == 405
