"""Settings → Onboarding: everyone reads the goals, an admin and CS Ops keep them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import DirtyAccount, GoalTemplate
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import AccountFactory, InstanceFactory, ModuleFactory, ProductFactory

SignIn = Callable[[Member], Client]
HTMX = {"HX-Request": "true", "HX-Target": "onboarding-goals"}
FORM = {"label": "First case", "place": "10", "fact": "last_use:cases", "operator": "not_empty", "value": ""}


def at(name: str, *rest: object) -> str:
    return reverse(f"account_settings:{name}", args=["northwind", *rest])


@pytest.fixture
def as_ops(client_for: SignIn, ops: Member, workspace: Workspace) -> Client:
    ModuleFactory(product=ProductFactory(workspace=workspace), workspace=workspace)
    return client_for(ops)


@pytest.fixture
def branding(workspace: Workspace) -> GoalTemplate:
    return GoalTemplate.objects.create(workspace=workspace, label="Branding set up", place=5)


@pytest.fixture
def far(other_workspace: Workspace) -> GoalTemplate:
    with workspace_scope(other_workspace.pk):
        return GoalTemplate.objects.create(workspace=other_workspace, label="Foreign canary")


class TestGoals:
    def test_everyone_reads_them(self, as_csm: Client, branding: GoalTemplate) -> None:
        text = as_csm.get(at("onboarding")).text
        assert "Branding set up" in text and "a member ticks it" in text and "Add the goal" not in text

    def test_it_says_for_whom_changes_count(self, as_ops: Client) -> None:
        assert "count for records opened from now on" in as_ops.get(at("onboarding")).text

    def test_a_broken_test_is_pointed_out(self, as_csm: Client, branding: GoalTemplate) -> None:
        GoalTemplate.objects.update(reached_when={"fact": "gone", "op": "is", "value": 1})
        assert "not valid any more" in as_csm.get(at("onboarding")).text

    def test_another_workspaces_are_not_there(self, as_ops: Client, far: GoalTemplate) -> None:
        assert "canary" not in as_ops.get(at("onboarding")).text

    def test_rejects_post(self, as_ops: Client) -> None:
        assert as_ops.post(at("onboarding")).status_code == 405


class TestAdd:
    def test_adds_one_with_its_test(self, as_ops: Client, workspace: Workspace) -> None:
        core = InstanceFactory(workspace=workspace)
        assert as_ops.post(at("add_onboarding_goal"), FORM | {"instance": core.pk}).status_code == 302
        made = GoalTemplate.objects.get()
        assert (made.label, made.instance, made.place) == ("First case", core, 10)
        assert made.reached_when == {"fact": "last_use:cases", "op": "not_empty"}
        assert "last case created is known" in as_ops.get(at("onboarding")).text

    @pytest.mark.parametrize(
        ("boxes", "tree"),
        [
            ({"fact": ""}, None),
            ({"fact": "active_users", "operator": "gte", "value": "1,200"},
             {"fact": "active_users", "op": "gte", "value": 1200}),
            ({"fact": "mrr", "operator": "gt", "value": "500"}, {"fact": "mrr", "op": "gt", "value": 50_000}),
            ({"fact": "health", "operator": "is", "value": "Green"}, {"fact": "health", "op": "is", "value": "green"}),
            ({"fact": "primary_contact_dnc", "operator": "is", "value": "No"},
             {"fact": "primary_contact_dnc", "op": "is", "value": False}),
            ({"fact": "last_use:cases", "operator": "in_last_days", "value": "7"},
             {"fact": "last_use:cases", "op": "in_last_days", "value": 7}),
        ],
    )  # fmt: skip
    def test_tests_of_every_kind(self, as_ops: Client, boxes: dict[str, str], tree: Any) -> None:
        assert as_ops.post(at("add_onboarding_goal"), FORM | boxes).status_code == 302
        made = GoalTemplate.objects.get()
        assert made.reached_when == tree
        page = as_ops.get(at("onboarding_goal", made.pk))
        shown = {name: page.context["form"][name].value() for name in ("fact", "operator", "value")}
        as_ops.post(at("onboarding_goal", made.pk), FORM | {key: value or "" for key, value in shown.items()})
        made.refresh_from_db()
        assert made.reached_when == tree

    @pytest.mark.parametrize(
        ("boxes", "said"),
        [
            ({"operator": ""}, "Choose how to compare."),
            ({"operator": "is", "value": "x"}, "does not fit"),
            ({"fact": "active_users", "operator": "gte", "value": "many"}, "Write a whole number."),
            ({"fact": "active_users", "operator": "gte", "value": ""}, "Write what to compare with."),
            ({"fact": "health", "operator": "is", "value": "purple"}, "Must be one of"),
            ({"label": ""}, "required"),
        ],
    )
    def test_bad_input_is_said_and_kept(self, as_ops: Client, boxes: dict[str, str], said: str) -> None:
        answer = as_ops.post(at("add_onboarding_goal"), FORM | {"label": "Kept words"} | boxes)
        assert answer.status_code == 422 and said in answer.text
        assert "label" in boxes or 'value="Kept words"' in answer.text
        assert not GoalTemplate.objects.exists()

    def test_the_same_twice_is_refused(self, as_ops: Client, branding: GoalTemplate) -> None:
        answer = as_ops.post(at("add_onboarding_goal"), FORM | {"label": "Branding set up"})
        assert answer.status_code == 422 and "There is such a goal on every instance already." in answer.text

    def test_htmx_gets_the_list(self, as_ops: Client) -> None:
        answer = as_ops.post(at("add_onboarding_goal"), FORM, headers=HTMX)
        assert answer.text.lstrip().startswith("<section id=") and "First case added." in answer.text

    def test_refusals(self, as_ops: Client, as_csm: Client) -> None:
        assert as_csm.post(at("add_onboarding_goal"), FORM).status_code == 403
        assert as_ops.get(at("add_onboarding_goal")).status_code == 405


class TestChange:
    def test_a_changed_test_marks_the_book(self, as_ops: Client, branding: GoalTemplate, workspace: Workspace) -> None:
        account = AccountFactory(workspace=workspace, stage="onboarding", tier=1)
        as_ops.post(at("add_onboarding_goal"), FORM)
        assert not DirtyAccount.objects.exists()
        form = {"label": "Branding set up", "place": "5", "fact": "tier", "operator": "is", "value": "1"}
        as_ops.post(at("onboarding_goal", branding.pk), form)
        goals = dict(account.onboardings.get().goals.values_list("label", "done_on"))
        assert goals["Branding set up"] == workspace.today

    def test_a_condition_of_several_tests_stays(self, as_ops: Client, branding: GoalTemplate) -> None:
        tree = {"all": [{"fact": "tier", "op": "is", "value": 1}, {"fact": "mrr", "op": "gt", "value": 1}]}
        GoalTemplate.objects.update(reached_when=tree)
        page = as_ops.get(at("onboarding_goal", branding.pk)).text
        assert "As it is: tier is 1 and MRR" in page
        as_ops.post(at("onboarding_goal", branding.pk), {"label": "Brand", "place": "1", "fact": "__kept"})
        branding.refresh_from_db()
        assert (branding.label, branding.reached_when) == ("Brand", tree)

    def test_a_lost_race_is_409(self, as_ops: Client, branding: GoalTemplate) -> None:
        seen = as_ops.get(at("onboarding_goal", branding.pk)).text.split('name="seen" value="')[1].split('"')[0]
        GoalTemplate.objects.update(label="Somebody was faster")
        answer = as_ops.post(at("onboarding_goal", branding.pk), {"label": "Mine", "place": "1", "seen": seen})
        assert answer.status_code == 409 and GoalTemplate.objects.get().label == "Somebody was faster"

    def test_left_out_and_used_again(self, as_ops: Client, branding: GoalTemplate) -> None:
        for name, active in (
            ("retire_onboarding_goal", False),
            ("retire_onboarding_goal", False),
            ("restore_onboarding_goal", True),
        ):
            assert as_ops.post(at(name, branding.pk)).headers["Location"] == at("onboarding")
            branding.refresh_from_db()
            assert branding.is_active is active

    def test_refusals(self, as_ops: Client, as_csm: Client, branding: GoalTemplate, far: GoalTemplate) -> None:
        for name in ("onboarding_goal", "retire_onboarding_goal", "restore_onboarding_goal"):
            assert as_csm.post(at(name, branding.pk)).status_code == 403
            assert as_ops.post(at(name, far.pk)).status_code == 404
            assert as_ops.delete(at(name, branding.pk)).status_code == 405
