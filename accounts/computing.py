"""What the pipeline computes about accounts before it ranks them, for a whole book or a handful by the same code.

Each step is set-based: a constant number of statements whatever the number of accounts, and only rows that change are
written. Steps run in order, because later ones may test what earlier ones decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import connection

from csworkbench.tenancy.models import Workspace

from .facts import FactContext
from .growth.offers import find_candidates
from .growth.subtypes import classify
from .health.scoring import judge_health
from .onboarding.records import follow_onboarding
from .plans.following import follow_outcomes
from .renewals.revenue import note_revenue

# (workspace, context, accounts or None for all) → rows changed
Step = Callable[[Workspace, FactContext, Sequence[UUID] | None], int]
STEPS: tuple[Step, ...] = (
    classify,
    follow_onboarding,
    follow_outcomes,
    judge_health,
    find_candidates,
    note_revenue,
)


def compute(workspace: Workspace, context: FactContext, accounts: Sequence[UUID] | None = None) -> int:
    """Run every step; returns how many rows changed. The caller holds the workspace's pass and switches marks off."""
    if accounts is not None and not accounts:
        return 0
    return sum(step(workspace, context, accounts) for step in STEPS)


def mark_book(workspace: Workspace) -> None:
    """Mark every account of a workspace: what decides about all of them has changed (a scorecard, a subtype)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_dirtyaccount (workspace_id, account_id)"
            " SELECT workspace_id, id FROM accounts_account WHERE workspace_id = %s ORDER BY id",
            [workspace.pk],
        )
