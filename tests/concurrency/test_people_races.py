"""Two who edit the people of an account at once: one primary contact, and no word lost."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account, Contact, Difference
from accounts.people.decisions import accept_differences, keep_differences
from accounts.people.differences import Said, note_differences
from accounts.people.services import save_contact
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.task_base import workspace_of
from tests.concurrency.conftest import RunAtOnce
from tests.factories import AccountFactory, ContactFactory, make_member

THREADS = 6


@pytest.fixture
def people(committed: Workspace) -> list[Contact]:
    with workspace_of(committed.pk) as workspace:
        account: Account = AccountFactory(workspace=workspace)
        make_member(workspace, "Quinn Abbott", roles=["csm"])
        return [ContactFactory(account=account) for _ in range(THREADS)]


def name_primary(workspace: Workspace, pk: Any) -> None:
    with workspace_of(workspace.pk):
        contact = Contact.objects.select_related("account").get(pk=pk)
        contact.is_primary = True
        save_contact(actor=Member.objects.get(), contact=contact, fields=["is_primary"])


def test_of_two_who_name_a_primary_contact_the_last_one_stays(
    committed: Workspace, people: list[Contact], at_once: RunAtOnce
) -> None:
    at_once([lambda pk=one.pk: name_primary(committed, pk) for one in people])  # type: ignore[misc]
    with workspace_of(committed.pk):
        assert Contact.objects.filter(is_primary=True).count() == 1
        assert Contact.objects.count() == THREADS


def test_one_difference_is_noted_once(committed: Workspace, people: list[Contact], at_once: RunAtOnce) -> None:
    def note() -> int:
        with workspace_of(committed.pk) as workspace:
            rows = [Said(one.account_id, one.pk, {"title": "Nurse"}) for one in people]
            return note_differences(workspace=workspace, source="lms", rows=rows)

    at_once([note] * THREADS)
    with workspace_of(committed.pk):
        assert Difference.objects.count() == THREADS


def test_accepting_and_keeping_at_once_decides_each_once(
    committed: Workspace, people: list[Contact], at_once: RunAtOnce
) -> None:
    with workspace_of(committed.pk) as workspace:
        rows = [Said(one.account_id, one.pk, {"title": "Nurse"}) for one in people]
        note_differences(workspace=workspace, source="lms", rows=rows)

    def decide(verb: Any) -> int:
        with workspace_of(committed.pk):
            done = verb(actor=Member.objects.get(), chosen=Difference.objects.all())
            return int(done.decided)

    decided = at_once([lambda verb=verb: decide(verb) for verb in (accept_differences, keep_differences) * 3])  # type: ignore[misc]
    assert sum(decided) == THREADS
    with workspace_of(committed.pk):
        accepted = Difference.objects.filter(decision="accepted").count()
        assert Contact.objects.filter(title="Nurse").count() == accepted
        assert not Difference.objects.filter(decision="open").exists()
