"""The health step of the pipeline (HLT-1…3): scorecards → points → score and colour → what holds, in one statement.

The facts are read by the ORM's own SELECT, each once; text around it turns them into points and sums and writes the
rows that change. Subselects end in ``OFFSET 0``: the planner would merge them and compute every value anew wherever
it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    DateField,
    DateTimeField,
    Expression,
    Field,
    Q,
    SmallIntegerField,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast
from django.db.models.lookups import IsNull

from accounts.conditions import Tree, compile_condition, compile_over
from accounts.facts import FactContext, Kind, get_fact
from accounts.models import Account, Scorecard
from csworkbench.common import clock
from csworkbench.tenancy.models import Workspace

from .definitions import Measure, typed_measures

FIELDS: dict[Kind, type[Field[Any, Any]]] = {
    Kind.NUMBER: BigIntegerField,
    Kind.MONEY: BigIntegerField,
    Kind.CHOICE: TextField,
    Kind.TEXT: TextField,
    Kind.YES_NO: BooleanField,
    Kind.DAY: DateField,
    Kind.MOMENT: DateTimeField,
}
# A judgement younger than this many days gets its row of history even if no pass ran on its day.
LATE_DAYS = 7
KEPT = "account_id, judged, judged_since, escalated, card"
HELD = "health, computed, score, known, points, scorecard_id, version, relationship"

Sql = tuple[str, list[Any]]


@dataclass(frozen=True)
class Card:
    """A scorecard as it is compiled: saved and active, or tried out before it is saved."""

    id: UUID
    version: int
    audience: Tree | None
    measures: tuple[Measure, ...]
    green_from: int
    yellow_from: int
    least_known: int
    yellow_is: str

    @property
    def weight(self) -> int:
        """The weight of all its measures."""
        return sum(measure.weight for measure in self.measures)


def card_of(scorecard: Scorecard) -> Card:
    """A valid scorecard, typed."""
    return Card(
        id=scorecard.pk,
        version=scorecard.version,
        audience=scorecard.audience,
        measures=typed_measures(scorecard.measures),
        green_from=scorecard.green_from,
        yellow_from=scorecard.yellow_from,
        least_known=scorecard.least_known,
        yellow_is=scorecard.yellow_is,
    )


def active_cards(workspace_id: int) -> list[Card]:
    """The cards that count, in the order in which they are tried; one statement."""
    return [card_of(each) for each in Scorecard.objects.filter(workspace=workspace_id, is_active=True)]


def judge_health(workspace: Workspace, context: FactContext, accounts: Sequence[UUID] | None = None) -> int:
    """Give every account (or those of ``accounts``) the health that holds; returns how many rows changed.

    Three statements. A day of history is written only for an account whose effective health, score or points moved.
    """
    cards = active_cards(workspace.pk)
    verdicts, parameters = verdict_sql(cards, context, accounts)
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE.format(verdicts=verdicts, held=HELD, of_row=_of("h"), of_verdict=_of("n")),
            [context.today, clock.now(), *parameters, context.workspace_id, context.workspace_id, context.today],
        )
        changed = int(cursor.fetchone()[0])
        if all(card.audience is not None for card in cards):
            cursor.execute(*_judged_days(context, accounts))
    return changed


def verdict_sql(cards: Sequence[Card], context: FactContext, accounts: Sequence[UUID] | None = None) -> Sql:
    """One SELECT of what these cards say, unsaved: a row an account.

    Columns: ``account_id, judged, judged_since, is_override`` and those of ``HELD``; health is empty where neither an
    override nor a card speaks.
    """
    scored, parameters = _scored_sql(cards, context, accounts)
    return VERDICTS.format(scored=scored), [*parameters, context.workspace_id, context.today]


def _of(alias: str) -> str:
    return ", ".join(f"{alias}.{column.strip()}" for column in HELD.split(","))


VERDICTS = """
SELECT s.account_id, s.judged, s.judged_since, o.health IS NOT NULL AS is_override,
       coalesce(o.health, s.computed) AS health, s.computed, s.score, s.known, s.points, s.scorecard_id, s.version,
       CASE WHEN s.escalated THEN 'escalated'
            ELSE CASE coalesce(o.health, nullif(s.computed, ''), s.judged)
                 WHEN 'green' THEN 'healthy'
                 WHEN 'yellow' THEN coalesce(s.yellow_is, 'risky')
                 WHEN 'red' THEN 'risky'
                 ELSE 'undefined' END
            END AS relationship
