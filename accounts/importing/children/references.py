"""Which account a cell means: by the ids of three systems, by any of them, or by its name."""

# ruff: noqa: S608 - text from outside never reaches a statement: names come from this package, values are parameters

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.importing.statements import IDS, UNIQUE_IDS
from accounts.importing.twins import LABELS
from csworkbench.imports.staging import Stage

from .problems import note
from .whose import ACCOUNT_KEYS


@dataclass(frozen=True)
class Lookup:
    """One way from a cell to an account; ``found`` and ``several`` are SQL over the joins, ``written`` over ``s``."""

    name: str
    field: str
    label: str
    found: str
    several: str
    written: str

    @property
    def given(self) -> str:
        return f"{self.written} IS NOT NULL"


@dataclass(frozen=True)
class Reference:
    """Cells that name an account. Staged columns begin with ``prefix``; ``fields``: way to name it → field."""

    prefix: str
    fields: dict[str, str]
    demanded: bool = True
    # A column that the staged rows get: the account that is meant.
    into: str = ""

    def ways(self, stage: Stage) -> list[Lookup]:
        """The ways that the file gives, strongest first."""
        pre = self.prefix
        ways = [
            Lookup(name, self.fields[name], f"{LABELS[name]} ", f"by_{name}.id", "false", f"s.{pre}_{name}_written")
            for name in IDS
            if name in self.fields and stage.has(f"{pre}_{name}")
        ]
        if "key" in self.fields and stage.has(f"{pre}_key"):
            found = "CASE WHEN by_key.n = 1 THEN by_key.id END"
            ways.append(Lookup("key", self.fields["key"], "id ", found, "by_key.n > 1", f"s.{pre}_key"))
        if stage.has(f"{pre}_name"):
            found = (
                "CASE WHEN by_text.n = 1 THEN by_text.id WHEN by_text.id IS NULL AND by_name.n = 1 THEN by_name.id END"
            )
            several = "coalesce(by_text.n, by_name.n) > 1"
            ways.append(Lookup("name", self.fields["name"], "name ", found, several, f"s.{pre}_name"))
        return ways

    def joins(self, stage: Stage) -> str:
        """Joins from the staged row to every account that it names."""
        pre, parts = self.prefix, []
        for way in self.ways(stage):
            if way.name == "key":
                parts.append(f"LEFT JOIN import_called by_key ON by_key.sort = 'id' AND by_key.key = s.{pre}_key")
            elif way.name == "name":
                parts.append(f"LEFT JOIN import_called by_text ON by_text.sort = 'id' AND by_text.key = s.{pre}_name")
                parts.append(
                    f"LEFT JOIN import_called by_name ON by_name.sort = 'name' AND by_name.key = s.{pre}_search"
                )
            else:
                parts.append(f"LEFT JOIN {holders(way.name)} by_{way.name} ON by_{way.name}.{way.name}")
                parts[-1] += f" = s.{pre}_{way.name}"
        return " ".join(parts)

    def place(self, stage: Stage) -> None:
        """``import_PREFIX``: for each row its account, or why there is none; problems go to ``import_unfit``."""
        ways = self.ways(stage)
        founds = ", ".join(f"{way.found} AS by_{way.name}" for way in ways)
        severals = ", ".join(f"coalesce({way.several}, false) AS several_{way.name}" for way in ways)
        strongest = f"coalesce({', '.join(f'x.by_{way.name}' for way in ways)})"
        stage.run(f"DROP TABLE IF EXISTS import_{self.prefix}")
        stage.run(
            f"""
            CREATE TEMP TABLE import_{self.prefix} ON COMMIT DROP AS
            SELECT s.row, h.id, CASE {self.reasons(ways)} END AS reason
            FROM (SELECT s.row, {founds}, {severals} FROM import_stage s {self.joins(stage)}) x
            JOIN import_stage s ON s.row = x.row
            LEFT JOIN accounts_account h ON h.workspace_id = %(workspace)s AND h.id = {strongest}
            """
        )
        stage.run(f"ANALYZE import_{self.prefix}")
        if self.into:
            stage.run(f"ALTER TABLE import_stage ADD COLUMN {self.into} uuid")
            stage.run(f"UPDATE import_stage s SET {self.into} = p.id FROM import_{self.prefix} p WHERE p.row = s.row")
        self.note_problems(stage, ways)

    def reasons(self, ways: Sequence[Lookup]) -> str:
        """Branches of a CASE: why a row names no account that it can be about."""
        cases = []
        for at, strong in enumerate(ways):
            cases += [
                f"WHEN x.by_{strong.name} <> x.by_{weak.name} THEN 'clash_{weak.name}'" for weak in ways[at + 1 :]
            ]
            if strong.name in IDS:
                # Found by something weaker, but that account has another id of this system.
                cases.append(
                    f"WHEN {strong.given} AND x.by_{strong.name} IS NULL AND h.{strong.name} <> ''"
                    f" AND h.{strong.name} <> s.{self.prefix}_{strong.name} THEN 'unknown_{strong.name}'"
                )
        cases += [
            f"WHEN h.id IS NULL AND {way.given} THEN CASE WHEN x.several_{way.name} THEN 'several_{way.name}'"
            f" ELSE 'unknown_{way.name}' END"
            for way in ways
        ]
        if self.demanded:
            cases.append("WHEN h.id IS NULL AND NOT EXISTS (SELECT 1 FROM import_unfit u WHERE u.row = s.row"
                         " AND u.problem ->> 'field' = ANY(%(account_fields)s)) THEN 'none'")  # fmt: skip
        return " ".join(cases) or "WHEN false THEN ''"

    def note_problems(self, stage: Stage, ways: Sequence[Lookup]) -> None:
        """Each reason that occurs as a problem of its rows, with the account that the row names otherwise."""
        table = f"import_{self.prefix}"
        reasons = {row[0] for row in stage.rows(f"SELECT DISTINCT reason FROM {table} WHERE reason IS NOT NULL")}
        rows = f"FROM {table} p JOIN import_stage s ON s.row = p.row WHERE p.reason = %(reason)s"
        for way in ways:
            value = f"to_jsonb({way.written})"
            messages = {
                f"unknown_{way.name}": ("unknown_account", unknown_message(way)),
                f"several_{way.name}": ("ambiguous_account", f"format('{several_message(way)}', {way.written})"),
                f"clash_{way.name}": ("id_conflict", clash_message(way)),
            }
            for reason, (code, message) in messages.items():
                if reason in reasons:
                    note(stage, way.field, code, message, rows, value=value, hint="p.id", reason=reason)
        if "none" in reasons:
            message = "'This row does not say whose it is: an id of the account is missing, and its name.'"
            note(stage, ways[0].field, "no_id", message, rows, reason="none")


