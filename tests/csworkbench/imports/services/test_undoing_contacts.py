"""Taking contacts back one by one, and the primary contact that had to give way."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account, Contact
from csworkbench.imports import services
from csworkbench.imports.models import Import, ImportRow
from csworkbench.imports.services import applying, undoing
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import Actor, workspace_scope
from tests.factories import AccountFactory, ContactFactory

from ..sheets import WILLOW, csv_bytes

TITLES = ("Salesforce ID", "First name", "Email", "Primary contact")


@pytest.fixture
def willow(workspace: Workspace) -> Account:
    return AccountFactory(workspace=workspace, name="Willow Urgent Care", sf_id=WILLOW)


@pytest.fixture
def former(willow: Account) -> Contact:
    return ContactFactory(account=willow, first_name="Mara", email="mara@example.org", is_primary=True)


def applied(actor: Member, *rows: tuple[str, str, str]) -> Import:
    data = csv_bytes(TITLES, *[(WILLOW, *row) for row in rows])
    one = services.store_upload(actor=actor, kind="contacts", name="people.csv", pieces=[data])
    spool = services.examine(one.workspace_id, one.pk)
    assert spool is not None
    spool.close()
    one.refresh_from_db()
    services.approve(actor=actor, one=one)
    services.apply_import(one.workspace_id, one.pk)
    one.refresh_from_db()
    return one


def undone(actor: Member, one: Import) -> Import:
    services.undo(actor=actor, one=one)
    services.undo_import(one.workspace_id, one.pk)
    one.refresh_from_db()
    return one


def edit(member: Member, email: str, **fields: Any) -> None:
    with workspace_scope(member.workspace_id, actor=Actor("member", member.pk, member.user_id)):
        Contact.objects.filter(email=email).update(**fields)


def fates(one: Import) -> list[str]:
    return list(ImportRow.objects.filter(import_batch=one).order_by("number").values_list("undo", flat=True))


def test_new_and_changed_people(ops: Member, former: Contact) -> None:
    before = list(Contact.objects.values())
    one = applied(ops, ("Rosa", "rosa@example.org", "no"), ("Marta", "mara@example.org", ""))
    assert Contact.objects.count() == 2
    assert undone(ops, one).undone_rows == 2
    assert list(Contact.objects.values()) == before


@pytest.mark.parametrize("known", [False, True])
def test_the_former_primary_contact_is_primary_again(ops: Member, former: Contact, known: bool) -> None:
    if known:
        ContactFactory(account=former.account, first_name="Rosa", email="rosa@example.org")
    before = sorted(map(dict, Contact.objects.values()), key=str)
    one = applied(ops, ("Rosa", "rosa@example.org", "yes"))
    assert Contact.objects.get(is_primary=True).email == "rosa@example.org"
    undone(ops, one)
    assert sorted(map(dict, Contact.objects.values()), key=str) == before


def test_each_person_has_a_fate_of_their_own(ops: Member, former: Contact) -> None:
    one = applied(ops, ("Rosa", "rosa@example.org", "no"), ("Ines", "ines@example.org", "no"))
    edit(ops, "rosa@example.org", title="Owner")
    assert fates(undone(ops, one)) == ["kept", "undone"]
    assert sorted(Contact.objects.values_list("email", flat=True)) == ["mara@example.org", "rosa@example.org"]


def test_where_the_primary_contact_changed_they_share_one(
    ops: Member, former: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two primary contacts would come of it; rows in another chunk have the same fate."""
    monkeypatch.setattr(undoing, "CHUNK_ROWS", 1)
    monkeypatch.setattr(applying, "CHUNK_ROWS", 1)
    one = applied(ops, ("Rosa", "rosa@example.org", "yes"), ("Ines", "ines@example.org", "no"))
    edit(ops, "rosa@example.org", title="Owner")
    assert fates(undone(ops, one)) == ["kept", "kept"]
    assert Contact.objects.get(is_primary=True).email == "rosa@example.org"
    edit(ops, "rosa@example.org", title="")
    row = ImportRow.objects.get(import_batch=one, number=2)
    assert row.kept_because[0]["who"] == "Farid Fontaine"