FROM ({scored}) s
LEFT JOIN accounts_healthoverride o ON o.workspace_id = %s AND o.account_id = s.account_id
    AND o.ended_at IS NULL AND o.expires_on >= %s
"""

WRITE = """
WITH changed AS (
    UPDATE accounts_accounthealth h
    SET ({held}) = ROW ({of_verdict}),
        since = CASE
            WHEN n.health = '' THEN NULL
            WHEN coalesce(nullif(h.health, ''), n.judged) = n.health
                THEN coalesce(CASE WHEN h.health = '' THEN n.judged_since ELSE h.since END, d.today)
            ELSE d.today END,
        changed_at = d.now
    FROM (SELECT %s::date AS today, %s::timestamptz AS now) d, ({verdicts}) n
    WHERE h.workspace_id = %s AND h.account_id = n.account_id
      AND ({of_row}) IS DISTINCT FROM ({of_verdict})
    RETURNING h.account_id, coalesce(nullif(new.health, ''), n.judged) AS health, new.score, new.points,
              new.scorecard_id, new.version, n.is_override,
              (coalesce(nullif(old.health, ''), n.judged), old.score, old.points)
              IS DISTINCT FROM (coalesce(nullif(new.health, ''), n.judged), new.score, new.points) AS moved
), days AS (
    INSERT INTO accounts_healthday
        (workspace_id, account_id, day, health, score, points, scorecard_id, version, is_override)
    SELECT %s, account_id, %s, health, score, points, scorecard_id, version, is_override FROM changed WHERE moved
    ON CONFLICT (workspace_id, account_id, day) DO UPDATE
    SET health = excluded.health, score = excluded.score, points = excluded.points,
        scorecard_id = excluded.scorecard_id, version = excluded.version, is_override = excluded.is_override
)
SELECT count(*) FROM changed
"""

JUDGED_DAYS = """
INSERT INTO accounts_healthday (workspace_id, account_id, day, health)
SELECT a.workspace_id, a.id, a.health_since, a.health
FROM accounts_account a
JOIN accounts_accounthealth h ON h.workspace_id = a.workspace_id AND h.account_id = a.id
WHERE a.workspace_id = %s AND h.health = '' AND a.health_since > %s::date - %s AND a.health_since <= %s{only}
  AND NOT EXISTS (
    SELECT 1 FROM accounts_healthday d
    WHERE d.workspace_id = a.workspace_id AND d.account_id = a.id
      AND (d.day > a.health_since OR d.day = a.health_since AND d.health = a.health AND d.score IS NULL))
