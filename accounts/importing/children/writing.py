"""Old → new of matched rows, and writing them: a constant number of statements whatever the number of rows."""

# ruff: noqa: S608 - text from outside never reaches a statement: names come from this package, values are parameters

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Model

from accounts.importing.statements import any_of, insert
from csworkbench.imports.staging import Stage

from .matching import matched

CHANGING = "v.verdict IN ('new', 'changed')"


@dataclass(frozen=True)
class Values:
    """What the file says of a table: column → SQL over ``s`` and ``c``, NULL where a cell says nothing.

    ``owned`` are columns that the CRM has the last word on, for the rows that it knows (``known``, SQL over ``a`` and
    ``c``): what the file says of them is held back.
    """

    table: str
    columns: Mapping[str, str]
    owned: frozenset[str]
    known: str

    def differs(self, name: str) -> str:
        return f"({self.columns[name]} IS NOT NULL AND c.{name} IS DISTINCT FROM {self.columns[name]})"

    def held(self, name: str) -> str:
        """Whether this column differs and is the CRM's."""
        return f"({self.differs(name)} AND {self.known})" if name in self.owned else "false"

    def written(self, name: str) -> str:
        """Whether this column differs and would be written."""
        return (
            f"({self.differs(name)} AND NOT coalesce({self.known}, false))"
            if name in self.owned
            else self.differs(name)
        )

    def pair(self, name: str) -> str:
        return f"jsonb_build_array(to_jsonb(c.{name}), to_jsonb({self.columns[name]}))"

    @property
    def changes(self) -> str:
        """Old → new of what would be written; a value that is there already counts as approved when it was."""
        arguments = [
            f"'{name}', CASE WHEN {self.written(name)} THEN {self.pair(name)}"
            f" WHEN k.changes -> '{name}' -> 1 = to_jsonb({self.columns[name]}) THEN k.changes -> '{name}' END"
            for name in self.columns
        ]
        return f"jsonb_strip_nulls(jsonb_build_object({', '.join(arguments)}))"

    @property
    def held_back(self) -> str:
        """Old → new of what is the CRM's."""
        arguments = [f"'{name}', CASE WHEN {self.held(name)} THEN {self.pair(name)} END" for name in sorted(self.owned)]
        return f"jsonb_strip_nulls(jsonb_build_object({', '.join(arguments)}))"

    @property
    def any_written(self) -> str:
        return any_of(map(self.written, self.columns))

    @property
    def any_held(self) -> str:
        return any_of(map(self.held, sorted(self.owned)))


def give_verdicts(stage: Stage, values: Values) -> None:
    """New, changed, or differing only in what is the CRM's; the id of a new row is given here, once."""
    stage.run(
        f"""
        INSERT INTO import_verdict (row, verdict, target_id)
        SELECT m.row, CASE WHEN m.found IS NULL THEN 'new' WHEN {values.any_written} THEN 'changed' ELSE 'crm' END,
            coalesce(m.found, k.target_id, uuidv7())
        {matched(values.table)} LEFT JOIN import_known k ON k.row = m.row AND k.verdict = 'new'
        WHERE m.found IS NULL OR {values.any_written} OR {values.any_held}
        """
    )
    stage.run("ANALYZE import_verdict (row, verdict)")


def write_changes(stage: Stage, values: Values, *, with_new: bool) -> None:
    """Old → new per column of the rows that differ, and of the new ones where that is to be kept."""
    fresh = "'new', " if with_new else ""
    stage.run(
        f"""
        UPDATE import_verdict v SET changes = kept.changes, held = kept.held FROM (
            SELECT m.row, {values.changes} AS changes, {values.held_back} AS held
            {matched(values.table)} LEFT JOIN import_known k ON k.row = m.row
            WHERE m.found IS NOT NULL OR {str(with_new).lower()}) kept
        WHERE kept.row = v.row AND v.verdict IN ({fresh}'changed', 'crm')
        """
    )


def update_rows(stage: Stage, values: Values) -> None:
    """Write what differs into the rows that are there."""
    sets = [
        f"{name} = CASE WHEN {values.written(name)} THEN {value} ELSE c.{name} END"
        for name, value in values.columns.items()
    ]
    stage.write(
        f"""
        UPDATE {values.table} c SET {", ".join(sets)}
        FROM import_match m JOIN import_verdict v ON v.row = m.row JOIN import_stage s ON s.row = m.row
        JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.id = m.account_id
        WHERE c.workspace_id = %(workspace)s AND c.id = m.found AND v.verdict = 'changed'
        """
    )


def insert_rows(stage: Stage, model: type[Model], values: Values, fixed: Mapping[str, str]) -> None:
    """Make the new rows, under the ids that were approved; a row that lost a race becomes a conflict."""
    expected = stage.rows("SELECT count(*)::int FROM import_verdict WHERE verdict = 'new'")[0][0]
    if not expected:
        return
    base = {"id": "v.target_id", "workspace_id": "%(workspace)s", "account_id": "m.account_id"}
    statement, defaults = insert(
        model,
        base | dict(fixed) | dict(values.columns),
        f"FROM import_match m JOIN import_verdict v ON v.row = m.row JOIN import_stage s ON s.row = m.row"
        f" LEFT JOIN {values.table} c ON false WHERE v.verdict = 'new' ORDER BY m.row ON CONFLICT DO NOTHING",
    )
    if stage.run(statement, **defaults) < expected:
        stage.run(
            f"UPDATE import_verdict v SET verdict = 'conflict' WHERE v.verdict = 'new' AND NOT EXISTS"
            f" (SELECT 1 FROM {values.table} c WHERE c.workspace_id = %(workspace)s AND c.id = v.target_id)"
        )
