"""What the accounts pay for, how much of it they use, and what they reach with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from accounts.models import Module, ModuleUse, Outcome, Subscription

from .books import Plan, Setting
from .layout import TERM
from .trades import Offer

# Dollars of MRR by tier: where the middle lies, and the bounds.
MRR = {1: (5_200, 2_300, 19_500), 2: (1_300, 520, 3_400), 3: (310, 55, 940)}
SPREAD = {1: 0.55, 2: 0.5, 3: 0.65}
SERVICE_ODDS = {1: (5, 35, 60), 2: (30, 55, 15), 3: (78, 20, 2)}
HANDFUL = 120  # uses of one module in 30 days by ten people, at most


@dataclass
class Contract:
    """The unsaved rows of one account, and the totals its texts speak of."""

    subscriptions: list[Subscription] = field(default_factory=list)
    uses: list[ModuleUse] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    users: int = 0
    active: int = 0
    used: int = 0
    last_module: Module | None = None

    @property
    def products(self) -> set[str]:
        return {subscription.product.key for subscription in self.subscriptions}

    @property
    def modules(self) -> list[Module]:
        return [use.module for use in self.uses]


def draft_contract(setting: Setting, plan: Plan) -> Contract:
    """Subscriptions, last use and outcomes of one account, not yet saved nor tied to it."""
    rng = setting.rng(plan.seat.index, "contract")
    contract = Contract()
    owned = [offer for offer in setting.trade.offers if rng.randint(1, 100) <= offer.odds[plan.seat.tier - 1]]
    owned = owned or [setting.trade.offers[0]]
    mrr = _mrr(rng, plan)
    weights = sum(offer.weight for offer in owned)
    for offer in owned:
        share = mrr * offer.weight / weights
        users = round(share / rng.uniform(*offer.price))
        if offer.reach and contract.users:
            users = round(contract.users * rng.uniform(*offer.reach))
        subscription = _subscription(setting, plan, rng, offer, share, max(users, 1))
        contract.subscriptions.append(subscription)
        # People speak of the product that most of them use.
        if (subscription.contracted_users or 0) > contract.users:
            contract.users, contract.active = subscription.contracted_users or 0, subscription.active_users or 0
    _draft_uses(setting, plan, rng, contract)
    contract.outcomes = _outcomes(setting, plan, rng)
    return contract


def _mrr(rng: Random, plan: Plan) -> float:
    """Long-tailed within the bounds of the tier."""
    middle, low, high = MRR[plan.seat.tier]
    drawn = rng.lognormvariate(0, SPREAD[plan.seat.tier]) * middle * (1.3 if plan.seat.is_head else 1)
    # Far values are folded back instead of piling up at the bound.
    while drawn > high:
        drawn *= 0.71
    return max(drawn, low * (1 + rng.random() * 0.4))


def _subscription(setting: Setting, plan: Plan, rng: Random, offer: Offer, mrr: float, users: int) -> Subscription:
    seat, days = plan.seat, setting.days
    low, high = seat.story.active
    active = round(users * rng.randint(low, high) / 100)
    renews_on, starts_on, ended_on = _term(setting, plan, rng)
    tiers = Subscription.ServiceTier
    return Subscription(
        workspace=setting.workspace,
        product=setting.catalogue.products[offer.key],
        service_tier=rng.choices((tiers.BASIC, tiers.STANDARD, tiers.PREMIUM), SERVICE_ODDS[seat.tier])[0],
        mrr_minor=round(mrr * 2) * 50,
        otr_minor=rng.choice((25_000, 50_000, 120_000, 250_000)) if seat.age < 400 and rng.random() < 0.3 else 0,
        currency=setting.workspace.currency,
        contracted_users=users,
        active_users=active,
        inactive_users=max(users - active, 0) // 2 + rng.randint(0, 2),
        terminated_users=int(users * rng.random() * 0.3),
        starts_on=starts_on,
        renews_on=renews_on,
        ended_on=ended_on,
        billed_to="",
        counted_on=days.ago(1),
        created_at=days.at(days.ago(seat.age), 600),
    )


def _term(setting: Setting, plan: Plan, rng: Random) -> tuple[date, date, date | None]:
    """Renewal, start of the running term and, for a former account, the end."""
    days, seat = setting.days, plan.seat
    if not seat.story.is_current:
        ended = plan.account.stage_since or days.today
        return ended, ended - timedelta(days=TERM), ended
    # Now and then an add-on was bought later and renews on its own day.
    later = rng.randint(20, 160) if rng.random() < 0.06 and 0 < seat.renews_in < 200 else 0
    renews_on = days.ago(-seat.renews_in - later)
    terms = -(-(seat.renews_in + later) // TERM)
    return renews_on, max(renews_on - timedelta(days=TERM * max(terms, 1)), days.ago(seat.age)), None


def _draft_uses(setting: Setting, plan: Plan, rng: Random, contract: Contract) -> None:
    """Last use of every module of the products owned; the story says how long ago."""
    story = plan.seat.story
    used = contract.used = rng.randint(*story.used)
    if story.key == "stalled" or (story.key == "new" and plan.seat.age < 12):
        return  # nobody has signed in yet
    for subscription in contract.subscriptions:
        for module in setting.catalogue.modules_of(subscription.product):
            silent = story.key == "half" and module.key == setting.trade.main
            ago = rng.randint(33, 88) if silent else _module_days(rng, plan, used, module)
            ago = min(ago, max(plan.seat.age - 2, 0))
            people = min(subscription.active_users or 0, 60)
            contract.uses.append(
                ModuleUse(
                    workspace=setting.workspace,
                    module=module,
                    last_used_at=setting.days.used(rng, ago),
                    uses_30_days=0 if ago > 30 else max(int(people * rng.uniform(0.6, HANDFUL / 10)), 1),
                )
            )
            if silent or contract.last_module is None or rng.random() < 0.3:
                contract.last_module = module
            if silent:
                contract.used = ago


def _module_days(rng: Random, plan: Plan, used: int, module: Module) -> int:
    """Most modules of an account are used about as often; side modules fall asleep now and then."""
    if module.key in ("cases", "policies", "courses"):
        return used + (rng.randint(0, 3) if plan.seat.story.key != "silent" else rng.randint(0, 9))
    if rng.random() < 0.12:
        return used + rng.randint(25, 190)
    return used + rng.randint(0, 12)


def _outcomes(setting: Setting, plan: Plan, rng: Random) -> list[Outcome]:
    seat = plan.seat
    if (
        not seat.story.is_current
        or seat.story.key == "stalled"
        or rng.randint(1, 100) > setting.trade.outcome_odds[seat.tier - 1]
    ):
        return []
    outcomes = []
    for place, (measure, bounds) in enumerate(setting.trade.outcomes):
        if place and rng.random() < 0.6:
            continue
        target = rng.randint(*bounds) // (1 if seat.tier == 1 else 2) + 4
        outcomes.append(
            Outcome(
                workspace=setting.workspace,
                measure=measure,
                target=target,
                actual=round(target * rng.randint(*seat.story.outcome) / 100),
                measured_on=setting.days.ago(rng.randint(1, 20)),
            )
        )
    return outcomes


def name_payers(plan: Plan, head: Plan | None, contract: Contract, rng: Random) -> None:
    """Who pays, once accounts are saved: every second group pays for its members, some accounts through a service."""
    if head is not None and head.seat.index % 2 == 0:
        for subscription in contract.subscriptions:
            subscription.payer = head.account
            subscription.billed_to = f"{head.account.name}, Accounts Payable"[:120]
    elif head is None and rng.random() < 0.04:
        for subscription in contract.subscriptions:
            subscription.billed_to = f"{plan.short} Management Services"
