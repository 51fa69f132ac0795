"""Runs enter, step, clear and complete: derived from rows, in sets, every effect with its unique key (PLB-1).

A constant number of statements per playbook version, whatever the number of accounts. Racing workers are harmless:
passes over one workspace follow each other, and should one slip by, the partial unique key on open runs and the key
on (run, step) let one of them win and the others do nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import GreaterThanOrEqual

from accounts.conditions import compile_condition
from accounts.facts import FactContext
from accounts.models import Account
from csworkbench.common import clock
from csworkbench.tenancy.calendar import add_business_days, holidays_of
from csworkbench.tenancy.models import Workspace

from .definitions import Definition, parse_definition
from .models import PlaybookVersion, Run, Task

CLEARED = "The cause has cleared"
PASS_LOCKS = 7_001  # the family of advisory locks; the second key is the workspace


@dataclass(frozen=True)
class Scan:
    """What one scan did: runs started and cleared, tasks made."""

    started: int = 0
    tasks: int = 0
    cleared: int = 0


def lock_pass(workspace_id: int, *, wait: bool) -> bool:
    """Be the only set-based pass over a workspace until the transaction ends; ``False`` when another is at work.

    Two passes update the same rows in different orders and would deadlock. Whoever holds locks on rows already, as a
    member's request does, must not wait: the pass it waits for may need those rows.
    """
    function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [PASS_LOCKS, workspace_id])
        return wait or bool(cursor.fetchone()[0])


def scan(workspace: Workspace, context: FactContext, accounts: Sequence[UUID] | None = None) -> Scan:
    """Bring the runs of a workspace (or of some accounts) up to date with the facts; waits for any other pass.

    Clears first, so that a cause that went away and another that came are told apart; then enters, then makes the
    tasks that are due, then completes runs with nothing left to do.
    """
    if accounts is not None and not accounts:
        return Scan()
    lock_pass(workspace.pk, wait=True)
    started = tasks = cleared = 0
    versions = list(_live_versions(workspace))
    for version in versions:
        definition = parse_definition(version.definition)
        cleared += _clear(version, definition, context, accounts)
        if version.state == PlaybookVersion.State.PUBLISHED and not version.playbook.is_paused:
            started += _enter(version, definition, context, accounts)
    if versions:
        tasks = _step(workspace, versions, context, accounts)
        _complete(workspace, versions, accounts)
    return Scan(started, tasks, cleared)


def _live_versions(workspace: Workspace) -> QuerySet[PlaybookVersion]:
    """Published versions, and retired ones that still have open runs: a run stays on its version."""
    open_runs = Run.objects.filter(workspace=workspace, version=OuterRef("pk"), state=Run.State.OPEN)
    return (
        PlaybookVersion.objects.filter(
            Q(state=PlaybookVersion.State.PUBLISHED) | Exists(open_runs), workspace=workspace
        )
        .exclude(state=PlaybookVersion.State.DRAFT)
        .select_related("playbook")
        .order_by("playbook__key", "number")
    )


def _accounts(context: FactContext, accounts: Sequence[UUID] | None) -> QuerySet[Account]:
    queryset = Account.objects.filter(workspace=context.workspace_id).order_by()
    return queryset if accounts is None else queryset.filter(pk__in=accounts)


def entering(
    version: PlaybookVersion,
    definition: Definition,
    context: FactContext,
    accounts: Sequence[UUID] | None = None,
) -> QuerySet[Account]:
    """The accounts that would start a run now: the trigger holds, none is open, the cooldown is over."""
    same_cause = Run.objects.filter(
        workspace=context.workspace_id, playbook=version.playbook_id, cause=definition.cause
    )
    since = clock.now() - timedelta(days=definition.cooldown_days)
    # A cleared run may return as soon as its cause does; a handled one rests first (QUE-3).
    handled = Q(state__in=[Run.State.COMPLETED, Run.State.CANCELLED], closed_at__gt=since)
    barred = same_cause.filter(Q(state=Run.State.OPEN) | handled).values("account")
    return _accounts(context, accounts).filter(compile_condition(definition.trigger, context)).exclude(pk__in=barred)


def _enter(
    version: PlaybookVersion, definition: Definition, context: FactContext, accounts: Sequence[UUID] | None
) -> int:
    select, parameters = entering(version, definition, context, accounts).values_list("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            # The SELECT is the ORM's text with its values bound.
            "INSERT INTO playbooks_run (workspace_id, account_id, playbook_id, version_id, cause, state, started_on,"  # noqa: S608
            " started_at, closed_because)"
            " SELECT %s, e.account_id, %s, %s, %s, 'open', %s, %s, ''"
            f" FROM ({select}) AS e (account_id)"
            " ON CONFLICT (workspace_id, account_id, playbook_id, cause) WHERE state = 'open' DO NOTHING",
            [
                context.workspace_id,
                version.playbook_id,
                version.pk,
                definition.cause,
                context.today,
                clock.now(),
                *parameters,
            ],
        )
        return int(cursor.rowcount)


STEP = """
INSERT INTO playbooks_task (workspace_id, account_id, run_id, step_key, title, details, kind, source, severity, due_on,
                            state, snooze_reason, outcome, outcome_note, why_facts, created_at, closed_because)