ON CONFLICT (workspace_id, account_id, day) DO UPDATE
SET health = excluded.health, score = NULL, points = '{{}}', scorecard_id = NULL, version = NULL, is_override = false
"""


def _judged_days(context: FactContext, accounts: Sequence[UUID] | None) -> Sql:
    """Where nobody but a member or an import speaks, the day of the judgement is the history."""
    only = "" if accounts is None else " AND a.id = ANY(%s)"
    parameters: list[Any] = [context.workspace_id, context.today, LATE_DAYS, context.today]
    return JUDGED_DAYS.format(only=only), parameters if accounts is None else [*parameters, list(accounts)]


# -- From facts to a score: values → points → sums → score and colour, each a subselect of its own


def _scored_sql(cards: Sequence[Card], context: FactContext, accounts: Sequence[UUID] | None) -> Sql:
    """Rows of ``account_id, judged, judged_since, escalated, points, scorecard_id, version, yellow_is, computed, score,
    known``; the columns of a card are NULL and computed is empty where no card counts.
    """
    weighed, parameters = _weighed_sql(cards, context, accounts)
    rows: list[tuple[Any, ...]] = [
        (n, card.id, card.version, card.weight, card.least_known, card.green_from, card.yellow_from, card.yellow_is)
        for n, card in enumerate(cards)
    ] or [(None,) * 8]
    line = "(%s::int, %s::uuid, %s::int, %s::int, %s::int, %s::int, %s::int, %s::text)"
    text = f"""
    SELECT r.*, CASE WHEN r.scorecard_id IS NULL THEN '' WHEN r.score IS NULL THEN 'undefined'
                     WHEN r.score >= r.green_from THEN 'green' WHEN r.score >= r.yellow_from THEN 'yellow'
                     ELSE 'red' END AS computed
    FROM (
        SELECT w.account_id, w.judged, w.judged_since, w.escalated, w.points, c.id AS scorecard_id, c.version,
               c.yellow_is, c.green_from, c.yellow_from, (100 * w.known / c.weight)::smallint AS known,
               CASE WHEN 100 * w.known / c.weight >= c.least_known
                    THEN ((2 * w.total + w.known) / nullif(2 * w.known, 0))::smallint END AS score
        FROM ({weighed}) w
        LEFT JOIN (VALUES {", ".join([line] * len(rows))})
            c (card, id, version, weight, least_known, green_from, yellow_from, yellow_is) ON c.card = w.card
        OFFSET 0
    ) r
    """  # noqa: S608 (columns and placeholders only)
    return text, [*parameters, *(value for row in rows for value in row)]


def _weighed_sql(cards: Sequence[Card], context: FactContext, accounts: Sequence[UUID] | None) -> Sql:
    """Rows of ``KEPT`` with the points as an array, the weighted total and the weight that is known."""
    pointed, parameters = _pointed_sql(cards, context, accounts)
    points, total, known = ([] for _ in range(3))  # type: list[str], list[str], list[str]
    for n, card in enumerate(cards):
        columns = [(f"p{index}", measure.weight) for index, measure in enumerate(card.measures)]
        points.append(f"WHEN {n} THEN ARRAY[{', '.join(name for name, _ in columns)}]")
        total.append(f"WHEN {n} THEN {' + '.join(f'coalesce({name}, 0) * {weight:d}' for name, weight in columns)}")
        sums = (f"CASE WHEN {name} IS NULL THEN 0 ELSE {weight:d} END" for name, weight in columns)
        known.append(f"WHEN {n} THEN {' + '.join(sums)}")
    text = f"""
    SELECT {KEPT}, {_by_card(points, "'{}'::smallint[]")} AS points, {_by_card(total, "0")} AS total,
           {_by_card(known, "0")} AS known
    FROM ({pointed}) p OFFSET 0
    """  # noqa: S608 (columns and whole numbers only)
    return text, parameters


def _by_card(whens: Sequence[str], otherwise: str) -> str:
    return f"CASE card {' '.join(whens)} ELSE {otherwise} END" if whens else otherwise


def _pointed_sql(cards: Sequence[Card], context: FactContext, accounts: Sequence[UUID] | None) -> Sql:
    """Rows of ``KEPT, p0, p1, …``: the points of each measure of the account's card, NULL where unknown."""
    values, parameters, names = _values_sql(cards, context, accounts)
    columns: list[str] = []
    bound: list[Any] = []
    for index in range(max((len(card.measures) for card in cards), default=0)):
        whens = []
        for n, card in enumerate(cards):
            if index < len(card.measures):
                measure = card.measures[index]
                text, given = _points_sql(
                    measure, names[measure.fact], context.workspace_id, context.today, context.time_zone
                )
                whens.append(f"WHEN {n} THEN {text}")
                bound += given
        columns.append(f"(CASE card {' '.join(whens)} END)::smallint AS p{index}")
    text = f"SELECT {', '.join([KEPT, *columns])} FROM ({values}) v OFFSET 0"  # noqa: S608 (see above)
    return text, [*bound, *parameters]


