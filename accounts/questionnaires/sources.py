"""Where prefilled answers come from: named sources over the account and its rows, and every fact.

A source gives a value of its sort, or ``None`` where nothing is known. ``fits`` says which questions it can fill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import Contact, Subscription, SupportTicket
from csworkbench.common import words
from csworkbench.tenancy.models import Member

from .definitions import Sort
from .known import Known

TELLING_TEXT = 120


@dataclass(frozen=True)
class Source:
    """One source. ``part`` is the part of ``Known`` it reads ("" for the account itself)."""

    key: str
    group: str
    label: str
    sort: str
    part: str
    read: Callable[[Known], Any]
    # The day the source speaks of, when it knows one.
    on: Callable[[Known], date | datetime | None] = lambda known: None


SOURCES: dict[str, Source] = {}


def _add(group: str, part: str, sort: str, *rows: tuple[str, str, Callable[[Known], Any]], on: Any = None) -> None:
    for key, label, read in rows:
        SOURCES[key] = Source(key, group, label, sort, part, read, *([on] if on else []))


def person(row: Contact | Member | None) -> dict[str, str] | None:
    """A contact or member as an answer keeps them."""
    return {"id": str(row.pk), "name": row.name} if row else None


def day_in_words(day: date | None) -> str:
    return f"{day:%b} {day.day}, {day.year}" if day else ""


def _lines(rows: Iterable[str]) -> str | None:
    return "\n".join(row for row in rows if row) or None


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _short(text: str) -> str:
    told = " ".join(text.split())
    return told if len(told) <= TELLING_TEXT else f"{told[: TELLING_TEXT - 1]}…"


# -- The account itself


def _frequency(known: Known) -> str | None:
    return known.account.get_declared_frequency_display() if known.account.declared_frequency else None


def _org_change(known: Known) -> str | None:
    account = known.account
    return _joined(day_in_words(account.org_change_on), account.org_change) or None


def _subtypes(known: Known) -> str | None:
    account = known.account
    keys = account.figures.subtypes if account.subtypes_chosen is None else account.subtypes_chosen
    return ", ".join(keys) or None


def _health(known: Known) -> str:
    return known.account.get_effective_health_display()


def _relationship(known: Known) -> str:
    return str(known.account.standing.get_relationship_display())


_add("Account", "", Sort.TEXT,
     ("account.industry", "Industry", lambda known: known.account.industry),
     ("account.website", "Website", lambda known: known.account.website),
     ("account.segment", "Segment", lambda known: known.account.segment),
     ("account.instance", "Instance", lambda known: known.account.instance and known.account.instance.name),
     ("account.stage", "Lifecycle stage", lambda known: known.account.get_stage_display()),
     ("account.parent", "Parent account", lambda known: known.account.parent and known.account.parent.name),
     ("account.subtypes", "Subtypes", _subtypes),
     ("account.frequency", "How often they said they log in", _frequency),
     ("account.org_change", "Organisational change", _org_change))  # fmt: skip
_add("Account", "", Sort.NUMBER,
     ("account.employees", "Employees", lambda known: known.account.employees),
     ("account.tier", "Tier", lambda known: known.account.tier),
     ("account.locations", "Locations", lambda known: known.account.figures.locations or None))  # fmt: skip
_add("Account", "", Sort.DATE,
     ("account.customer_since", "Customer since", lambda known: known.account.customer_since),
     ("account.past_due_since", "Past due since", lambda known: known.account.past_due_since),
     ("account.escalated_since", "Escalated since", lambda known: known.account.escalated_since))  # fmt: skip
_add("Account", "", Sort.YES_NO,
     ("account.past_due", "Is past due", lambda known: known.account.past_due_since is not None),
     ("account.escalated", "Is escalated", lambda known: known.account.escalated_since is not None))  # fmt: skip
_add("Account", "", Sort.MEMBER,
     ("account.owner", "Owner", lambda known: person(known.account.owner)),
     ("account.lead", "Owner's lead", lambda known: person(known.account.owner and known.account.owner.lead)),
     ("account.rsm", "RSM", lambda known: person(known.account.rsm)),
     ("account.fmc_lead", "FMC lead", lambda known: person(known.account.fmc_lead)))  # fmt: skip
_add("Health", "", Sort.TEXT,
     ("health.now", "Health", _health),
     ("health.relationship", "Relationship", _relationship),
     ("health.reason", "Why it was judged so", lambda known: known.account.health_reason),
     on=lambda known: known.account.effective_health_since)  # fmt: skip


# -- People


def _with(fits: Callable[[Contact], bool]) -> Callable[[Known], Any]:
    """The first contact that fits and has not left."""
    return lambda known: person(next((one for one in known.contacts if fits(one) and _is_there(one)), None))


def _is_there(contact: Contact) -> bool:
    return contact.validity != Contact.Validity.TERMINATED


def _area(area: str) -> Callable[[Known], Any]:
    return _with(lambda one: area in one.areas)


def _reach(known: Known) -> str | None:
    primary = next((one for one in known.contacts if one.is_primary), None)
    if primary is None:
        return None
    return _joined(primary.phone_in_words if primary.phone else "", primary.email, "DNC" if primary.dnc else "") or None


def _validity(known: Known) -> str | None:
    primary = next((one for one in known.contacts if one.is_primary), None)
    return primary.get_validity_display() if primary else None


def _validity_on(known: Known) -> date | None:
    return next((one.validity_on for one in known.contacts if one.is_primary), None)


def _others(known: Known) -> str | None:
    return _lines(_told(one) for one in known.contacts if not one.is_primary and _is_there(one))


def _told(one: Contact) -> str:
    areas = _joined(*(str(Contact.Area(area).label) for area in one.areas if area in Contact.Area.values))
    validity = "" if one.validity == Contact.Validity.UNKNOWN else one.get_validity_display().lower()
    return _joined(one.name, one.title, areas, validity, "decides" if one.is_decision_maker else "")


_add("People", "contacts", Sort.CONTACT,
     ("contact.primary", "Primary contact", lambda known: person(next(
         (one for one in known.contacts if one.is_primary), None))),
     ("contact.decision_maker", "Decision maker", _with(lambda one: one.is_decision_maker)),
     ("contact.finance", "Finance contact", _area(Contact.Area.FINANCE)),
     ("contact.training", "Training contact", _area(Contact.Area.TRAINING)),
     ("contact.compliance", "Compliance contact", _area(Contact.Area.COMPLIANCE)),
     ("contact.credentialing", "Credentialing contact", _area(Contact.Area.CREDENTIALING)))  # fmt: skip
_add("People", "contacts", Sort.TEXT, ("contact.reach", "How to reach the primary contact", _reach))
_add("People", "contacts", Sort.TEXT, ("contact.validity", "Validity of the primary contact", _validity),
     on=_validity_on)  # fmt: skip
_add("People", "contacts", Sort.LONG, ("contact.others", "Other contacts", _others))


# -- Subscriptions and renewal


def _subscription_lines(known: Known) -> str | None:
    return _lines(_subscription(known, one) for one in known.subscriptions)


def _subscription(known: Known, one: Subscription) -> str:
    users = "providers" if one.product.is_credentialing else "users"
    counted = f"{one.active_users:,} active of " if one.active_users is not None else ""
    contracted = f"{one.contracted_users:,} contracted {users}" if one.contracted_users is not None else ""
    parts = (
        f"{counted}{contracted}" if contracted else "",
        f"{words.money(one.mrr_minor, one.currency)} MRR",
        f"{one.get_service_tier_display()} service" if one.service_tier else "",
        f"renews {day_in_words(one.renews_on)}" if one.renews_on else "",
    )
    return f"{one.product.name}: {_joined(*parts)}"


def _discrepancy(known: Known) -> str | None:
    """Contracted against active, where the two differ (ACC-4); what is equal says so."""
    counted = [one for one in known.subscriptions if one.unused_users is not None]
    told = [_differs(one) for one in counted if one.unused_users]
    return _lines(told) if told else ("Active and contracted agree." if counted else None)


def _differs(one: Subscription) -> str:
    users, unused = "providers" if one.product.is_credentialing else "users", one.unused_users or 0
    said = f"{unused:,} of {one.contracted_users:,} contracted {users} not active"
    return f"{one.product.name}: {said if unused > 0 else f'{-unused:,} {users} more than contracted'}"


def _providers(known: Known) -> str | None:
    return _lines(_subscription(known, one) for one in known.subscriptions if one.product.is_credentialing)


def _summed(column: str) -> Callable[[Known], int | None]:
    """The sum over the subscriptions that count users and know it."""

    def read(known: Known) -> int | None:
        counted = [getattr(one, column) for one in known.subscriptions if not one.product.is_credentialing]
        told = [number for number in counted if number is not None]
        return sum(told) if told else None

    return read


def _payers(known: Known) -> str | None:
    named = {one.payer.name if one.payer else known.account.name: None for one in known.subscriptions}
    billed = {one.billed_to: None for one in known.subscriptions if one.billed_to}
    return _joined(*named, f"billed to {_joined(*billed)}" if billed else "") or None


def _service_tiers(known: Known) -> str | None:
    tiers = {f"{one.get_service_tier_display()} ({one.product.name})": None for one in known.subscriptions if
             one.service_tier}  # fmt: skip
    return _joined(*tiers) or None


def _next_renewal(known: Known) -> Subscription | None:
    dated = [one for one in known.subscriptions if one.renews_on]
    return min(dated, key=lambda one: (one.renews_on, one.product.name), default=None)


def _decider(known: Known) -> Any:
    renewal = _next_renewal(known)
    return person(renewal.decider) if renewal else None


def _renewal(known: Known) -> str | None:
    one = _next_renewal(known)
    if one is None:
        return None
    elsewhere = f"decided at {one.decided_at_account.name}" if one.decided_at_account else ""
    chance = f"{one.renewal_probability} % likely" if one.renewal_probability is not None else ""
    return _joined(one.get_renewal_stage_display(), chance, elsewhere, one.renewal_note)


_add("Subscriptions", "subscriptions", Sort.LONG,
     ("subscription.list", "Subscriptions", _subscription_lines),
     ("subscription.discrepancy", "Contracted against active", _discrepancy),
     ("subscription.providers", "Providers, active against contracted", _providers))  # fmt: skip
_add("Subscriptions", "subscriptions", Sort.TEXT,
     ("subscription.payer", "Who pays and is billed", _payers),
     ("subscription.service_tier", "Service tiers", _service_tiers),
     ("renewal.stage", "Where the next renewal stands", _renewal))  # fmt: skip
_add("Subscriptions", "subscriptions", Sort.NUMBER,
     ("subscription.contracted", "Contracted users", _summed("contracted_users")),
     ("subscription.active", "Active users", _summed("active_users")),
     ("subscription.inactive", "Inactive users", _summed("inactive_users")),
     ("subscription.terminated", "Terminated users", _summed("terminated_users")),
     on=lambda known: max((one.counted_on for one in known.subscriptions if one.counted_on), default=None))  # fmt: skip
_add("Subscriptions", "subscriptions", Sort.CONTACT, ("renewal.decider", "Who decides the renewal", _decider))
_add("Subscriptions", "", Sort.DATE,
     ("renewal.date", "Next renewal", lambda known: known.account.figures.renews_on),
     ("renewal.notice", "Cancel by", lambda known: known.account.figures.notice_on))  # fmt: skip
_add("Subscriptions", "", Sort.MONEY, ("subscription.mrr", "MRR", lambda known: known.account.figures.mrr_minor))


# -- Use


def _modules(known: Known) -> str | None:
    day_of = known.context.day_of
    return _lines(
        f"{use.module.name}: {use.uses_30_days:,} in 30 days, last {day_in_words(day_of(use.last_used_at))}"
        for use in known.uses
    )


def _unused(known: Known) -> str | None:
    idle = [use.module.name for use in known.uses if known.context.days_since(use.last_used_at) > 30]
    return _joined(*idle) or ("None" if known.uses else None)


def _trend(known: Known) -> str | None:
    """The last 30 days against the 30 before."""
    figures = known.account.figures
    now, before = figures.uses_30_days, figures.uses_prior_30_days
    if figures.counted_on is None:
        return None
    if not before:
        return f"{now:,} uses in 30 days, none in the 30 before"
    change = round((now - before) * 100 / before)
    said = "as many as" if not change else f"{abs(change)} % {'more' if change > 0 else 'fewer'} than"
    return f"{now:,} uses in 30 days, {said} in the 30 before"


def _last_use(known: Known) -> date | None:
    used = known.account.figures.last_used_at
    return known.context.day_of(used) if used else None


_add("Use", "uses", Sort.LONG, ("usage.modules", "Use per module", _modules))
_add("Use", "uses", Sort.TEXT, ("usage.unused", "Modules not used for 30 days", _unused))
_add("Use", "", Sort.TEXT, ("usage.trend", "Trend of use", _trend), on=lambda known: known.account.figures.counted_on)
_add("Use", "", Sort.DATE, ("usage.last", "Last use of anything", _last_use))


def _outcomes(known: Known) -> str | None:
    return _lines(f"{one.measure}: {one.actual:,} of {one.target:,}" for one in known.outcomes)


_add("Use", "outcomes", Sort.LONG, ("outcome.list", "Outcomes against their targets", _outcomes))


# -- Support


def _open_tickets(known: Known) -> str | None:
    return _lines(_ticket(known, one) for one in known.tickets if one.state != SupportTicket.State.RESOLVED)


def _ticket(known: Known, one: SupportTicket) -> str:
    since = day_in_words(known.context.day_of(one.opened_at))
    return f"{one.key} {_short(one.subject)}: {one.get_state_display().lower()} since {since}"


def _past_tickets(known: Known) -> str | None:
    return _lines(
        f"{one.key} {_short(one.subject)}{f' ({one.topic})' if one.topic else ''}"
        for one in known.tickets
        if one.state == SupportTicket.State.RESOLVED
    )


def _recurring(known: Known) -> str | None:
    counts: dict[str, int] = {}
    for one in known.tickets:
        if one.topic:
            counts[one.topic] = counts.get(one.topic, 0) + 1
    again = sorted((-number, topic) for topic, number in counts.items() if number > 1)
    return _joined(*(f"{topic} ({-number} times)" for number, topic in again)) or ("None" if known.tickets else None)


def _about_courses(known: Known) -> str | None:
    found = [one for one in known.tickets if "course" in f"{one.subject} {one.topic}".lower()]
    return _lines(_ticket(known, one) for one in found) or ("None" if known.tickets else None)


def _averages(known: Known) -> str | None:
    if not known.support:
        return None
    first, whole = known.support["first_response"], known.support["resolution"]
    return _joined(
        f"first response after {_duration(first)}" if first else "",
        f"resolved after {_duration(whole)}" if whole else "",
        f"over {words.count(known.support['tickets'], 'support ticket')}",
    )


def _duration(length: timedelta) -> str:
    hours = length.total_seconds() / 3_600
    return words.count(round(hours), "hour") if hours < 48 else words.count(round(hours / 24), "day")


_add("Support", "tickets", Sort.LONG,
     ("support.open", "Open support tickets", _open_tickets),
     ("support.past", "Resolved support tickets", _past_tickets),
     ("support.courses", "Support tickets about courses", _about_courses))  # fmt: skip
_add("Support", "tickets", Sort.TEXT, ("support.recurring", "Recurring topics", _recurring))
_add("Support", "support", Sort.TEXT, ("support.averages", "Response and resolution, on average", _averages))
_add("Support", "", Sort.NUMBER,
     ("support.open_count", "Number of open support tickets", lambda known: known.account.figures.support_tickets_open),
     )  # fmt: skip


# -- Engagement


def _replying(known: Known) -> bool | None:
    """Whether the account answered since we last tried; unknown where nobody ever did."""
    figures = known.account.figures
    if figures.last_answered_at is None and not figures.unanswered:
        return None
    return not figures.unanswered


def _attempts(known: Known) -> int | None:
    return known.account.figures.unanswered if known.account.figures.last_interaction_at else None


def _answered_on(known: Known) -> date | None:
    answered = known.account.figures.last_answered_at
    return known.context.day_of(answered) if answered else None


def _mood(known: Known) -> str | None:
    return {1: "Positive", 0: "Neutral", -1: "Negative"}.get(known.account.figures.sentiment or 0) if (
        known.account.figures.sentiment_at) else None  # fmt: skip


def _last_interactions(known: Known) -> str | None:
    return _lines(
        f"{day_in_words(known.context.day_of(one.happened_at))} {one.get_kind_display()}: "
        f"{_short(one.subject or one.body) or 'no subject'}{' (no answer)' if one.answered is False else ''}"
        for one in known.interactions
    )


def _notes(known: Known) -> str | None:
    return _lines(_short(one.house_format) for one in known.notes)


_add("Engagement", "", Sort.YES_NO, ("interaction.replying", "Are they replying?", _replying))
_add("Engagement", "", Sort.NUMBER, ("interaction.unanswered", "Attempts without an answer", _attempts))
_add("Engagement", "", Sort.DATE, ("interaction.answered_on", "Last answer", _answered_on))
_add("Engagement", "", Sort.TEXT, ("interaction.mood", "Last mood noted", _mood),
     on=lambda known: known.account.figures.sentiment_at)  # fmt: skip
_add("Engagement", "interactions", Sort.LONG, ("interaction.last", "Last interactions", _last_interactions))
_add("Engagement", "notes", Sort.LONG, ("note.last", "Last notes", _notes))


def _opportunities(known: Known) -> str | None:
    return _lines(
        _joined(f"{one.name}: {one.stage or one.get_kind_display()}",
                f"{words.money(one.mrr_minor, one.currency)} MRR" if one.mrr_minor else "",
                f"closes {day_in_words(one.closes_on)}" if one.closes_on else "")
        for one in known.opportunities
    )  # fmt: skip


_add("Engagement", "opportunities", Sort.LONG, ("opportunity.open", "Open opportunities", _opportunities))
