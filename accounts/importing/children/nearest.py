"""What a cell that names no account may have meant: ids and names of this workspace that are much like it."""

# ruff: noqa: S608 - text from outside never reaches a statement: names come from this package, values are parameters

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from accounts.importing.statements import IDS
from accounts.search import normalise_name
from csworkbench.imports.staging import Stage

VALUES = 500
ACCOUNTS = 200_000
# Values × accounts that are compared at most: a book of a million accounts gets fewer values looked at.
COMPARISONS = 20_000_000
SUGGESTED = 3
# Of an ambiguous name, so many accounts are listed.
LISTED = 5
LIKE_ID, LIKE_NAME = 0.75, 76.0
UNCLEAR = ("unknown_account", "ambiguous_account", "id_conflict", "short_id", "bad_sf_id", "bad_lms_id", "bad_id")
SEARCHED = ("unknown_account", "short_id", "bad_sf_id", "bad_lms_id", "bad_id")


@dataclass(frozen=True)
class Known:
    """An account of the workspace with everything it may be called."""

    pk: str
    name: str
    search: str
    ids: Mapping[str, str]

    @property
    def any_id(self) -> str:
        return next((self.ids[name] for name in IDS if self.ids[name]), "")


@dataclass
class Accounts:
    """The accounts of the workspace, loaded once; lists by way are made when first asked for."""

    everyone: Sequence[Known]
    lists: dict[str, tuple[list[str], list[tuple[str, Known]]]] = field(default_factory=dict)

    @cached_property
    def by_key(self) -> dict[str, Known]:
        return {one.pk: one for one in self.everyone}

    @cached_property
    def by_search(self) -> dict[str, list[Known]]:
        found: dict[str, list[Known]] = {}
        for one in self.everyone:
            found.setdefault(one.search, []).append(one)
        return found

    def fixing(self, one: Known, way: str) -> str:
        """What to write into a cell of this way to mean an account; empty where nothing would."""
        if way in IDS:
            return one.ids[way]
        if way == "name" and len(self.by_search[one.search]) == 1:
            return one.name
        return one.any_id

    def like(self, text: str, way: str) -> list[tuple[str, Known]]:
        """``(what to write, account)``, the most alike first."""
        return self._like_name(text) if way == "name" else self._like_id(text, IDS if way == "key" else (way,))

    def _like_id(self, text: str, names: Iterable[str]) -> list[tuple[str, Known]]:
        found: list[tuple[float, str, Known]] = []
        for name in names:
            texts, meant = self._list(name)
            # A sheet that takes an LMS ID for a number drops its zeros.
            written = text.zfill(7) if name == "lms_id" else text.lower()
            close = process.extract(
                written, texts, scorer=OSA.normalized_similarity, score_cutoff=LIKE_ID, limit=SUGGESTED
            )
            found += [(score, *meant[at]) for _, score, at in close]
        found.sort(key=lambda each: -each[0])
        return [(value, one) for _, value, one in found[:SUGGESTED]]

    def _like_name(self, text: str) -> list[tuple[str, Known]]:
        texts, meant = self._list("name")
        close = process.extract(in_order(text), texts, scorer=fuzz.ratio, score_cutoff=LIKE_NAME, limit=SUGGESTED)
        return [(self.fixing(meant[at][1], "name"), meant[at][1]) for _, _, at in close]

    def _list(self, name: str) -> tuple[list[str], list[tuple[str, Known]]]:
        if name not in self.lists:
            if name == "name":
                pairs = [(in_order(one.search), one.name, one) for one in self.everyone if one.search]
            else:
                pairs = [(one.ids[name].lower(), one.ids[name], one) for one in self.everyone if one.ids[name]]
            self.lists[name] = [text for text, _, _ in pairs], [(value, one) for _, value, one in pairs]
        return self.lists[name]


def in_order(text: str) -> str:
    """A folded name with its words in order: "Care, Willow" is like "Willow Care"."""
    return " ".join(sorted(normalise_name(text).split()))


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
