"""What a scorecard would change, before it is saved: the book's colours before and after, read-only and in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from accounts.facts import FactContext
from accounts.models import Account, Scorecard
from csworkbench.tenancy.models import Member, Workspace

from .definitions import EDITED, InvalidScorecard, validate_scorecard
from .scoring import Card, card_of, verdict_sql

MOST_CHANGES = 50
COLOURS: tuple[str, ...] = tuple(Account.Health.values)
UNSAVED = UUID(int=0)

# Both questions are answered from one computation of the whole book.
PREVIEW = """
WITH after AS MATERIALIZED (
    SELECT a.id, a.name, a.owner_id, coalesce(nullif(h.health, ''), a.health) AS before,
           coalesce(nullif(n.health, ''), n.judged) AS after, h.score AS score_before, n.score AS score_after
    FROM ({verdicts}) n
    JOIN accounts_account a ON a.workspace_id = %s AND a.id = n.account_id
    JOIN accounts_accounthealth h ON h.workspace_id = %s AND h.account_id = n.account_id
)
SELECT owner_id, before, after, count(*), NULL::uuid, NULL::text, NULL::int, NULL::int
FROM after GROUP BY owner_id, before, after
UNION ALL
(SELECT owner_id, before, after, 1, id, name, score_before, score_after FROM after WHERE before <> after
 ORDER BY array_position(%s::text[], after::text), name, id LIMIT %s)
"""
# Who gets worse stands first.
WORST_FIRST = ["red", "yellow", "undefined", "green"]


@dataclass(frozen=True)
class Counts:
    """Accounts by colour, before and after, and how many change."""

    before: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLOURS, 0))
    after: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLOURS, 0))
    changed: int = 0

    @property
    def rows(self) -> list[tuple[str, int, int]]:
        """``(colour, before, after)`` for each colour."""
        return [(colour, self.before[colour], self.after[colour]) for colour in COLOURS]


@dataclass(frozen=True)
class OwnerLine:
    """The same for the book of one CSM; ``owner`` is None for accounts nobody owns."""

    owner: UUID | None
    name: str
    counts: Counts


@dataclass(frozen=True)
class Change:
    """An account whose health would change."""

    account_id: UUID
    name: str
    owner: str
    before: str
    after: str
    score_before: int | None
    score_after: int | None


@dataclass(frozen=True)
class Preview:
    """What a scorecard would change on today's book; ``changes`` are the first fifty, who gets worse first."""

    counts: Counts
    flows: dict[tuple[str, str], int]
    owners: tuple[OwnerLine, ...]
    changes: tuple[Change, ...]


def preview(scorecard: Scorecard, workspace: Workspace, context: FactContext) -> Preview:
    """What holds now against what would hold if this scorecard, saved or not, counted in its place.

    Three statements, nothing is written. ``InvalidScorecard`` when it cannot be computed.
    """
    problems = validate_scorecard({name: getattr(scorecard, name) for name in EDITED})
    if problems:
        raise InvalidScorecard(problems)
    verdicts, parameters = verdict_sql(_with(scorecard, workspace), context)
    with connection.cursor() as cursor:
        cursor.execute(
            PREVIEW.format(verdicts=verdicts),
            [*parameters, workspace.pk, workspace.pk, WORST_FIRST, MOST_CHANGES],
        )
        rows = cursor.fetchall()
    names = dict(
        Member.objects.filter(workspace=workspace, pk__in={row[0] for row in rows if row[0]}).values_list("pk", "name")
    )
    groups = [row[:4] for row in rows if row[4] is None]
    flows: Counter[tuple[str, str]] = Counter()
    for _, before, after, number in groups:
        flows[before, after] += number
    changes = (
        Change(account, name, names.get(owner, ""), before, after, was, will)
        for owner, before, after, _, account, name, was, will in rows
        if account is not None
    )
    return Preview(_counts([row[1:] for row in groups]), dict(flows), _owners(groups, names), tuple(changes))


def _with(scorecard: Scorecard, workspace: Workspace) -> list[Card]:
    """The cards that would count: the active ones with this in its place, or added to them by its place."""
    saved = not scorecard._state.adding
    others = list(Scorecard.objects.filter(workspace=workspace, is_active=True))
    if saved:
        others = [each for each in others if each.pk != scorecard.pk]
    else:
        scorecard = _numbered(scorecard)
    # In its place, and before a neighbour of the same one.
    at = sum((each.place, each.key) < (scorecard.place, scorecard.key) for each in others)
    return [card_of(each) for each in [*others[:at], scorecard, *others[at:]]]


def _numbered(scorecard: Scorecard) -> Scorecard:
    """An unsaved scorecard has no id yet; the SQL asks for one."""
    values = {name: getattr(scorecard, name) for name in (*EDITED, "key", "place", "version")}
    return Scorecard(pk=UNSAVED, **values)


def _counts(groups: Sequence[tuple[str, str, int]]) -> Counts:
    before, after, changed = dict.fromkeys(COLOURS, 0), dict.fromkeys(COLOURS, 0), 0
    for was, will, number in groups:
        before[was] += number
        after[will] += number
        changed += number if was != will else 0
    return Counts(before, after, changed)


def _owners(groups: Sequence[tuple[UUID | None, str, str, int]], names: dict[UUID, str]) -> tuple[OwnerLine, ...]:
    """By name; accounts nobody owns stand last."""
    owners = {owner for owner, *_ in groups}
    lines = [
        OwnerLine(
            owner,
            names.get(owner, "A former member") if owner else "Nobody",
            _counts([(was, will, number) for whose, was, will, number in groups if whose == owner]),
        )
        for owner in owners
    ]
    return tuple(sorted(lines, key=lambda line: (line.owner is None, line.name)))
