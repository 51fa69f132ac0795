"""Who owns which field, in the settings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.ownership import OWNABLE, choose_owners, owned_by_crm
from csworkbench.tenancy.models import Member, Workspace

SignIn = Callable[[Member], Client]
AT = "/w/northwind/settings/field-owners/"
WEBSITE = ("account", "website")


def form(**owned: str) -> dict[str, str]:
    """Everything to the workbench but what ``account__website="crm"`` says."""
    plain = {f"{entity}.{column}": "workbench" for entity, columns in OWNABLE.items() for column in columns}
    return plain | {name.replace("__", "."): owner for name, owner in owned.items()}


@pytest.fixture
def as_ops(client_for: SignIn, ops: Member) -> Client:
    return client_for(ops)


class TestOwners:
    def test_the_address_is_the_name(self, workspace: Workspace) -> None:
        assert reverse("account_settings:owners", args=["northwind"]) == AT

    def test_ops_give_a_field_to_the_crm(self, as_ops: Client, workspace: Workspace) -> None:
        answer = as_ops.post(AT, form(account__website="crm", contact__email="crm"))
        assert answer.headers["Location"] == AT
        assert owned_by_crm(workspace) == {WEBSITE, ("contact", "email")}

    def test_htmx_gets_the_page_and_what_changed(self, as_ops: Client, workspace: Workspace) -> None:
        headers = {"HX-Request": "true", "HX-Target": "field-owners"}
        answer = as_ops.post(AT, form(account__website="crm"), headers=headers)
        assert answer.text.lstrip().startswith('<section id="field-owners"')
        assert "Saved: 1 field changed hands." in answer.text
        assert "Nothing changed." in as_ops.post(AT, form(account__website="crm"), headers=headers).text

    def test_everyone_reads_them(self, as_csm: Client, ops: Member, workspace: Workspace) -> None:
        choose_owners(actor=ops, owners={WEBSITE: "crm"})
        page = as_csm.get(AT).text
        assert '<span class="badge badge-accent">CRM</span>' in page and "Save</button>" not in page

    def test_a_reader_is_refused(self, as_csm: Client, workspace: Workspace) -> None:
        assert as_csm.post(AT, form(account__website="crm")).status_code == 403
        assert owned_by_crm(workspace) == frozenset()

    def test_a_lost_race_is_409(self, as_ops: Client, ops: Member, workspace: Workspace) -> None:
        seen = as_ops.get(AT).text.split('name="seen" value="')[1].split('"')[0]
        choose_owners(actor=ops, owners={WEBSITE: "crm"})
        assert as_ops.post(AT, form() | {"seen": seen}).status_code == 409
        assert owned_by_crm(workspace) == {WEBSITE}

    def test_bad_input_is_refused(self, as_ops: Client, workspace: Workspace) -> None:
        assert as_ops.post(AT, form(account__website="everybody")).status_code == 422
        assert as_ops.post(AT, {}).status_code in {200, 422}
        assert owned_by_crm(workspace) == frozenset()

    def test_rejects_delete(self, as_ops: Client) -> None:
        assert as_ops.delete(AT).status_code == 405
