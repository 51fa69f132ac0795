"""Reads over playbooks, runs and tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Count, F, Func, Q, QuerySet

from accounts.conditions import in_words
from accounts.facts import FactContext
from accounts.models import Account
from csworkbench.common import clock
from csworkbench.tenancy.models import Member, Workspace

from .definitions import parse_definition
from .models import Playbook, PlaybookVersion, Run, Task


class _OneOf(Func):
    """``column = ANY(ARRAY(SELECT …))``: the list is made once, so that an OR over two partial indexes can use it."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def open_tasks_of(member: Member) -> QuerySet[Task]:
    """The open tasks a member is responsible for: handed over to them, or of an account they own (QUE-1).

    Read from the two indexes of open tasks, so that the cost follows the member's own work, not the workspace's.
    """
    book = Account.objects.filter(workspace=member.workspace_id, owner=member).values("pk")
    own = Q(_OneOf(F("account_id"), ArraySubquery(book)), assignee__isnull=True)
    return Task.objects.filter(Q(assignee=member) | own, workspace=member.workspace_id, state=Task.State.OPEN)


def awake(today: date) -> Q:
    """Tasks that are not snoozed past a day (QUE-3)."""
    return Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=today)


def open_tasks_of_account(account: Account) -> QuerySet[Task]:
    """The open tasks of an account in queue order, snoozed ones included."""
    return (
        Task.objects.filter(workspace=account.workspace_id, account=account, state=Task.State.OPEN)
        .select_related("assignee", "run__playbook")
        .order_by("level", "-score", "due_on", "pk")
    )


@dataclass(frozen=True)
class PlaybookCard:
    """A playbook in the gallery, with what it did in 30 days."""

    playbook: Playbook
    version: PlaybookVersion | None
    trigger: str
    # The parts of a trigger that all have to hold, each in words.
    conditions: list[str]
    steps: list[str]
    open: int
    entered: int
    completed: int
    cleared: int
    overdue: int


def playbook_cards(workspace: Workspace, context: FactContext) -> list[PlaybookCard]:
    """Every playbook of a workspace with its published version and counts; three statements."""
    since = clock.now() - timedelta(days=30)
    versions = {
        version.playbook_id: version
        for version in PlaybookVersion.objects.filter(workspace=workspace, state=PlaybookVersion.State.PUBLISHED)
    }
    late = Task.objects.filter(
        workspace=workspace, state=Task.State.OPEN, run__isnull=False, due_on__lt=context.today
    ).values_list("run__playbook")
    overdue = dict(late.order_by().annotate(number=Count("pk")))
    playbooks = Playbook.objects.filter(workspace=workspace).annotate(
        open=Count("runs", filter=Q(runs__state=Run.State.OPEN)),
        entered=Count("runs", filter=Q(runs__started_at__gte=since)),
        completed=Count("runs", filter=Q(runs__state=Run.State.COMPLETED, runs__closed_at__gte=since)),
        cleared=Count("runs", filter=Q(runs__state=Run.State.CLEARED, runs__closed_at__gte=since)),
    )
    return [_card(playbook, versions.get(playbook.pk), context, overdue.get(playbook.pk, 0)) for playbook in playbooks]


def _conditions(trigger: dict[str, Any], context: FactContext) -> list[str]:
    parts = [in_words(part, context) for part in trigger.get("all", [trigger])]
    return [f"{part[:1].upper()}{part[1:]}" for part in parts]


def _card(playbook: Any, version: PlaybookVersion | None, context: FactContext, overdue: int) -> PlaybookCard:
    definition = parse_definition(version.definition) if version else None
    return PlaybookCard(
        playbook=playbook,
        version=version,
        trigger=in_words(definition.trigger, context) if definition else "",
        conditions=_conditions(definition.trigger, context) if definition else [],
        steps=[step.title for step in definition.steps] if definition else [],
        open=playbook.open,
        entered=playbook.entered,
        completed=playbook.completed,
        cleared=playbook.cleared,
        overdue=overdue,
    )