def _values_sql(
    cards: Sequence[Card], context: FactContext, accounts: Sequence[UUID] | None
) -> tuple[str, list[Any], dict[str, str]]:
    """Rows of ``KEPT`` and the value of every fact that a card measures, with the column of each fact."""
    queryset = Account.objects.filter(workspace=context.workspace_id).order_by()
    if accounts is not None:
        queryset = queryset.filter(pk__in=accounts)
    keys = dict.fromkeys(measure.fact for card in cards for measure in card.measures)
    facts = {f"f{index}": get_fact(key) for index, key in enumerate(keys)}
    # A handful of accounts are looked up, a book is joined.
    joined = {name: fact.rows(context) for name, fact in facts.items() if fact.rows and accounts is None}
    columns = {name: fact.expression(context) for name, fact in facts.items() if name not in joined}
    kept = {"escalated": Q(escalated_since__isnull=False), "card": _card_of(cards, context)}
    select, parameters = (
        queryset.annotate(**kept, **columns)
        .values_list("pk", "health", "health_since", "escalated", "card", *columns)
        .query.sql_with_params()
    )
    text = f"FROM ({select} OFFSET 0) f ({', '.join([KEPT, *columns])})"
    given = list(parameters)
    for name, rows in joined.items():
        select, parameters = rows.query.sql_with_params()
        text += f" LEFT JOIN ({select}) {name} (of, value) ON {name}.of = f.account_id"
        given += parameters
    values = [f"{name}.value AS {name}" if name in joined else f"f.{name}" for name in facts]
    text = f"SELECT {', '.join([KEPT, *values])} {text}"
    return text, given, dict(zip(keys, facts, strict=True))


def _card_of(cards: Sequence[Card], context: FactContext) -> Cast:
    """The number of the first card whose audience an account belongs to; NULL for none."""
    whens: list[When] = []
    otherwise = None
    for n, card in enumerate(cards):
        if card.audience is None:
            otherwise = n
            break
        whens.append(When(compile_condition(card.audience, context), then=Value(n)))
    return Cast(Case(*whens, default=Value(otherwise)), SmallIntegerField())


class _Column(Expression):
    """A column of the subselect, by name."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return self.name, ()


@lru_cache(maxsize=4_096)
def _points_sql(
    measure: Measure, column: str, workspace_id: int, today: date, time_zone: str
) -> tuple[str, tuple[Any, ...]]:
    """The points a measure gives for the value in a column: its bands in order, what unknown means, else the rest.

    Kept: making it takes longer than a handful of accounts take the database.
    """
    context = FactContext(workspace_id, today, time_zone)
    value = _Column(column, FIELDS[get_fact(measure.fact).kind]())
    whens = [
        When(compile_over(measure.test_of(band), value, context), then=Value(band.points)) for band in measure.bands
    ]
    whens.append(When(Q(IsNull(value, True)), then=Value(measure.unknown)))
    points = Case(*whens, default=Value(measure.otherwise), output_field=SmallIntegerField())
    query = Account.objects.order_by().query
    text, parameters = query.get_compiler(connection=connection).compile(points.resolve_expression(query))
    return _with_numbers(text, parameters)


def _with_numbers(text: str, parameters: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """Whole numbers stand in the text: a statement has hundreds of them, and binding each takes its time."""
    first, *rest = text.split("%s")
    kept: list[Any] = []
    for value, piece in zip(parameters, rest, strict=True):
        if type(value) is int:
            first += f"({value:d}){piece}"
        else:
            kept.append(value)
            first += f"%s{piece}"
    return first, tuple(kept)
