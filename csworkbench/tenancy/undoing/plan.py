"""The temporary tables of one undo: what a cause wrote, what stands there now, and what stands in the way.

``undo_entry``    entries of the ledger, each with the unit it is taken back with
``undo_row``      the rows they are about; rows that follow from a row to delete join them
``undo_field``    old and new of each column that was updated; of each key, where a column holds an object
``undo_later``    what others wrote to those rows afterwards
``undo_conflict`` why a unit stays as it is
They vanish with the transaction.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection

from csworkbench.tenancy.models import Workspace

TABLES = ("undo_entry", "undo_beside", "undo_row", "undo_field", "undo_later", "undo_conflict", "undo_write")
# As for a stage of an import: statistics do not know rows that have just been written, and joins of "one row" in
# loops take minutes. Loops that are meant stand in LATERAL subqueries with an OFFSET.
SETTINGS = {"statement_timeout": "120s", "work_mem": "96MB", "enable_nestloop": "off"}
# The cause of an undo starts with it; what an undo wrote is told by it from what it took back.
UNDO_OF = "undo of "


class Plan:
    """What is taken back together in the open transaction: units of one cause in one workspace."""

    def __init__(self, workspace: Workspace, cause_id: UUID) -> None:
        self.workspace = workspace
        self.cause_id = cause_id

    def start(self) -> None:
        """Forget an earlier plan of the same transaction."""
        for name, value in SETTINGS.items():
            self.run("SELECT set_config(%(name)s, %(value)s, true)", name=name, value=value)
        self.run(f"DROP TABLE IF EXISTS {', '.join(TABLES)}")

    def run(self, statement: str, **values: Any) -> int:
        """Run one statement; ``%(workspace)s``, ``%(cause)s`` and ``%(undo)s`` are at hand. Returns rows."""
        with connection.cursor() as cursor:
            cursor.execute(statement, self._known | values)
            return int(cursor.rowcount)

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with connection.cursor() as cursor:
            cursor.execute(statement, self._known | values)
            return list(cursor.fetchall())

    def write(self, statement: str, **values: Any) -> int:
        """Run a statement that writes many rows of a table with triggers, whose plans are made for the rows at hand."""
        self.run("DISCARD PLANS")
        return self.run(statement, **values)

    @property
    def _known(self) -> dict[str, Any]:
        return {"workspace": self.workspace.pk, "cause": self.cause_id, "undo": UNDO_OF}
