"""The page of a busy account, in a book of any size, against a bare view: what 95 of 100 visitors wait at most."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from accounts.models import Account, Contact, Interaction, Note, Subtype
from csworkbench.common import clock
from csworkbench.common.measuring import Measurement, as_owner, counted_statements
from csworkbench.tenancy.models import Member, Role, User, Workspace
from csworkbench.tenancy.task_base import workspace_of
from playbooks.models import Task

from .. import pipeline
from .book import load_books
from .queue_page import SETTINGS, get

BUDGET, MOST_STATEMENTS = 4.0, 14
# As many as two years of a demo's busiest account, ten times over: depth must not matter.
INTERACTIONS, NOTES, TASKS, CHANGES, PEOPLE = 400, 120, 80, 60, 12
WARM, ROUNDS = 5, 61
BODY = "They asked how the new hires are enrolled, and want the training planned before the audit. " * 3
TABLES = ("accounts_interaction", "accounts_note", "playbooks_task", "tenancy_historyentry", "accounts_contact")


def bench_account_page(scale: int) -> Measurement:
    """One line: the 95th percentile of the page, through the whole stack."""
    workspaces = load_books(scale)
    with workspace_of(workspaces[0].pk) as workspace:
        member, account = _fill(workspace)
        pipeline.sweep(workspace)
    as_owner(*(f"VACUUM ANALYZE {table}" for table in TABLES))
    return _measure(scale, workspaces[0], member, account)


def _fill(workspace: Workspace) -> tuple[Member, Account]:
    """An account with years of everything, and its CSM."""
    user = User.objects.create(email=f"busy.{workspace.pk}@example.org", name="Quinn Abbott")
    member = Member.objects.create(workspace=workspace, user=user, name="Quinn Abbott", roles=[Role.CSM.value])
    account = Account.objects.filter(workspace=workspace).order_by("pk")[0]
    account.owner, account.subtypes_chosen = member, ["digital"]
    account.save(update_fields=["owner", "subtypes_chosen"])
    Subtype.objects.create(workspace=workspace, key="digital", name="Digital")
    mine = {"workspace": workspace, "account": account}
    people = Contact.objects.bulk_create(
        Contact(**mine, first_name="Rosa", last_name=f"Vargas {n}", is_primary=n == 0) for n in range(PEOPLE)
    )
    now = clock.now()
    kinds = [*Interaction.Kind.values, "call"]
    Interaction.objects.bulk_create(
        Interaction(
            **mine,
            author=member,
            contact=people[n % PEOPLE],
            kind=kinds[n % len(kinds)],
            answered=n % 3 != 0,
            subject=f"Check-in {n}",
            body=BODY,
            sentiment=n % 3 - 1,
            happened_at=now - timedelta(hours=43 * n),
        )
        for n in range(INTERACTIONS)
    )
    Note.objects.bulk_create(
        Note(
            **mine,
            author=member,
            written_on=workspace.today,
            initials="QA",
            text=f"Note {n}",
            created_at=now - timedelta(hours=140 * n),
        )
        for n in range(NOTES)
    )
    Task.objects.bulk_create(
        Task(**mine, title=f"Call {n}", state="done", closed_by=member, closed_at=now - timedelta(hours=210 * n))
        for n in range(TASKS)
    )
    for employees in range(CHANGES):
        Account.objects.filter(workspace=workspace, pk=account.pk).update(employees=employees)
    return member, account


def _measure(scale: int, workspace: Workspace, member: Member, account: Account) -> Measurement:
    with override_settings(**SETTINGS):
        client = Client()
        client.force_login(member.user)
        named = (("accounts:detail", [workspace.slug, account.pk]), ("bare", [workspace.slug]))
        page, bare = (reverse(name, args=keys) for name, keys in named)
        ways: list[Callable[[], float]] = [partial(get, client, page), partial(get, client, bare)]
        for way in ways * WARM:
            way()
        with counted_statements() as statements:
            get(client, page)
        # In turn, so that a busy machine is busy for both.
        waits = list(zip(*[[way() for way in ways] for _ in range(ROUNDS)], strict=True))
    seconds, floor = (sorted(each)[ROUNDS * 95 // 100] for each in waits)
    few = len(statements) <= MOST_STATEMENTS
    return Measurement("account_page", scale, seconds, floor, BUDGET, len(statements), few)
