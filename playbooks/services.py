"""Named writes over playbooks and tasks; undo reads what each of them recorded (QUE-2, PLB-2)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Field, Max

from accounts.models import Account, Interaction, Note
from csworkbench.common import clock
from csworkbench.tenancy.models import Member, Workspace

from . import engine
from .definitions import validate_definition
from .models import Playbook, PlaybookVersion, Run, Task, TaskAction

UNDO_WINDOW = timedelta(minutes=30)
MAX_SNOOZE_DAYS = 366


class Refused(ValueError):
    """The request makes no sense as it stands; the message says why, in words for the member."""


class Conflict(Exception):
    """Somebody else was first: the task is not in the state the member saw."""


def publish_playbook(
    *,
    workspace: Workspace,
    key: str,
    name: str,
    description: str,
    definition: dict[str, Any],
    actor: Member | None,
) -> PlaybookVersion:
    """Publish a definition as the playbook's next version; the one before is retired, its runs stay on it.

    Raises ``Refused`` with every problem of the definition. Publishing the same definition again changes nothing.
    """
    problems = validate_definition(definition)
    if problems:
        raise Refused("; ".join(f"{problem.path}: {problem.message}" for problem in problems))
    with transaction.atomic():
        playbook, _ = Playbook.objects.get_or_create(
            workspace=workspace, key=key, defaults={"name": name, "description": description}
        )
        # One publisher at a time, so that versions are numbered one after the other.
        Playbook.objects.select_for_update(no_key=True).get(workspace=workspace, pk=playbook.pk)
        live = PlaybookVersion.objects.filter(
            workspace=workspace, playbook=playbook, state=PlaybookVersion.State.PUBLISHED
        )
        current = live.first()
        if current is not None and current.definition == definition:
            return current
        live.update(state=PlaybookVersion.State.RETIRED)
        versions = PlaybookVersion.objects.filter(workspace=workspace, playbook=playbook)
        return PlaybookVersion.objects.create(
            workspace=workspace,
            playbook=playbook,
            number=(versions.aggregate(last=Max("number"))["last"] or 0) + 1,
            state=PlaybookVersion.State.PUBLISHED,
            definition=definition,
            published_at=clock.now(),
            published_by=actor,
        )


def set_paused(*, playbook: Playbook, paused: bool) -> bool:
    """Stop or resume new runs of a playbook; returns whether anything changed."""
    return bool(
        Playbook.objects.filter(pk=playbook.pk, workspace=playbook.workspace_id, is_paused=not paused).update(
            is_paused=paused
        )
    )


def add_task(*, actor: Member, account: Account, fields: dict[str, Any], request_key: UUID | None = None) -> Task:
    """Add a task by hand; the same form sent twice, even at once, makes one task."""
    values = {"account": account, "created_by": actor, **fields}
    with transaction.atomic():
        if request_key is None:
            task, created = Task.objects.create(workspace_id=actor.workspace_id, **values), True
        else:
            task, created = Task.objects.get_or_create(
                workspace_id=actor.workspace_id, request_key=request_key, defaults=values
            )
        if created:
            _record(task, actor, TaskAction.Verb.ADD, before={"state": "absent"}, after=_state_of(task))
    return task


def complete_task(*, actor: Member, task: Task, outcome: str, note: str = "") -> TaskAction:
    """Close a task with its outcome. Raises ``Conflict`` when it is closed already."""
    after = {
        "state": Task.State.DONE.value,
        "outcome": outcome,
        "outcome_note": note.strip(),
        "closed_by": str(actor.pk),
        "closed_at": clock.now().isoformat(),
        "closed_because": "",
    }
    return _change(actor, task, TaskAction.Verb.COMPLETE, after)


def snooze_task(*, actor: Member, task: Task, until: date, reason: str, today: date) -> TaskAction:
    """Hide a task until a day, with a reason; it comes back only if still open then (QUE-3)."""
    if until <= today:
        raise Refused("Choose a day after today.")
    if until > today + timedelta(days=MAX_SNOOZE_DAYS):
        raise Refused("Choose a day within a year.")
    if not reason.strip():
        raise Refused("Say why it can wait.")
    return _change(
        actor,
        task,
        TaskAction.Verb.SNOOZE,
        {"snoozed_until": until.isoformat(), "snooze_reason": reason.strip()},
    )


def hand_over_task(*, actor: Member, task: Task, to: Member) -> TaskAction:
    """Make another member responsible for one task; the account stays with its owner."""
    if to.workspace_id != task.workspace_id or not to.is_active:
        raise Refused("Choose an active member of this workspace.")
    if task.assignee_id == to.pk:
        raise Refused(f"{to.name} has this task already.")
    return _change(actor, task, TaskAction.Verb.HAND_OVER, {"assignee": str(to.pk)})


def record_interaction(*, actor: Member, task: Task, interaction: Interaction) -> TaskAction:
    """Remember, once, that an interaction was logged from this task, so that undo can take it back."""
    return _record_created(actor, task, TaskAction.Verb.LOG, interaction.pk)


def record_note(*, actor: Member, task: Task, note: Note) -> TaskAction:
    """Remember, once, that a note was written from this task, so that undo can take it back."""
    return _record_created(actor, task, TaskAction.Verb.NOTE, note.pk)


def _record_created(actor: Member, task: Task, verb: TaskAction.Verb, row: UUID) -> TaskAction:
    """The form that was sent twice made one row; it is one action too."""
    known = TaskAction.objects.filter(workspace=task.workspace_id, task=task, verb=verb, created_row=row).first()
    return known or _record(task, actor, verb, before={}, after={}, created_row=row)


def undo_last(*, actor: Member) -> TaskAction | None:
    """Take back the member's last action of the past half hour; ``None`` when there is nothing to undo.

    Raises ``Conflict`` when the task has changed since, saying so instead of overwriting somebody else's work.
    """
    with transaction.atomic():
        mine = TaskAction.objects.filter(
            workspace=actor.workspace_id, member=actor, undone_at__isnull=True, at__gt=clock.now() - UNDO_WINDOW
        )
        last = mine.select_related("task").order_by("-at", "-pk").first()
        if last is None:
            return None
        if last.task.run_id:
            # A pass at work may be completing or clearing the run of this task. No row is locked yet.
            engine.lock_pass(actor.workspace_id, wait=True)
        # A double click waits here for the first and then finds the action undone.
        action = mine.select_for_update(of=("self",)).select_related("task").filter(pk=last.pk).first()
        if action is None:
            return None
        _restore(action)
        action.undone_at = clock.now()
        # An added task takes its actions with it; then there is no row left to write.
        TaskAction.objects.filter(workspace=actor.workspace_id, pk=action.pk).update(undone_at=action.undone_at)
    return action


def _restore(action: TaskAction) -> None:
    if action.created_row is not None:
        for model in (Interaction, Note):
            model._default_manager.filter(workspace=action.workspace_id, pk=action.created_row).delete()
        return
    task = Task.objects.select_for_update(no_key=True).get(workspace=action.workspace_id, pk=action.task_id)
    if action.verb == TaskAction.Verb.ADD:
        if _state_of(task) != action.after:
            raise Conflict("This task has changed since you added it.")
        task.delete()
        return
    if "state" not in action.after and task.state != Task.State.OPEN:
        raise Conflict("This task has been closed since; nothing was undone.")
    now = {field: value for field, value in _state_of(task).items() if field in action.after}
    if now != action.after:
        raise Conflict("This task has changed since; nothing was undone.")
    if "state" in action.after and task.run_id is not None:
        _reopen(task.workspace_id, task.run_id)
    _write(task, action.before)


def _reopen(workspace_id: int, run_id: UUID) -> None:
    """Open the run that completed with a task, so that it clears with its cause again."""
    run = Run.objects.select_for_update(no_key=True).get(workspace=workspace_id, pk=run_id)
    if run.state == Run.State.OPEN:
        return
    if run.state != Run.State.COMPLETED:
        raise Conflict("The cause has cleared since; nothing was undone.")
    newer = Run.objects.filter(
        workspace=workspace_id,
        account=run.account_id,
        playbook=run.playbook_id,
        cause=run.cause,
        state=Run.State.OPEN,
    )
    if newer.exists():
        raise Conflict("The playbook has started again since; nothing was undone.")
    Run.objects.filter(workspace=workspace_id, pk=run_id).update(
        state=Run.State.OPEN, closed_at=None, closed_because=""
    )


RESTORED = (
    "state", "outcome", "outcome_note", "closed_by", "closed_at", "closed_because", "snoozed_until", "snooze_reason",
    "assignee",
)  # fmt: skip


def _field(name: str) -> Field[Any, Any]:
    field = Task._meta.get_field(name)
    if not isinstance(field, Field):
        raise TypeError(f"{name} is not a column of a task")
    return field


def _state_of(task: Task) -> dict[str, Any]:
    """The restorable fields as JSON values."""
    state: dict[str, Any] = {}
    for name in RESTORED:
        value = getattr(task, _field(name).attname)
        if value is not None and not isinstance(value, str):
            value = value.isoformat() if hasattr(value, "isoformat") else str(value)
        state[name] = value
    return state


def _change(actor: Member, task: Task, verb: TaskAction.Verb, after: dict[str, Any]) -> TaskAction:
    """Write ``after`` if the task is still open, and remember what it replaced."""
    with transaction.atomic():
        locked = Task.objects.select_for_update(no_key=True).filter(workspace=task.workspace_id, pk=task.pk).first()
        if locked is None or locked.state != Task.State.OPEN:
            raise Conflict("This task is closed already.")
        before = {field: value for field, value in _state_of(locked).items() if field in after}
        _write(locked, after)
        return _record(
            locked,
            actor,
            verb,
            before=before,
            after={f: v for f, v in _state_of(locked).items() if f in after},
        )


def _write(task: Task, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        field = _field(name)
        read = UUID(value) if field.is_relation and value else field.to_python(value)
        setattr(task, field.attname, read)
    task.save(update_fields=list(fields))


def _record(
    task: Task,
    actor: Member,
    verb: TaskAction.Verb,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
    created_row: UUID | None = None,
) -> TaskAction:
    return TaskAction.objects.create(
        workspace_id=task.workspace_id,
        task=task,
        member=actor,
        verb=verb,
        before=before,
        after=after,
        created_row=created_row,
        at=clock.now(),
    )
