"""A list of enterprise renewal dates: who decides and where, notice, probability, stage; with diff and undo."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts.models import Account, Contact, Product, Subscription
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import AccountFactory, ContactFactory, SubscriptionFactory

from .sheets import Sheets, codes, problem, rows_of, said

TITLES = ("Account Name", "Due Date", "Notice Period", "Decision Maker", "Corporate account", "Likelihood",
          "Section/Column", "Auto Renewal")  # fmt: skip
ROW = ("Willow Urgent Care", "2027-03-22", 60, "rosa@example.org", "Ñandú Wellness", "80 %", "In progress", "no")


class TestEnterpriseDates:
    @pytest.fixture(autouse=True)
    def setting(self, ops: Member, willow: Account, nandu: Account, products: list[Product]) -> None:
        self.sheets, self.willow, self.nandu = Sheets(ops, "renewals"), willow, nandu
        self.running = SubscriptionFactory(account=willow, product=products[0], renews_on=date(2027, 1, 1))
        self.rosa = ContactFactory(account=nandu, first_name="Rosa", last_name="Vargas", email="rosa@example.org")

    def compare(self, **changed: Any) -> Any:
        cells = dict(zip(TITLES, ROW, strict=True)) | {title.replace("_", " "): v for title, v in changed.items()}
        return self.sheets.compare(TITLES, tuple(cells[title] for title in TITLES))

    def test_everything_arrives_and_goes_back(self) -> None:
        before = Subscription.objects.values().get()
        one = self.sheets.apply(TITLES, ROW)
        found = Subscription.objects.get()
        assert (said(one), found.renews_on, found.notice_days) == ({"changed": 1}, date(2027, 3, 22), 60)
        assert (found.decider, found.decided_at_account, found.auto_renews) == (self.rosa, self.nandu, False)
        assert (found.renewal_probability, found.renewal_stage) == (80, "negotiating")
        assert self.sheets.counts(TITLES, ROW) == {"unchanged": 1}
        assert self.sheets.undo(one).undone_rows == 1
        assert Subscription.objects.values().get() == before

    def test_the_diff_says_it_in_words(self) -> None:
        shown = set(self.sheets.described(self.compare())[2])
        assert {
            ("Decider", "", "Rosa Vargas"),
            ("Decided at", "", "Ñandú Wellness"),
            ("Probability", "", "80"),
            ("Renewal stage", "Not started", "Negotiating"),
            ("Renews by itself", "", "No"),
            ("Days of notice", "", "60"),
        } <= shown

    @pytest.mark.parametrize("cell", ["ROSA@example.org", "rosa vargas"])
    def test_the_decider_by_address_or_name(self, cell: str) -> None:
        assert rows_of(self.compare(Decision_Maker=cell))[2].changes["decider_id"][1] == str(self.rosa.pk)

    def test_a_stranger_decides_nothing(self, workspace: Workspace, other_workspace: Workspace) -> None:
        ContactFactory(account=AccountFactory(workspace=workspace), email="sven@example.org")
        with workspace_scope(other_workspace.pk):
            ContactFactory(account=AccountFactory(workspace=other_workspace), email="far@example.org")
        for cell in ("sven@example.org", "far@example.org", "nobody at all"):
            found = problem(self.compare(Decision_Maker=cell))
            assert (found["code"], found["column"], found["value"]) == ("unknown_contact", "Decision Maker", cell)

    def test_two_of_one_name_are_asked_for(self) -> None:
        ContactFactory(account=self.willow, first_name="Rosa", last_name="Vargas", email="r2@example.org")
        found = problem(self.compare(Decision_Maker="Rosa Vargas"))
        assert "Several contacts" in found["message"]

    @pytest.mark.parametrize(
        ("title", "cell", "code"),
        [
            ("Likelihood", "120", "bad_percent"),
            ("Section/Column", "Wizardry", "unknown_choice"),
            ("Corporate account", "Nobody Inc", "unknown_account"),
        ],
    )
    def test_bad_cells_are_told(self, title: str, cell: str, code: str) -> None:
        assert code in codes(self.compare(**{title: cell}))[2]

    @pytest.mark.parametrize(("cell", "percent"), [("0.7", None), (70, 70), ("70%", 70), ("", None)])
    def test_percentages(self, cell: Any, percent: int | None) -> None:
        one = self.compare(Likelihood=cell)
        row = rows_of(one)[2]
        assert row.changes.get("renewal_probability", [None, None])[1] == percent or row.problems

    def test_a_decider_of_the_known_place(self) -> None:
        Subscription.objects.update(decided_at_account=self.nandu)
        titles = ("Account", "Renewal date", "Decider")
        self.sheets.apply(titles, ("Willow Urgent Care", "2027-03-22", "rosa@example.org"))
        assert Contact.objects.get(pk=self.rosa.pk) == Subscription.objects.get().decider
