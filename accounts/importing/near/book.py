"""What may have been meant: ids for rows whose own is missing or spoilt, and accounts that a new one may be."""

# ruff: noqa: S608 - text from outside never reaches a statement: names come from this package, values are parameters

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from accounts.importing.statements import BY_NAME, IDS, field_of
from accounts.importing.twins import LABELS, problem_of
from csworkbench.imports.staging import Stage

from .likeness import ids_alike, names_alike

# Names are compared one by one only as long as nobody has to wait for it.
NEAR_ROWS = 2_000
NEAR_ACCOUNTS = 100_000
ID_COMPARISONS = 3_000_000


def suggest_ids(stage: Stage, ids: list[str]) -> None:
    """A row whose first id is missing or spoilt may still be about an account of the book: suggest that account's id.

    It is found by another id, else by its name, else by an id that is one or two slips away.
    """
    first, *others = ids
    spoilt = f"s.problems IS NOT NULL AND s.{first} IS NULL"
    if first == BY_NAME or not stage.rows(f"SELECT 1 FROM import_stage s WHERE {spoilt} LIMIT 1"):
        return
    for other in others:
        suggest_by(stage, first, other, f"' {LABELS[other]} %%s is “%%s”.', t.{other}")
    if stage.has(BY_NAME):
        suggest_by(
            stage, first, BY_NAME, f"' There is an account of this name with {LABELS[first]} %%s: “%%s”.', found.id"
        )
    suggest_alike(stage, first, spoilt)


def suggest_by(stage: Stage, first: str, other: str, says: str) -> None:
    """Suggest the first id of the only account that has another column's value; ``says`` begins a ``format``."""
    stage.run(
        f"""
        UPDATE import_stage t SET problems = (
            SELECT jsonb_agg(CASE WHEN p ->> 'field' = '{first}' AND p -> 'suggestions' = '[]'
                THEN p || jsonb_build_object('suggestions', jsonb_build_array(found.id), 'message',
                    (p ->> 'message') || format({says}, found.name))
                ELSE p END) FROM jsonb_array_elements(t.problems) p)
        FROM (SELECT s.row, min(a.{first}) AS id, min(a.name) AS name
              FROM import_stage s JOIN accounts_account a ON a.workspace_id = %(workspace)s
                  AND a.{other} = s.{other} AND a.{other} <> ''
              WHERE s.problems IS NOT NULL AND s.{first} IS NULL
              GROUP BY s.row HAVING count(*) = 1 AND min(a.{first}) <> '') found
        WHERE t.row = found.row
        """
    )


def suggest_alike(stage: Stage, first: str, spoilt: str) -> None:
    """Suggest ids that differ from what a cell says in a slip or two; none where many do."""
    cells = stage.rows(
        f"""
        SELECT DISTINCT p ->> 'value' FROM import_stage s CROSS JOIN LATERAL jsonb_array_elements(s.problems) p
        WHERE {spoilt} AND p ->> 'field' = '{first}' AND p -> 'suggestions' = '[]' AND p ->> 'value' <> ''
        LIMIT {NEAR_ROWS + 1}
        """
    )
    if not cells or len(cells) > NEAR_ROWS:
        return
    known = [
        found
        for (found,) in stage.rows(
            f"SELECT {first} FROM accounts_account WHERE workspace_id = %(workspace)s AND {first} <> ''"
            f" LIMIT {NEAR_ACCOUNTS + 1}"
        )
    ]
    if len(known) > NEAR_ACCOUNTS or len(known) * len(cells) > ID_COMPARISONS:
        return
    found = {cell: alike for (cell,) in cells if (alike := ids_alike(cell, known))}
    stage.run(
        f"""
        UPDATE import_stage t SET problems = (
            SELECT jsonb_agg(CASE WHEN p ->> 'field' = '{first}' AND p -> 'suggestions' = '[]' AND f.value IS NOT NULL
                THEN p || jsonb_build_object('suggestions', f.value) ELSE p END)
            FROM jsonb_array_elements(t.problems) p LEFT JOIN jsonb_each(%(found)s::jsonb) f ON f.key = p ->> 'value')
        FROM import_stage s WHERE s.row = t.row AND {spoilt}
        """,
        found=json.dumps(found),
    )


