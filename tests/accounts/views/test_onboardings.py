"""The list of onboardings and its export."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.test import Client

from accounts.models import Account, AdoptionCheck, Onboarding, OnboardingGoal
from accounts.onboarding import listing
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import AccountFactory

LIST = "/w/northwind/accounts/onboarding/"


def running(account: Account, target: date | None, **more: Any) -> Onboarding:
    return Onboarding.objects.create(
        workspace=account.workspace, account=account, started_on=date(2026, 10, 1), target_on=target, **more
    )


@pytest.fixture
def three(workspace: Workspace, csm: Member, lead: Member, frozen: object) -> list[Onboarding]:
    late, later, ended = (
        AccountFactory(workspace=workspace, name=name, owner=owner, stage="onboarding")
        for name, owner in (("Late Clinic", csm), ("Later Clinic", lead), ("Ended Clinic", csm))
    )
    records = [
        running(late, date(2026, 11, 1)),
        running(later, date(2026, 12, 1)),
        running(ended, date(2026, 11, 1), state="completed", ended_on=date(2026, 11, 5)),
    ]
    for number, label in enumerate(("One", "Two")):
        OnboardingGoal.objects.create(
            workspace=workspace, account=late, onboarding=records[0], label=label,
            done_on=date(2026, 11, 2) if number else None,
        )  # fmt: skip
    AdoptionCheck.objects.create(workspace=workspace, account=late, checked_on=date(2026, 11, 20), verdict="behind")
    return records


class TestList:
    def test_overdue_ones_come_first_with_their_figures(self, three: object, as_csm: Client) -> None:
        text = as_csm.get(LIST).text
        assert text.index("Late Clinic") < text.index("Later Clinic") and "Ended Clinic" not in text
        assert "1/2" in text and "Behind" in text and "2 records" in text

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ({"state": "overdue"}, {"Late"}),
            ({"state": "completed"}, {"Ended"}),
            ({"state": "all"}, {"Late", "Later", "Ended"}),
            ({"adoption": "behind"}, {"Late"}),
            ({"adoption": "none"}, {"Later"}),
            ({"state": "nonsense", "owner": "nobody"}, {"Late", "Later"}),
        ],
    )
    def test_filters(self, three: object, as_csm: Client, query: dict[str, str], shown: set[str]) -> None:
        text = as_csm.get(LIST, query).text
        assert {name for name in ("Late", "Later", "Ended") if f">{name} Clinic<" in text} == shown

    def test_by_csm(self, three: object, csm: Member, as_csm: Client) -> None:
        text = as_csm.get(LIST, {"owner": str(csm.pk)}).text
        assert "Late Clinic" in text and "Later Clinic" not in text

    def test_pages_by_cursor(self, three: object, as_csm: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(listing, "PAGE_SIZE", 1)
        first = as_csm.get(LIST)
        after = first.context["listing"].page.next
        text = as_csm.get(LIST, {"after": after}).text
        assert "Later Clinic" in text and ">Late Clinic<" not in text

    def test_htmx_gets_the_list(self, three: object, as_csm: Client) -> None:
        text = as_csm.get(LIST, headers={"HX-Request": "true", "HX-Target": "list"}).text
        assert text.lstrip().startswith('<section id="list"')

    def test_queries_do_not_grow_with_the_rows(
        self, three: object, workspace: Workspace, as_csm: Client, django_assert_max_num_queries: Any
    ) -> None:
        for account in AccountFactory.create_batch(30, workspace=workspace):
            running(account, date(2026, 11, 1) + timedelta(days=3))
        with django_assert_max_num_queries(12):
            assert as_csm.get(LIST).context["listing"].page.count == 32

    def test_an_empty_list_says_how_one_opens(self, workspace: Workspace, as_csm: Client) -> None:
        assert "Nobody is being onboarded" in as_csm.get(LIST).text
        assert "No onboarding matches" in as_csm.get(LIST, {"state": "failed"}).text

    def test_another_workspaces_are_not_there(self, foreign: Account, as_csm: Client) -> None:
        with workspace_scope(foreign.workspace_id):
            running(foreign, None)
        assert "Foreign Canary" not in as_csm.get(LIST, {"state": "all"}).text

    def test_rejects_post(self, as_csm: Client) -> None:
        assert as_csm.post(LIST).status_code == 405


class TestExport:
    def test_gives_the_filtered_rows(self, three: object, as_csm: Client) -> None:
        answer = as_csm.get(f"{LIST}export/", {"state": "overdue"})
        rows = list(openpyxl.load_workbook(BytesIO(answer.content)).active.values)
        assert [row[0] for row in rows] == ["Account", "Late Clinic"]
        assert rows[1][8:11] == (2, 1, "Behind")

    def test_rejects_post(self, as_csm: Client) -> None:
        assert as_csm.post(f"{LIST}export/").status_code == 405
