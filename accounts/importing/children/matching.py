"""Which row of the database each staged row is about, and which rows of the file are about the same.

Aliases: ``s`` the staged row, ``m`` its match, ``a`` its account, ``c`` the row of the database (NULL for a new one).
"""

# ruff: noqa: S608 - text from outside never reaches a statement: names come from this package, values are parameters

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from csworkbench.imports.staging import Stage

from .problems import note, title


@dataclass(frozen=True)
class Way:
    """One way to know a row of the database again: what of the staged row equals what of the other.

    ``same``: SQL over ``s`` → SQL over ``c``. ``when`` (over ``s``) and ``among`` (over ``c``) narrow both sides.
    ``anywhere`` looks beyond the account of the row.
    A way that ``adopts`` yields to a row of the file with a better claim, and then makes a new one. ``ties`` (over
    ``s``) are rows that are the same as another row of the file with the same values; ``leads`` orders who is first.
    """

    same: Mapping[str, str]
    when: str = "true"
    among: str = "true"
    anywhere: bool = False
    adopts: bool = False
    ties: str = "false"
    leads: str = "true"

    def join(self, table: str, name: str) -> str:
        """A join to the row that is meant, with how many could be."""
        keys = [f"{child} AS k{at}" for at, child in enumerate(self.same.values())]
        equal = [f"{name}.k{at} = {staged}" for at, staged in enumerate(self.same)]
        if not self.anywhere:
            keys.append("c.account_id AS place")
            equal.append(f"{name}.place = p.id")
        places = "" if self.anywhere else " AND c.account_id IN (SELECT id FROM import_account)"
        groups = ", ".join(str(at + 1) for at in range(len(keys)))
        return (
            f"LEFT JOIN (SELECT {', '.join(keys)}, min(c.id::text)::uuid AS id, count(*)::int AS n FROM {table} c"
            f" WHERE c.workspace_id = %(workspace)s AND {self.among}{places} GROUP BY {groups}) {name}"
            f" ON {' AND '.join(equal)} AND {self.when}"
        )

    def first_row(self, apart: str) -> str:
        """The row of the file that a tied row repeats, over ``s`` and ``m``; NULL where nothing is repeated."""
        filled = " AND ".join([self.when, *(f"{staged} IS NOT NULL" for staged in self.same)])
        parts = [f"({filled})", f"({apart})", *self.same] + ([] if self.anywhere else ["m.account_id"])
        window = f"PARTITION BY {', '.join(parts)}"
        return (
            f"CASE WHEN {filled} AND {self.ties} AND bool_or(m.found IS NULL) OVER ({window})"
            f" THEN first_value(m.row) OVER ({window} ORDER BY {self.leads}, m.row) END"
        )


def match(stage: Stage, table: str, ways: Sequence[Way]) -> None:
    """``import_match``: each row without problems, its account, and what it is about (``found``, NULL when new).

    ``several`` says that no way leads to just one.
    """
    names = [f"w{at}" for at in range(len(ways))]
    found = " ".join(f"WHEN {name}.n = 1 THEN {name}.id" for name in names)
    adopting = " ".join(
        f"WHEN {name}.n = 1 THEN {str(way.adopts).lower()}" for name, way in zip(names, ways, strict=True)
    )
    most = ", ".join(f"{name}.n" for name in names)
    stage.run("DROP TABLE IF EXISTS import_match")
    stage.run(
        f"""
        CREATE TEMP TABLE import_match ON COMMIT DROP AS
        SELECT row, account_id, CASE WHEN adopts AND (is_new OR nth > 1) THEN NULL ELSE found END AS found, several
        FROM (
            SELECT x.*, row_number() OVER (PARTITION BY found ORDER BY adopts, row) AS nth FROM (
                SELECT s.row, p.id AS account_id, CASE {found} END AS found, CASE {adopting} ELSE false END AS adopts,
                    CASE {found} END IS NULL AND coalesce(greatest({most}), 0) > 1 AS several,
                    coalesce(k.verdict = 'new', false) AS is_new
                FROM import_stage s JOIN import_account p ON p.row = s.row
                {" ".join(way.join(table, name) for name, way in zip(names, ways, strict=True))}
                LEFT JOIN import_known k ON k.row = s.row
                WHERE s.row NOT IN (SELECT row FROM import_verdict)) x) y
        """
    )
    stage.run("ANALYZE import_match")


def matched(table: str) -> str:
    """``FROM`` of the matched rows with their accounts and what they are about."""
    return (
        "FROM import_match m JOIN import_stage s ON s.row = m.row"
        " JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.id = m.account_id"
        f" LEFT JOIN {table} c ON c.workspace_id = %(workspace)s AND c.id = m.found"
    )


def drop_rejected(stage: Stage) -> None:
    """Rows that have their verdict are matched no longer."""
    stage.run("DELETE FROM import_match WHERE row IN (SELECT row FROM import_verdict)")


def report_twins(stage: Stage, ways: Sequence[Way], field: str, noun: str, apart: str) -> None:
    """The same thing in a second row of the file: reported, applied once. With other values a person has to look.

    Rows that ``apart`` (SQL over ``s``) tells apart are about different things.
    """
    tied = ", ".join([*(way.first_row(apart) for way in ways if way.ties != "false"), "NULL::integer"])
    same_found = f"CASE WHEN m.found IS NOT NULL THEN min(m.row) OVER (PARTITION BY m.found, ({apart})) END"
    stage.run("DROP TABLE IF EXISTS import_twin")
    found = stage.run(
        f"""
        CREATE TEMP TABLE import_twin ON COMMIT DROP AS
        SELECT row, coalesce(by_found, tied) AS first_row FROM (
            SELECT m.row, nullif({same_found}, m.row) AS by_found, nullif(least({tied}), m.row) AS tied
            FROM import_match m JOIN import_stage s ON s.row = m.row) x
        WHERE coalesce(by_found, tied) IS NOT NULL
        """
    )
    if not found:
        return
    same = " AND ".join(
        f"s.{name} IS NOT DISTINCT FROM f.{name}" for name in stage.columns if not name.endswith("_written")
    )
    message = (
        f"CASE WHEN {same} THEN format('Row %%s is the same; this one is not applied again.', f.row)"
        f" ELSE format('Row %%s is about the same {noun} with other values; only that one is applied.', f.row) END"
    )
    stage.run(
        f"""
        INSERT INTO import_verdict
        SELECT s.row, 'duplicate', NULL, NULL, jsonb_build_array(jsonb_build_object('field', '{field}',
            'column', %(title)s::text, 'value', NULL, 'message', {message}, 'suggestions', '[]'::jsonb,
            'code', CASE WHEN {same} THEN 'duplicate' ELSE 'other_values' END))
        FROM import_twin t JOIN import_stage s ON s.row = t.row JOIN import_stage f ON f.row = t.first_row
        """,
        title=title(stage, field),
    )
    drop_rejected(stage)


def note_ambiguous(stage: Stage, table: str, field: str, several: str) -> None:
    """Rows that could be about more than one row of the database; ``several`` is SQL of the message."""
    note(stage, field, "ambiguous", several, f"{matched(table)} WHERE m.several")
