"""The support picture in figures."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, SupportTicket
from accounts.support.queries import lasting, support_of
from csworkbench.common import clock
from csworkbench.tenancy.models import Workspace
from tests.factories import AccountFactory

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def account(workspace: Workspace) -> Account:
    return AccountFactory(workspace=workspace)


def ticket(account: Account, days: float, *, response: float = 0, took: float = 0, **fields: Any) -> SupportTicket:
    """A support ticket opened some days ago; ``response`` and ``took`` in hours, 0 where there is none."""
    opened: datetime = clock.now() - timedelta(days=days)
    values = {
        "key": f"SUP-{SupportTicket.objects.count()}",
        "subject": "SSO fails",
        "opened_at": opened,
        "first_response_at": opened + timedelta(hours=response) if response else None,
        "resolved_at": opened + timedelta(hours=took) if took else None,
        "state": "resolved" if took else "open",
    }
    return SupportTicket.objects.create(workspace=account.workspace, account=account, **(values | fields))


def test_averages_and_medians_over_twelve_months(account: Account) -> None:
    for hours in (1, 2, 9):
        ticket(account, 30, response=hours, took=hours * 10)
    ticket(account, 400, response=500, took=800)
    found = support_of(account, account.workspace)
    assert (found.response.average, found.response.median, found.response.count) == (
        timedelta(hours=4), timedelta(hours=2), 3,
    )  # fmt: skip
    assert (found.resolution.average, found.resolution.median) == (timedelta(hours=40), timedelta(hours=20))
    assert (found.in_period, found.past_count) == (3, 4)


def test_open_ones_by_severity_then_age(account: Account) -> None:
    minor = ticket(account, 60, severity="minor")
    young = ticket(account, 1, severity="urgent")
    old = ticket(account, 9, severity="urgent", state="waiting")
    found = support_of(account, account.workspace)
    assert found.open == [old, young, minor]
    assert (found.open_count, found.urgent, found.oldest) == (3, 2, minor.opened_at)


def test_a_topic_recurs_from_the_second_time(account: Account) -> None:
    for topic in ("SSO", "SSO", "Reports", ""):
        ticket(account, 10, topic=topic)
    ticket(account, 500, topic="Reports")
    assert [(one.name, one.count, one.open) for one in support_of(account, account.workspace).topics] == [("SSO", 2, 2)]


def test_nothing_is_known(account: Account) -> None:
    found = support_of(account, account.workspace)
    assert (found.any, found.response.average, found.resolution.median, found.topics) == (False, None, None, [])


def test_takes_four_statements(account: Account) -> None:
    for days in range(30):
        ticket(account, days, took=days % 2)
    with CaptureQueriesContext(connection) as captured:
        support_of(account, account.workspace)
    assert len(captured) == 4


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (None, "—"),
        (timedelta(), "0 min"),
        (timedelta(minutes=35), "35 min"),
        (timedelta(hours=4, minutes=30), "4.5 h"),
        (timedelta(hours=47), "47.0 h"),
        (timedelta(days=3, hours=6), "3.2 d"),
    ],
)
def test_lengths_in_words(length: timedelta | None, said: str) -> None:
    assert lasting(length) == said
