"""Reads over tasks."""

from __future__ import annotations

from datetime import date
from django.db.models import Q, QuerySet

from accounts.models import Account
from csworkbench.tenancy.models import Member

from .models import Task


def open_tasks_of(member: Member) -> QuerySet[Task]:
    """The open tasks a member is responsible for: handed over to them, or of an account they own (QUE-1).

    Two indexed halves instead of an OR over two tables, so that the cost follows the member's own work.
    """
    base = Task.objects.filter(workspace=member.workspace_id, state=Task.State.OPEN)
    handed_over = base.filter(assignee=member)
    book = Account.objects.filter(workspace=member.workspace_id, owner=member)
    own = base.filter(assignee__isnull=True, account__in=book)
    halves = handed_over.values("pk").union(own.values("pk"), all=True)
    return Task.objects.filter(workspace=member.workspace_id, pk__in=halves)


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


def responsible_for(task: Task) -> Member | None:
    """The member responsible for a task: who it was handed to, else the account's owner; ``None`` when nobody is."""
    return task.assignee or task.account.owner