SELECT r.workspace_id, r.account_id, r.id, s.key, s.title, s.details, s.kind, 'playbook', s.severity, s.due_on,
       'open', '', '', '', w.why_facts, %(now)s, ''
FROM playbooks_run r
JOIN unnest(%(versions)s::uuid[], %(keys)s::text[], %(titles)s::text[], %(details)s::text[], %(kinds)s::text[],
            %(severities)s::smallint[], %(started_by)s::date[], %(due)s::date[], %(why)s::text[])
     AS s (version_id, key, title, details, kind, severity, started_by, due_on, why)
     ON s.version_id = r.version_id
CROSS JOIN LATERAL (SELECT string_to_array(s.why, ',') AS why_facts) w
WHERE r.workspace_id = %(workspace)s AND r.state = 'open' AND r.started_on <= s.started_by{only}
  AND NOT EXISTS (SELECT 1 FROM playbooks_task t
                  WHERE t.workspace_id = r.workspace_id AND t.run_id = r.id AND t.step_key = s.key)
ON CONFLICT (workspace_id, run_id, step_key) WHERE run_id IS NOT NULL DO NOTHING
"""


def _step(
    workspace: Workspace,
    versions: list[PlaybookVersion],
    context: FactContext,
    accounts: Sequence[UUID] | None,
) -> int:
    """Make every task whose day has come, for all versions in one statement."""
    holidays = holidays_of(workspace.pk, context.today)
    rows = [
        (version.pk, definition, step)
        for version in versions
        for definition in [parse_definition(version.definition)]
        for step in definition.steps
    ]
    parameters: dict[str, Any] = {
        "now": clock.now(),
        "workspace": workspace.pk,
        "accounts": list(accounts or []),
        "versions": [version for version, _, _ in rows],
        "keys": [step.key for _, _, step in rows],
        "titles": [step.title for _, _, step in rows],
        "details": [step.details for _, _, step in rows],
        "kinds": [step.kind for _, _, step in rows],
        "severities": [step.severity for _, _, step in rows],
        "started_by": [context.today - timedelta(days=step.after_days) for _, _, step in rows],
        "due": [add_business_days(context.today, step.due_business_days, holidays) for _, _, step in rows],
        "why": [",".join(definition.facts) for _, definition, _ in rows],
    }
    with connection.cursor() as cursor:
        cursor.execute(
            STEP.format(only="" if accounts is None else " AND r.account_id = ANY(%(accounts)s)"), parameters
        )
        return int(cursor.rowcount)


def _clear(
    version: PlaybookVersion, definition: Definition, context: FactContext, accounts: Sequence[UUID] | None
) -> int:
    """Close the runs whose cause no longer holds, and their open tasks with them.

    The trigger is asked once per account, in a list made once: joined to the runs, a planner that knows nothing yet of
    fresh tables asks it for every pair.
    """
    still = _accounts(context, accounts).filter(compile_condition(definition.trigger, context)).values("pk")
    open_runs = _open_runs(version, accounts)
    now = clock.now()
    cleared = open_runs.exclude(account__in=still).update(
        state=Run.State.CLEARED, closed_at=now, closed_because=CLEARED
    )
    if cleared:
        just_now = Run.objects.filter(
            workspace=context.workspace_id, version=version, state=Run.State.CLEARED, closed_at=now
        )
        Task.objects.filter(workspace=context.workspace_id, run__in=just_now, state=Task.State.OPEN).update(
            state=Task.State.CLEARED, closed_at=now, closed_because=CLEARED
        )
    return cleared


def _open_runs(version: PlaybookVersion, accounts: Sequence[UUID] | None) -> QuerySet[Run]:
    runs = Run.objects.filter(workspace=version.workspace_id, version=version, state=Run.State.OPEN)
    return runs if accounts is None else runs.filter(account__in=accounts)


def _complete(workspace: Workspace, versions: list[PlaybookVersion], accounts: Sequence[UUID] | None) -> None:
    """Close the runs whose every step has made its task and whose tasks are all closed."""
    tasks = Task.objects.filter(workspace=workspace, run=OuterRef("pk")).order_by().values("run")
    waiting = Count("pk", filter=Q(state=Task.State.OPEN))
    for version in versions:
        steps = len(parse_definition(version.definition).steps)
        # A number per run, from its own index entries, for the reason given above.
        done = Subquery(tasks.annotate(done=Count("pk") - waiting * (steps + 1)).values("done"))
        _open_runs(version, accounts).filter(GreaterThanOrEqual(done, steps)).update(
            state=Run.State.COMPLETED, closed_at=clock.now(), closed_because="Every step is done"
        )
