"""The temporary tables of one import, and the only cursor of this app.

``COPY`` into a table behind row-level security is refused by PostgreSQL, so rows arrive in ``import_stage`` and move
on by ``INSERT … SELECT``. ``import_verdict`` holds what a kind decides about each staged row that is not simply
unchanged, ``import_known`` what was decided and approved before, when there is such a thing. They vanish with the
transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

VERDICTS = ("new", "changed", "unchanged", "rejected", "duplicate", "conflict", "crm")
# For the transaction of a stage. The statistics do not know a workspace that has just been filled, and expect one row
# of it: nested loops over "one row" then took 145 s for a chunk of 20,000 rows that hashes join in 6 s.
SETTINGS = {"statement_timeout": "300s", "work_mem": "96MB", "enable_nestloop": "off"}
# Of each problem, so many different values are offered for correction.
VALUES_SHOWN = 50
KEPT_OF_VALUES = ("value", "rows", "row", "message", "suggestions", "own")


class Stage:
    """Staged rows of one workspace inside the open transaction."""

    def __init__(
        self,
        workspace_id: int,
        columns: Mapping[str, str],
        options: Mapping[str, Any] | None = None,
        *,
        crm_owned: frozenset[str] = frozenset(),
    ) -> None:
        self.workspace_id = workspace_id
        # Staged columns that the CRM has the last word on: compared, shown as held, not written.
        self.crm_owned = crm_owned
        self.columns = dict(columns)
        # What a kind wants to know about the import: the workspace's day, its currency, defaults of the mapping.
        self.options = dict(options or {})

    def fill(self, pieces: Iterable[bytes]) -> None:
        """Create the tables anew and COPY rows into them."""
        for name, value in SETTINGS.items():
            self.run("SELECT set_config(%(name)s, %(value)s, true)", name=name, value=value)
        self.run("DROP TABLE IF EXISTS import_stage, import_verdict, import_known")
        columns = "".join(f", {name} {kind}" for name, kind in self.columns.items())
        self.run(f"CREATE TEMP TABLE import_stage (row integer, problems jsonb, cells text{columns}) ON COMMIT DROP")
        for table in ("import_verdict", "import_known"):
            self.run(
                f"CREATE TEMP TABLE {table} (row integer, verdict text, target_id uuid, changes jsonb, problems jsonb,"
                " held jsonb) ON COMMIT DROP"
            )
        with connection.cursor() as cursor, cursor.copy("COPY import_stage FROM STDIN") as copy:
            for piece in pieces:
                copy.write(piece)

    def has(self, column: str) -> bool:
        """Whether the file gives this column."""
        return column in self.columns

    def run(self, statement: str, **values: Any) -> int:
        """Run one statement; ``%(workspace)s`` and the options are always at hand. Returns the number of rows."""
        with connection.cursor() as cursor:
            cursor.execute(statement, {"workspace": self.workspace_id} | self.options | values)
            return int(cursor.rowcount)

    def write(self, statement: str, **values: Any) -> int:
        """Run a statement that writes many rows of a table with triggers.

        The history trigger joins old to new rows by a plan that the session keeps from its first update. Made for
        one row, that plan took 204 s for 20,000 rows; made anew, 4 s.
        """
        self.run("DISCARD PLANS")
        return self.run(statement, **values)

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with connection.cursor() as cursor:
            cursor.execute(statement, {"workspace": self.workspace_id} | self.options | values)
            return list(cursor.fetchall())

    def counts(self) -> dict[str, int]:
        """Rows per verdict."""
        found: dict[str, int] = dict.fromkeys(VERDICTS, 0)
        found |= dict(self.rows("SELECT verdict, count(*)::int FROM import_verdict GROUP BY verdict"))
        found["unchanged"] = self.rows("SELECT count(*)::int FROM import_stage")[0][0] - sum(found.values())
        return found

    def record(self, import_id: UUID) -> None:
        """Keep every row that is not simply unchanged, in place of what an earlier comparison kept."""
        self.run(
            "DELETE FROM imports_importrow WHERE workspace_id = %(workspace)s AND import_batch_id = %(id)s",
            id=import_id,
        )
        self.run(
            """
            INSERT INTO imports_importrow
                (workspace_id, import_batch_id, number, verdict, target_id, cells, problems, changes, held, undo,
                 kept_because)
            SELECT %(workspace)s, %(id)s, v.row, v.verdict, v.target_id, s.cells::jsonb, coalesce(v.problems, '[]'),
                coalesce(v.changes, '{}'), coalesce(v.held, '{}'), '', '[]'
            FROM import_verdict v JOIN import_stage s ON s.row = v.row ORDER BY v.row
            """,
            id=import_id,
        )

    def recall(self, import_id: UUID) -> None:
        """Fill ``import_known`` with what was approved for the staged rows."""
        self.run(
            """
            INSERT INTO import_known
            SELECT r.number, r.verdict, r.target_id, r.changes FROM import_stage s JOIN imports_importrow r
                ON r.workspace_id = %(workspace)s AND r.import_batch_id = %(id)s AND r.number = s.row
            """,
            id=import_id,
        )
        self.run("ANALYZE import_known")

    def hold_back_conflicts(self) -> None:
        """A row that would now write something else than was approved is not written (concurrent edits).

        Where nothing but what the CRM owns is left of it, somebody has written the same: no conflict either.
        """
        self.run(
            """
            UPDATE import_verdict v SET verdict = 'conflict', problems = jsonb_build_array(jsonb_build_object(
                'field', '', 'column', '', 'value', NULL, 'code', 'conflict', 'suggestions', '[]'::jsonb, 'message',
                'Someone changed this since the comparison. Upload the rejects to see the difference again.'))
            FROM import_known k WHERE k.row = v.row AND v.verdict <> 'crm'
                AND (v.verdict <> k.verdict OR coalesce(v.changes, '{}') <> k.changes)
            """
        )

    def settle(self, import_id: UUID) -> None:
        """Keep what became of the approved rows where it is not what was approved."""
        self.run(
            """
            UPDATE imports_importrow r
            SET verdict = coalesce(v.verdict, 'unchanged'), problems = coalesce(v.problems, r.problems)
            FROM import_known k LEFT JOIN import_verdict v ON v.row = k.row
            WHERE coalesce(v.verdict, 'unchanged') <> k.verdict
                AND r.workspace_id = %(workspace)s AND r.import_batch_id = %(id)s AND r.number = k.row
            """,
            id=import_id,
        )
        # What triggers planned for a set here must not serve single rows later in this session.
        self.run("DISCARD PLANS")

    def problem_summary(self) -> list[dict[str, Any]]:
        """Problems by column and reason, the most frequent first, each with its values, the most frequent first.

        ``[{"field", "column", "code", "rows", "different", "values": [{"value", "rows", "row", "message",
        "suggestions", "own"}]}]``: ``row`` is the first with that value, ``different`` counts all values. ``own`` are
        the rows that have suggestions, where those are not the same in every row.
        """
        found = self.rows(
            """
            WITH problem AS (
                SELECT p ->> 'field' AS field, p ->> 'column' AS label, p ->> 'code' AS code,
                    coalesce(p ->> 'value', '') AS value, count(*)::int AS rows, min(v.row) AS first,
                    (array_agg(p ORDER BY v.row))[1] AS example,
                    CASE WHEN count(DISTINCT p -> 'suggestions') > 1
                        THEN count(*) FILTER (WHERE p -> 'suggestions' <> '[]') ELSE 0 END AS own
                FROM import_verdict v CROSS JOIN LATERAL jsonb_array_elements(v.problems) p
                WHERE v.problems IS NOT NULL GROUP BY 1, 2, 3, 4)
            SELECT field, label, code, sum(rows)::int, count(*)::int,
                (array_agg(example || jsonb_build_object('row', first, 'rows', rows, 'own', own)
                    ORDER BY rows DESC, first))[1:%(shown)s]
            FROM problem GROUP BY 1, 2, 3 ORDER BY 4 DESC, 2, 3
            """,
            shown=VALUES_SHOWN,
        )
        names = ("field", "column", "code", "rows", "different")
        # Elements of an array of jsonb arrive as text: Django decodes JSON in its own field only.
        return [
            dict(zip(names, row[:-1], strict=True))
            | {"values": [{name: value[name] for name in KEPT_OF_VALUES} for value in map(json.loads, row[-1])]}
            for row in found
        ]
