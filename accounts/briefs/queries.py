"""What a brief says, for one account or a whole book in the same number of statements (ACC-5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.facts import FactContext, get_fact
from accounts.health.definitions import typed_measures
from accounts.models import (
    Account,
    Answers,
    Candidate,
    Contact,
    Interaction,
    Note,
    Onboarding,
    Opportunity,
    Plan,
    Scorecard,
    Subscription,
    Subtype,
    SupportTicket,
)
from accounts.queries import fact_values
from csworkbench.tenancy.models import Workspace

LATEST, CONFIRMED, WEAKEST = 5, 12, 3
SAID = ("usage_trend", "frequency_met", "last_used_at", "modules_30_days")


@dataclass
class Brief:
    """One account on one sheet."""

    account: Account
    subtypes: list[str]
    subscriptions: list[Subscription] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    opportunities: list[Opportunity] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    onboarding: Onboarding | None = None
    questionnaires: list[Answers] = field(default_factory=list)
    support_tickets: list[SupportTicket] = field(default_factory=list)
    interactions: list[Interaction] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    # What pulls the health down most: ``(measure, points)``.
    weakest: list[tuple[str, int]] = field(default_factory=list)
    # Use in words.
    use: list[str] = field(default_factory=list)

    @property
    def primary(self) -> Contact | None:
        return next((one for one in self.contacts if one.is_primary), None)

    @property
    def discovered(self) -> list[tuple[str, str]]:
        """What members confirmed in questionnaires: ``(question, answer)``, the first few."""
        found = []
        for copy in self.questionnaires:
            for section in copy.sections:
                for question in section["questions"]:
                    answer = copy.answers.get(question["key"]) or {}
                    text = in_words(answer.get("value"))
                    if answer.get("source") == "member" and text:
                        found.append((str(question["label"]), text))
        return found[:CONFIRMED]

    @property
    def gaps(self) -> list[str]:
        """What nobody knows or did yet, to be asked in the call."""
        checks = [
            (not self.primary, "No primary contact"),
            (not any(one.is_decision_maker for one in self.contacts), "No decision maker known"),
            (bool(self.primary and self.primary.validity in ("bounced", "terminated")), "The primary contact is gone"),
            (bool(self.subscriptions) and not self.account.figures.renews_on, "No renewal date"),
            (bool(self.subscriptions) and not any(one.decider_id for one in self.subscriptions),
             "Who decides the renewal is not known"),
            (not self.account.declared_frequency, "How often they want to use it is not known"),
            (not self.questionnaires, "No KYC questionnaire yet"),
            (not self.plans, "No success plan"),
            (not self.account.website, "No website"),
            (bool(self.account.figures.recaps_owed), "A meeting recap is owed"),
        ]  # fmt: skip
        found = [said for missing, said in checks if missing]
        incomplete = [one for one in self.questionnaires if one.completeness < 100]
        return found + [f"{one.name} {one.completeness} % complete" for one in incomplete]


def in_words(value: Any) -> str:
    """An answer as a person would read it; empty for none."""
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def briefs_of(workspace: Workspace, accounts: Sequence[Account], context: FactContext) -> list[Brief]:
    """The briefs of accounts in their order; a constant number of statements whatever their number.

    ``accounts`` come with ``figures``, ``priority`` and ``standing``, see ``with_heads``.
    """
    ids = [one.pk for one in accounts]
    names = dict(Subtype.objects.filter(workspace=workspace).values_list("key", "name"))
    cards = {card.pk: card for card in Scorecard.objects.filter(workspace=workspace)}
    values = fact_values(ids, SAID, context)
    parts = {name: _grouped(rows) for name, rows in _parts(workspace, ids).items()}
    made = []
    for one in accounts:
        held = one.figures.subtypes if one.subtypes_chosen is None else one.subtypes_chosen
        brief = Brief(one, [names[key] for key in held if key in names])
        for name, rows in parts.items():
            if name == "onboardings":
                brief.onboarding = next(iter(rows[one.pk]), None)
            else:
                setattr(brief, name, rows[one.pk])
        brief.weakest = _weakest(one, cards)
        brief.use = _use(values.get(one.pk, {}), context)
        made.append(brief)
    return made


def with_heads(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Accounts with all that the head of a brief says."""
    return accounts.select_related(
        "figures", "priority", "standing", "instance", "owner__lead", "rsm", "fmc_lead", "parent"
    )


def _parts(workspace: Workspace, ids: Sequence[UUID]) -> dict[str, QuerySet[Any]]:
    """One statement for each part of a brief, two for those with goals."""
    own: dict[str, Any] = {"workspace": workspace, "account__in": ids}
    return {
        "subscriptions": Subscription.objects.filter(**own, ended_on__isnull=True)
        .select_related("product", "payer", "decider", "decided_at_account")
        .order_by("product__name"),
        "contacts": Contact.objects.filter(**own).order_by("-is_primary", "-is_decision_maker", "last_name"),
        "opportunities": Opportunity.objects.filter(**own, state=Opportunity.State.OPEN).order_by("closes_on"),
        "candidates": Candidate.objects.filter(**own, state=Candidate.State.OPEN).select_related("offer"),
        "plans": Plan.objects.filter(**own, state=Plan.State.OPEN).prefetch_related("goals").order_by("kind"),
        "onboardings": Onboarding.objects.filter(**own, state=Onboarding.State.OPEN).prefetch_related("goals"),
        "questionnaires": Answers.objects.filter(**own, is_current=True).order_by("kind", "name"),
        "support_tickets": SupportTicket.objects.filter(**own)
        .exclude(state=SupportTicket.State.RESOLVED)
        .order_by("opened_at"),
        "interactions": _latest(Interaction.objects.filter(**own), "happened_at").select_related("contact", "author"),
        "notes": _latest(Note.objects.filter(**own), "created_at"),
    }


def _latest(rows: QuerySet[Any], moment: str) -> QuerySet[Any]:
    """The last few of each account, newest first."""
    number = Window(RowNumber(), partition_by=[F("account")], order_by=F(moment).desc())
    latest: QuerySet[Any] = rows.annotate(number=number).filter(number__lte=LATEST).order_by(f"-{moment}")
    return latest


def _grouped(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.account_id].append(row)
    return found


def _weakest(account: Account, cards: dict[UUID, Scorecard]) -> list[tuple[str, int]]:
    """The measures that cost the most points, where the scorecard is the one that measured."""
    standing = account.standing
    card = cards.get(standing.scorecard_id) if standing.scorecard_id else None
    if card is None or card.version != standing.version:
        return []
    measured = zip(typed_measures(card.measures), standing.points, strict=False)
    lost = [(measure.weight * (100 - points), measure.label, points) for measure, points in measured
            if points is not None and points < 100]  # fmt: skip
    return [(label, points) for _, label, points in sorted(lost, reverse=True)[:WEAKEST]]


def _use(values: dict[str, Any], context: FactContext) -> list[str]:
    said = [get_fact(key, context).words(values[key], context) for key in SAID if values.get(key) is not None]
    return [f"{one[:1].upper()}{one[1:]}" for one in said if one]
