"""When a service tier may be added (REN-2): at renewal, or earlier only together with another purchase."""

from __future__ import annotations

from datetime import date, timedelta

from accounts.models import Subscription

# A purchase counts as made together when it begins at most so many days before or after today.
TOGETHER = timedelta(days=30)
RANK = {"": 0, "basic": 1, "standard": 2, "premium": 3}


def tier_refusal(subscription: Subscription, tier: str, today: date) -> str:
    """Why ``tier`` cannot be added to a running subscription today, or nothing; at most two statements.

    A lower tier and none are never refused; neither is the tier with which something new is bought.
    """
    before = Subscription.objects.filter(workspace=subscription.workspace_id, pk=subscription.pk)
    held = None if subscription._state.adding else before.values_list("service_tier", flat=True).first()
    if held is None or RANK[tier] <= RANK[held] or bought_lately(subscription, today):
        return ""
    day = subscription.renews_on
    when = f" ({day:%b} {day.day}, {day.year})" if day else ""
    return (
        f"A service tier is added at renewal{when}: close the renewal with it."
        " Earlier only together with another purchase, which has to be added first."
    )


def bought_lately(subscription: Subscription, today: date) -> bool:
    """Whether the account has bought something else just now."""
    others = Subscription.objects.filter(
        workspace=subscription.workspace_id, account=subscription.account_id, ended_on__isnull=True
    ).exclude(pk=subscription.pk)
    return others.filter(starts_on__range=(today - TOGETHER, today + TOGETHER)).exists()