def holders(name: str) -> str:
    """The accounts of the workspace that have an id of one system; of those that share one, none."""
    where = f"WHERE workspace_id = %(workspace)s AND {name} <> ''"
    if name in UNIQUE_IDS:
        return f"(SELECT id, {name} FROM accounts_account {where})"
    return (
        f"(SELECT min(id::text)::uuid AS id, {name} FROM accounts_account {where} GROUP BY {name} HAVING count(*) = 1)"
    )


def unknown_message(way: Lookup) -> str:
    if way.name == "name":
        return f"format('No account is called “%%s”.', {way.written})"
    return f"format('No account has the {way.label.strip()} %%s.', {way.written})"


def several_message(way: Lookup) -> str:
    return "Several accounts are called “%%s”." if way.name == "name" else "Several accounts have the id %%s."


def clash_message(way: Lookup) -> str:
    """Names both accounts: the one of this cell, and the one of a stronger id in the row."""
    name = "(SELECT a.name FROM accounts_account a WHERE a.workspace_id = %(workspace)s AND a.id = p.{})"
    named = f"{way.label.strip()[0].upper()}{way.label.strip()[1:]}"
    if way.name == "name":
        return (
            f"format('“%%s” is another account than “%%s”, whose id the row has.', {way.written}, {name.format('id')})"
        )
    return f"format('{named} %%s is not of “%%s”, which the row names.', {way.written}, {name.format('id')})"


def prepare_called(stage: Stage, references: Iterable[Reference]) -> None:
    """``import_called``: texts of the file that are an id or the name of accounts, with how many those are."""
    prefixes = [one.prefix for one in references]
    columns = [f"{prefix}_{part}" for prefix in prefixes for part in ("key", "name") if stage.has(f"{prefix}_{part}")]
    searches = [f"{prefix}_search" for prefix in prefixes if stage.has(f"{prefix}_search")]
    if not columns:
        return
    texts = " UNION ".join(f"SELECT {name} FROM import_stage" for name in columns)
    names = " UNION ".join(f"SELECT {name} FROM import_stage" for name in searches) or "SELECT NULL::text"
    spellings = ("sf_id", "left(sf_id, 15)", "lms_id", "ltrim(lms_id, '0')", "billing_id")
    known = " UNION ALL ".join(
        f"SELECT {spelling} AS key, id FROM accounts_account WHERE workspace_id = %(workspace)s"
        for spelling in spellings
    )
    stage.run("DROP TABLE IF EXISTS import_called")
    stage.run(
        f"""
        CREATE TEMP TABLE import_called ON COMMIT DROP AS
        SELECT 'id' AS sort, key, min(id::text)::uuid AS id, count(DISTINCT id)::int AS n
        FROM ({known}) k WHERE key <> '' AND key IN ({texts}) GROUP BY key
        UNION ALL
        SELECT 'name', search_name, min(id::text)::uuid, count(*)::int FROM accounts_account
        WHERE workspace_id = %(workspace)s AND search_name <> '' AND search_name IN ({names}) GROUP BY search_name
        """
    )
    stage.run("ANALYZE import_called")


OWN = Reference("account", dict(zip((*IDS, "key", "name"), ACCOUNT_KEYS, strict=True)))