def warn_of_namesakes(stage: Stage, ids: list[str]) -> None:
    """Note at new rows that the book has an account of the same name, or nearly: a warning, the row stays new.

    Nearly the same is looked for among ``NEAR_ROWS`` new rows at most.
    """
    if not stage.has(BY_NAME) or not stage.rows("SELECT 1 FROM import_verdict WHERE verdict = 'new' LIMIT 1"):
        return
    if ids[0] != BY_NAME:
        warn_of_same(stage, ids[0])
    fresh = stage.rows(
        f"""
        SELECT s.row, s.{BY_NAME}, s.{field_of(ids[0])} FROM import_verdict v JOIN import_stage s ON s.row = v.row
        WHERE v.verdict = 'new' AND v.problems IS NULL AND s.{BY_NAME} <> '' LIMIT {NEAR_ROWS + 1}
        """
    )
    if len(fresh) <= NEAR_ROWS:
        warn_of_similar(stage, ids[0], fresh)


def warn_of_same(stage: Stage, first: str) -> None:
    """The same name as it is searched, whatever the number of rows."""
    order = (first, *(name for name in IDS if name != first))
    named = " ".join(f"WHEN a.{name} <> '' THEN ', {LABELS[name]} ' || a.{name}" for name in order)
    message = (
        "CASE WHEN a.number = 1 THEN format('There is already an account of this name: %%s%%s', a.name, a.said)"
        " ELSE format('There are already %%s accounts of this name, one is %%s%%s', a.number, a.name, a.said) END"
    )
    stage.run(
        f"""
        UPDATE import_verdict v SET problems = {problem_of(first, "same_name", message, "a.suggestions")}
        FROM import_stage s JOIN (
            SELECT {BY_NAME}, count(*) AS number, min(name) AS name,
                (array_agg(CASE {named} ELSE '' END ORDER BY id))[1] AS said,
                coalesce(jsonb_agg(DISTINCT {first}) FILTER (WHERE {first} <> ''), '[]') AS suggestions
            FROM accounts_account a WHERE workspace_id = %(workspace)s AND {BY_NAME} <> '' GROUP BY {BY_NAME}
        ) a ON a.{BY_NAME} = s.{BY_NAME}
        WHERE v.row = s.row AND v.verdict = 'new'
        """
    )


def warn_of_similar(stage: Stage, first: str, fresh: list[tuple[Any, ...]]) -> None:
    """Nearly the same name: a letter more or less, two words together."""
    accounts = stage.rows(
        f"SELECT {BY_NAME}, name, {', '.join(IDS)} FROM accounts_account"
        f" WHERE workspace_id = %(workspace)s AND {BY_NAME} <> '' LIMIT {NEAR_ACCOUNTS + 1}"
    )
    if not accounts or len(accounts) > NEAR_ACCOUNTS:
        return
    near = names_alike({row: name for row, name, _ in fresh}, [account[0] for account in accounts])
    title = stage.options[f"title_{field_of(first)}"]
    problems = {}
    for row, _, value in fresh:
        if row in near:
            _, name, *ids = accounts[near[row]]
            told = dict(zip(IDS, ids, strict=True))
            problems[row] = [similar_problem(first, title, value, name, told)]
    if problems:
        stage.run(
            "UPDATE import_verdict v SET problems = f.value FROM jsonb_each(%(found)s::jsonb) f"
            " WHERE v.row = f.key::int",
            found=json.dumps(problems),
        )


def similar_problem(first: str, title: str, value: str, name: str, ids: Mapping[str, str]) -> dict[str, Any]:
    """The warning that an account has nearly this name; its id, or the name that says who it is, as suggestion."""
    order = (first, *IDS) if first in ids else IDS
    said = next((f", {LABELS[one]} {ids[one]}" for one in order if ids[one]), "")
    meant = ids.get(first, "") if first in ids else name
    return {
        "field": field_of(first),
        "column": title,
        "value": value,
        "code": "same_name",
        "message": f"There is an account of nearly this name: {name}{said}",
        "suggestions": [meant] if meant else [],
    }
