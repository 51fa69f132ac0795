"""What a cell that names no account may have meant: ids and names of this workspace that are much like it."""

# ruff: noqa: S608 - text from outside never reaches a statement: names come from this package, values are parameters

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from accounts.importing.statements import IDS
from accounts.search import normalise_name
from csworkbench.imports.staging import Stage

from .likeness import COMPARISONS, SUGGESTED, Accounts, Known

VALUES = 500
ACCOUNTS = 200_000
# Of an ambiguous name, so many accounts are listed.
LISTED = 5
UNCLEAR = ("unknown_account", "ambiguous_account", "id_conflict", "short_id", "bad_sf_id", "bad_lms_id", "bad_id")
SEARCHED = ("unknown_account", "short_id", "bad_sf_id", "bad_lms_id", "bad_id")


def suggest(stage: Stage, ways: Mapping[str, str]) -> None:
    """Complete the problems of cells that name no account; ``ways``: field → the way it names one.

    The account that other cells of the row name comes first, then what is much like the cell.
    """
    found = stage.rows(
        """
        SELECT problem ->> 'field', coalesce(problem ->> 'value', ''), problem ->> 'code', hint::text
        FROM import_unfit WHERE problem ->> 'field' = ANY(%(fields)s) AND problem ->> 'code' = ANY(%(codes)s)
            AND problem -> 'suggestions' = '[]'
        GROUP BY 1, 2, 3, 4 ORDER BY count(*) DESC, 1, 2, 4 LIMIT %(limit)s
        """,
        fields=list(ways),
        codes=list(UNCLEAR),
        limit=VALUES,
    )
    if not found:
        return
    accounts = load(stage)
    # A book of a million accounts gets fewer values looked at.
    affordable = max(20, COMPARISONS // max(1, len(accounts.everyone)))
    better = [
        one
        for each, value, code, hint in found[:affordable]
        if (one := suggested(accounts, each, ways[each], value, code, hint))
    ]
    stage.run(
        """
        UPDATE import_unfit u SET problem = u.problem || jsonb_build_object(
            'suggestions', x.suggestions, 'message', (u.problem ->> 'message') || x.added)
        FROM jsonb_to_recordset(%(better)s::jsonb)
            AS x(field text, value text, code text, hint uuid, suggestions jsonb, added text)
        WHERE u.problem ->> 'field' = x.field AND coalesce(u.problem ->> 'value', '') = x.value
            AND u.problem ->> 'code' = x.code AND u.hint IS NOT DISTINCT FROM x.hint
        """,
        better=json.dumps(better),
    )


def suggested(accounts: Accounts, key: str, way: str, value: str, code: str, hint: str | None) -> dict[str, Any] | None:
    """What to add to the problems of one value; None when nothing comes near."""
    meant: list[tuple[str, Known]] = []
    if hint and hint in accounts.by_key:
        meant.append((accounts.fixing(accounts.by_key[hint], way), accounts.by_key[hint]))
    if code == "ambiguous_account":
        meant += [(one.any_id, one) for one in accounts.by_search.get(normalise_name(value), [])]
    elif code in SEARCHED:
        meant += accounts.like(value, way)
    unique = {text: one for text, one in reversed(meant) if text}
    picked = [(text, unique[text]) for text in dict.fromkeys(text for text, _ in meant if text)]
    if not picked:
        return None
    limit = LISTED if code == "ambiguous_account" else SUGGESTED
    added = "".join(f" {text} is “{one.name}”." for text, one in picked[:limit] if text != one.name)
    suggestions = [text for text, _ in picked[:limit]]
    return {"field": key, "value": value, "code": code, "hint": hint, "suggestions": suggestions, "added": added}


def load(stage: Stage) -> Accounts:
    """The accounts of the workspace; of a huge book the oldest, which bounds the memory."""
    rows = stage.rows(
        f"""
        SELECT id::text, name, search_name, {", ".join(IDS)} FROM accounts_account WHERE workspace_id = %(workspace)s
        ORDER BY id LIMIT %(limit)s
        """,
        limit=ACCOUNTS,
    )
    return Accounts([Known(pk, name, search, dict(zip(IDS, ids, strict=True))) for pk, name, search, *ids in rows])
