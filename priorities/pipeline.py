"""The pipeline: what is known → levels → playbooks → task ranks, for a whole workspace or for a few accounts alike.

Nothing else computes priorities. Writers only mark accounts (triggers do); ``drain`` takes the marks and ``sweep``
the whole book when the calendar day of the workspace turns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Q

from accounts.computing import compute
from accounts.facts import FactContext, context_for
from accounts.usage import counting
from csworkbench.common import clock
from csworkbench.tenancy.models import Workspace
from playbooks import engine

from .models import RuleSet
from .recompute import rank_tasks, recompute_levels

# One drain takes at most this many marks, so that its transaction stays short.
DRAIN_LIMIT = 5_000
# What a member's own request may drain before it answers; anything larger is the worker's.
INLINE_LIMIT = 200


@dataclass(frozen=True)
class Result:
    """How many rows one pass changed."""

    levels: int = 0
    started: int = 0
    cleared: int = 0
    ranks: int = 0
    known: int = 0
    marks: int = 0

    @property
    def changed(self) -> int:
        return self.known + self.levels + self.started + self.cleared + self.ranks


def run(workspace: Workspace, context: FactContext, accounts: Sequence[UUID] | None = None) -> Result:
    """One pass over all accounts or the given ones; a constant number of statements."""
    rule_set = RuleSet.objects.filter(workspace=workspace, state=RuleSet.State.PUBLISHED).first()
    with _ranking_follows():
        known = compute(workspace, context, accounts)
    levels = recompute_levels(rule_set, context, accounts) if rule_set else 0
    with _ranking_follows():
        runs = engine.scan(workspace, context, accounts)
    return Result(levels, runs.started, runs.cleared, rank_tasks(context, accounts), known)


@contextmanager
def _ranking_follows() -> Iterator[None]:
    """Tasks made within are ranked right after, so their triggers need not mark the accounts again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.pipeline', 'on', true)")
        yield
        cursor.execute("SELECT set_config('app.pipeline', '', true)")


def drain(workspace: Workspace, *, limit: int = DRAIN_LIMIT) -> Result:
    """Recompute the accounts marked dirty; safe to run at any time and any number of times.

    Skips without waiting when another drain holds the workspace: the marks stay for the next tick.
    """
    if not engine.lock_pass(workspace.pk, wait=False):
        return Result()
    with connection.cursor() as cursor:
        cursor.execute(
            # Materialised: as a plain subselect the planner may run it again and again, past the limit.
            "WITH oldest AS MATERIALIZED (SELECT id FROM accounts_dirtyaccount WHERE workspace_id = %s"
            " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED),"
            " taken AS (DELETE FROM accounts_dirtyaccount WHERE workspace_id = %s"
            " AND id IN (SELECT id FROM oldest) RETURNING account_id)"
            " SELECT array_agg(DISTINCT account_id), count(*) FROM taken",
            [workspace.pk, limit, workspace.pk],
        )
        accounts, marks = cursor.fetchone()
    if not marks:
        return Result()
    result = run(workspace, context_for(workspace), accounts)
    _stamp(workspace)
    return replace(result, marks=marks)


def sweep(workspace: Workspace) -> Result:
    """Recompute the whole book and drop the marks it covers."""
    engine.lock_pass(workspace.pk, wait=True)
    # The windows of use end on another day now. Whom that marks is ranked below.
    counting.recount(workspace, workspace.today)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_dirtyaccount WHERE workspace_id = %s", [workspace.pk])
        marks = cursor.rowcount
    result = run(workspace, context_for(workspace))
    _stamp(workspace)
    return replace(result, marks=marks)


def claim_midnight(workspace: Workspace, today: date) -> bool:
    """Whether this caller is the one to sweep ``today``: dates have moved since the last covered day.

    Waits for a pass at work before it locks the workspace's row, which that pass stamps at its end.
    """
    engine.lock_pass(workspace.pk, wait=True)
    return bool(
        Workspace.objects.filter(Q(swept_on__isnull=True) | Q(swept_on__lt=today), pk=workspace.pk).update(
            swept_on=today
        )
    )


def drain_inline(workspace: Workspace) -> None:
    """After a member's write: show them its effect at once, unless it touched more than a page's worth."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM accounts_dirtyaccount WHERE workspace_id = %s LIMIT %s) x",
            [workspace.pk, INLINE_LIMIT + 1],
        )
        waiting = cursor.fetchone()[0]
    if 0 < waiting <= INLINE_LIMIT:
        drain(workspace, limit=INLINE_LIMIT)


def _stamp(workspace: Workspace) -> None:
    workspace.computed_at = clock.now()
    Workspace.objects.filter(pk=workspace.pk).update(computed_at=workspace.computed_at)
