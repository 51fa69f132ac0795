"""Judgements and scorecards in the ledger: what differs between two values of their JSON columns, in words."""

from __future__ import annotations

from typing import Any

from accounts.conditions import InvalidCondition, in_words, require_valid
from accounts.facts import FactContext, context_for
from csworkbench.tenancy.models import Workspace

from .definitions import REASON_CODES, InvalidScorecard, Measure, parse_measures

Pairs = list[tuple[str, str, str]]
NOTHING = "—"


class CodesWording:
    """Says which reason codes a judgement had and has."""

    def __init__(self, workspace: Workspace) -> None:
        pass

    def __call__(self, before: Any, after: Any) -> Pairs:
        """One difference, by the words of the codes."""
        old, new = (
            ", ".join(REASON_CODES.get(code, code) for code in each or []) or NOTHING for each in (before, after)
        )
        return [("reasons", old, new)]


class MeasuresWording:
    """Says which measures of a scorecard came, went or count otherwise."""

    def __init__(self, workspace: Workspace) -> None:
        self.context = context_for(workspace)

    def __call__(self, before: Any, after: Any) -> Pairs:
        """``(label, before, after)`` for each measure that differs, in the order of the scorecard."""
        old, new = self._told(before), self._told(after)
        keys = [key for key in {**new, **old} if old.get(key) != new.get(key)]
        nothing = ("", NOTHING)
        return [((new.get(key) or old[key])[0], old.get(key, nothing)[1], new.get(key, nothing)[1]) for key in keys]

    def _told(self, measures: Any) -> dict[str, tuple[str, str]]:
        try:
            return {each.key: (each.label, measure_in_words(each, self.context)) for each in parse_measures(measures)}
        except InvalidScorecard:
            return {}


class AudienceWording:
    """Says whom a scorecard measures."""

    def __init__(self, workspace: Workspace) -> None:
        self.context = context_for(workspace)

    def __call__(self, before: Any, after: Any) -> Pairs:
        """One difference, as sentences."""
        return [("audience", audience_in_words(before, self.context), audience_in_words(after, self.context))]


def measure_in_words(measure: Measure, context: FactContext) -> str:
    """``weight 10: tier is 1 → 100, otherwise 20, unknown left out``."""
    bands = [f"{measure.band_in_words(band, context)} → {band.points}" for band in measure.bands]
    unknown = "left out" if measure.unknown is None else f"→ {measure.unknown}"
    return f"weight {measure.weight}: {', '.join([*bands, f'otherwise → {measure.otherwise}', f'unknown {unknown}'])}"


def audience_in_words(audience: Any, context: FactContext) -> str:
    """The audience as a sentence part; ``every account`` for none."""
    if audience is None:
        return "every account"
    try:
        return in_words(require_valid(audience), context)
    except InvalidCondition:
        return "a condition over facts that are gone"
