"""The list of plans and its export."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.test import Client

from accounts.models import Account, Plan, PlanAction, PlanGoal
from accounts.plans import listing
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import AccountFactory

LIST = "/w/northwind/accounts/plans/"


def running(account: Account, title: str, **more: Any) -> Plan:
    return Plan.objects.create(
        workspace=account.workspace, account=account, title=title, **{"starts_on": date(2026, 10, 1)} | more
    )


@pytest.fixture
def three(workspace: Workspace, csm: Member, frozen: object) -> list[Plan]:
    one, other = (AccountFactory(workspace=workspace, owner=owner) for owner in (csm, None))
    plans = [
        running(one, "Due plan", kind="retention", next_check_in_on=date(2026, 11, 20)),
        running(other, "Calm plan"),
        running(one, "Old plan", state="achieved", ended_on=date(2026, 11, 1), ending_note="They renewed."),
    ]
    for measure, current in (("A", 4), ("B", 10)):
        PlanGoal.objects.create(
            workspace=workspace, account=one, plan=plans[0], measure=measure, baseline=Decimal(0),
            target=Decimal(10), current=Decimal(current), reached_on=date(2026, 11, 1) if current == 10 else None,
        )  # fmt: skip
    for title, due in (("X", date(2026, 11, 1)), ("Y", None)):
        PlanAction.objects.create(workspace=workspace, account=one, plan=plans[0], title=title, due_on=due)
    return plans


class TestList:
    def test_the_next_check_in_comes_first(self, three: object, as_csm: Client) -> None:
        text = as_csm.get(LIST).text
        assert text.index("Due plan") < text.index("Calm plan") and "Old plan" not in text
        assert "40 %" in text and "1/2" in text and "1 overdue" in text

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ({"kind": "retention"}, {"Due"}),
            ({"state": "achieved"}, {"Old"}),
            ({"state": "all"}, {"Due", "Calm", "Old"}),
            ({"due": "check_in"}, {"Due"}),
            ({"due": "action"}, {"Due"}),
            ({"kind": "nonsense"}, {"Due", "Calm"}),
        ],
    )
    def test_filters(self, three: object, as_csm: Client, query: dict[str, str], shown: set[str]) -> None:
        text = as_csm.get(LIST, query).text
        assert {name for name in ("Due", "Calm", "Old") if f">{name} plan<" in text} == shown

    def test_by_csm(self, three: object, csm: Member, as_csm: Client) -> None:
        assert "Calm plan" not in as_csm.get(LIST, {"owner": str(csm.pk)}).text

    def test_pages_by_cursor(self, three: object, as_csm: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(listing, "PAGE_SIZE", 1)
        after = as_csm.get(LIST).context["listing"].page.next
        assert "Calm plan" in as_csm.get(LIST, {"after": after}).text

    def test_htmx_gets_the_list(self, three: object, as_csm: Client) -> None:
        text = as_csm.get(LIST, headers={"HX-Request": "true", "HX-Target": "list"}).text
        assert text.lstrip().startswith('<section id="list"')

    def test_queries_do_not_grow_with_the_rows(
        self, three: object, workspace: Workspace, as_csm: Client, django_assert_max_num_queries: Any
    ) -> None:
        for account in AccountFactory.create_batch(30, workspace=workspace):
            running(account, "Another plan")
        with django_assert_max_num_queries(12):
            assert as_csm.get(LIST).context["listing"].page.count == 32

    def test_an_empty_list_says_what_to_do(self, workspace: Workspace, as_csm: Client) -> None:
        assert "No plan is running" in as_csm.get(LIST).text
        assert "No plan matches" in as_csm.get(LIST, {"kind": "retention"}).text

    def test_another_workspaces_are_not_there(self, foreign: Account, as_csm: Client) -> None:
        with workspace_scope(foreign.workspace_id):
            running(foreign, "Far plan")
        assert "Far plan" not in as_csm.get(LIST, {"state": "all"}).text

    def test_rejects_post(self, as_csm: Client) -> None:
        assert as_csm.post(LIST).status_code == 405


class TestExport:
    def test_gives_the_filtered_rows(self, three: object, as_csm: Client) -> None:
        answer = as_csm.get(f"{LIST}export/", {"state": "all"})
        rows = list(openpyxl.load_workbook(BytesIO(answer.content)).active.values)
        by_title = {row[3]: row for row in rows[1:]}
        assert by_title["Due plan"][7:12] == (40, 2, 1, 2, 1)
        assert by_title["Old plan"][14] == "They renewed."

    def test_rejects_post(self, as_csm: Client) -> None:
        assert as_csm.post(f"{LIST}export/").status_code == 405
