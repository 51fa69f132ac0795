"""Custom fields: made from a label, kept by key, said in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts import custom
from accounts.changes import changes_of
from accounts.models import Account, CustomField
from accounts.services import save_account
from csworkbench.tenancy.history import lines
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import AccountFactory


def refusal(error: pytest.ExceptionInfo[ValidationError]) -> str:
    return " ".join(error.value.messages)


class TestKeys:
    @pytest.mark.parametrize(
        ("label", "key"),
        [
            ("Plan tier", "plan_tier"),
            ("Días de crédito (%)", "dias_de_credito"),
            ("2027 goal", "field_2027_goal"),
            ("客户", "field"),
            ("%", "field"),
            ("A very long label that no column could ever hold in whole", "a_very_long_label_that_no_column_could_e"),
        ],
    )
    def test_a_label_becomes_a_name_of_a_column(self, label: str, key: str) -> None:
        assert custom.key_for(label, []) == key

    def test_a_taken_key_gets_a_number(self) -> None:
        assert custom.key_for("Plan tier", ["plan_tier", "plan_tier_2"]) == "plan_tier_3"
        assert len(custom.key_for("x" * 60, ["x" * 40])) == 40

    def test_the_database_takes_every_key(self, ops: Member) -> None:
        for label in ("Plan tier", "客户", "2027", "_", "ﬁne", "٣ seats"):
            field = custom.add_field(actor=ops, label=label, sort="text")
            assert CustomField.objects.get(pk=field.pk).key == field.key


class TestFields:
    def test_a_field_is_added_once_by_its_label(self, ops: Member) -> None:
        made = custom.add_field(actor=ops, label="  Plan   tier ", sort="text")
        assert (made.key, made.label, made.workspace) == ("plan_tier", "Plan tier", ops.workspace)
        with pytest.raises(ValidationError) as error:
            custom.add_field(actor=ops, label="plan TIER", sort="number")
        assert refusal(error) == "There is a field called plan TIER already."

    def test_a_retired_label_can_be_used_again_under_another_key(self, ops: Member) -> None:
        first = custom.add_field(actor=ops, label="Plan", sort="text")
        assert custom.retire_field(actor=ops, field=first)
        second = custom.add_field(actor=ops, label="Plan", sort="number")
        assert second.key == "plan_2"
        with pytest.raises(ValidationError) as error:
            custom.restore_field(actor=ops, field=first)
        assert "already" in refusal(error)

    @pytest.mark.parametrize(
        ("label", "sort", "choices", "says"),
        [
            ("", "text", (), "Write what the field is called."),
            ("x" * 81, "text", (), "At most 80 characters fit."),
            ("Plan", "colour", (), "Choose what the field holds."),
            ("Plan", "choice", (" ", ""), "Write at least one thing to choose"),
            ("Plan", "choice", ("x" * 81,), "is too long"),
            ("Plan", "choice", [str(n) for n in range(101)], "At most 100 things"),
        ],
    )
    def test_what_cannot_be_is_said(self, ops: Member, label: str, sort: str, choices: Any, says: str) -> None:
        with pytest.raises(ValidationError) as error:
            custom.add_field(actor=ops, label=label, sort=sort, choices=choices)
        assert says in refusal(error)
        assert not CustomField.objects.exists()

    def test_choices_keep_their_order_and_come_once(self, ops: Member) -> None:
        made = custom.add_field(actor=ops, label="Plan", sort="choice", choices=["Pro", " basic ", "PRO", ""])
        assert made.choices == ["Pro", "basic"]

    def test_only_a_choice_has_choices(self, ops: Member) -> None:
        assert custom.add_field(actor=ops, label="Plan", sort="text", choices=["Pro"]).choices == []

    def test_a_hundred_fields_are_enough(self, ops: Member, workspace: Workspace) -> None:
        CustomField.objects.bulk_create(
            CustomField(workspace=workspace, key=f"f{n}", label=f"F {n}", sort="text") for n in range(100)
        )
        with pytest.raises(ValidationError) as error:
            custom.add_field(actor=ops, label="One more", sort="text")
        assert "at most 100" in refusal(error)
        retired = CustomField.objects.get(key="f7")
        custom.retire_field(actor=ops, field=retired)
        custom.add_field(actor=ops, label="One more", sort="text")
        with pytest.raises(ValidationError):
            custom.restore_field(actor=ops, field=retired)

    def test_a_change_keeps_key_and_sort(self, ops: Member) -> None:
        made = custom.add_field(actor=ops, label="Plan", sort="choice", choices=["Pro"])
        assert custom.change_field(actor=ops, field=made, label="Plan tier", choices=["Pro", "Basic"])
        made.refresh_from_db()
        assert (made.key, made.label, made.sort, made.choices) == ("plan", "Plan tier", "choice", ["Pro", "Basic"])
        assert not custom.change_field(actor=ops, field=made, label="Plan tier", choices=["Pro", "Basic"])

    def test_retiring_keeps_the_values(self, ops: Member, workspace: Workspace) -> None:
        account = AccountFactory(workspace=workspace, custom={"plan": "Pro"})
        made = custom.add_field(actor=ops, label="Plan", sort="text")
        assert custom.retire_field(actor=ops, field=made) and not custom.retire_field(actor=ops, field=made)
        assert custom.active_fields(workspace) == []
        assert custom.restore_field(actor=ops, field=made) and not custom.restore_field(actor=ops, field=made)
        assert custom.values_of(account, custom.active_fields(workspace)) == [("Plan", "Pro")]

    def test_filled_accounts_are_counted_in_one_statement(
        self, workspace: Workspace, other_workspace: Workspace, django_assert_num_queries: Any
    ) -> None:
        AccountFactory(workspace=workspace, custom={"plan": "Pro", "seats": 3})
        AccountFactory(workspace=workspace, custom={"plan": False})
        AccountFactory(workspace=workspace)
        with workspace_scope(other_workspace.pk):
            AccountFactory(workspace=other_workspace, custom={"plan": "Pro", "far": 1})
        with django_assert_num_queries(1):
            assert custom.filled_counts(workspace) == {"plan": 2, "seats": 1}

    def test_another_workspace_has_its_own(self, ops: Member, other_workspace: Workspace) -> None:
        custom.add_field(actor=ops, label="Plan", sort="text")
        with workspace_scope(other_workspace.pk):
            assert custom.active_fields(other_workspace) == []


class TestValues:
    @pytest.mark.parametrize(
        ("entered", "kept"),
        [
            (Decimal("12.00"), 12),
            (Decimal("0.5"), 0.5),
            (date(2027, 3, 22), "2027-03-22"),
            (True, True),
            (False, False),
            ("Pro", "Pro"),
            ("", None),
            (None, None),
        ],
    )
    def test_are_kept_as_json(self, entered: Any, kept: Any) -> None:
        assert custom.as_json(entered) == kept
        assert type(custom.as_json(entered)) is type(kept)

    @pytest.mark.parametrize(
        ("sort", "value", "said"),
        [
            ("number", 1234567, "1,234,567"),
            ("number", -0.25, "-0.25"),
            ("number", 1234.5, "1,234.5"),
            ("date", "2027-03-22", "Mar 22, 2027"),
            ("date", "soon", "soon"),
            ("yes_no", False, "no"),
            ("choice", "Pro", "Pro"),
            ("text", None, "—"),
        ],
    )
    def test_are_said_as_people_say_them(self, sort: str, value: Any, said: str) -> None:
        assert custom.in_words(CustomField(sort=sort), value) == said

    def test_two_writers_of_different_keys_keep_both(self, workspace: Workspace) -> None:
        account = AccountFactory(workspace=workspace, custom={"plan": "Basic", "seats": 3, "old": 1})
        one, other = Account.objects.get(pk=account.pk), Account.objects.get(pk=account.pk)
        save_account(account=one, fields=[], custom={"plan": "Pro", "old": None})
        save_account(account=other, fields=["tier"], custom={"seats": 5})
        account.refresh_from_db()
        assert account.custom == {"plan": "Pro", "seats": 5}
        assert other.custom == {"plan": "Pro", "seats": 5}

    def test_taking_a_value_away_takes_its_key(self, workspace: Workspace) -> None:
        account = AccountFactory(workspace=workspace, custom={"plan": "Pro"})
        save_account(account=account, fields=[], custom={"plan": None})
        assert Account.objects.get(pk=account.pk).custom == {}


class TestLedger:
    @pytest.fixture(autouse=True)
    def changed(self, ops: Member, workspace: Workspace) -> None:
        custom.add_field(actor=ops, label="Plan tier", sort="choice", choices=["Basic", "Pro"])
        custom.add_field(actor=ops, label="Audited on", sort="date")
        self.workspace = workspace
        self.account = AccountFactory(workspace=workspace, custom={"plan_tier": "Basic", "lost": 7, "same": 1})
        values = {"plan_tier": "Pro", "audited_on": "2027-03-22", "lost": None}
        save_account(account=self.account, fields=[], custom=values)

    def test_the_timeline_tells_each_field(self) -> None:
        assert changes_of(self.account, self.workspace, 10)[0].fields == (
            ("Audited on", "—", "Mar 22, 2027"),
            ("Plan tier", "Basic", "Pro"),
            ("lost", "7", "—"),
        )

    def test_the_history_of_the_workspace_tells_each_field(self) -> None:
        entries = HistoryEntry.objects.filter(table_name="accounts_account", operation="update")
        (line,) = lines(self.workspace, entries)
        assert [(one.label, one.before, one.after) for one in line.changes] == [
            ("Audited on", "—", "Mar 22, 2027"),
            ("Plan tier", "Basic", "Pro"),
            ("lost", "7", "—"),
        ]

    def test_a_retired_field_keeps_its_label(self) -> None:
        CustomField.objects.update(is_active=False)
        assert ("Plan tier", "Basic", "Pro") in changes_of(self.account, self.workspace, 10)[0].fields

    def test_fields_themselves_are_in_the_history(self, ops: Member) -> None:
        custom.retire_field(actor=ops, field=CustomField.objects.get(key="plan_tier"))
        entries = HistoryEntry.objects.filter(table_name="accounts_customfield", operation="update")
        (line,) = lines(self.workspace, entries)
        assert line.names == ["Plan tier"]
        assert [(one.label, one.before, one.after) for one in line.changes] == [("Active", "yes", "no")]
