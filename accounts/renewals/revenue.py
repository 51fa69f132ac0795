"""The history of MRR: one row on the day it changed, noted by the pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from accounts.facts import FactContext
from csworkbench.tenancy.models import Workspace

NOTE = """
WITH noted AS (
    UPDATE accounts_accountfigures f SET mrr_noted_minor = f.mrr_minor
    WHERE f.workspace_id = %(workspace)s AND coalesce(f.mrr_noted_minor, 0) <> f.mrr_minor {among}
    RETURNING f.workspace_id, f.account_id, f.mrr_minor
)
INSERT INTO accounts_revenueday (workspace_id, account_id, day, mrr_minor)
SELECT workspace_id, account_id, %(today)s, mrr_minor FROM noted
ON CONFLICT (workspace_id, account_id, day) DO UPDATE SET mrr_minor = EXCLUDED.mrr_minor
"""


def note_revenue(workspace: Workspace, context: FactContext, accounts: Sequence[UUID] | None = None) -> int:
    """Note the MRR of accounts where it is another than the last that was noted; one statement. Returns the rows.

    An account that never had any MRR has no row. A second change on one day replaces the first.
    """
    among = "" if accounts is None else "AND f.account_id = ANY(%(accounts)s)"
    with connection.cursor() as cursor:
        cursor.execute(
            NOTE.format(among=among),
            {"workspace": workspace.pk, "today": context.today, "accounts": list(accounts or ())},
        )
        return int(cursor.rowcount)
