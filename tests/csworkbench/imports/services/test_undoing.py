"""Taking an import back: everything it wrote, except what somebody went on with, and who that was."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.facts import context_for
from accounts.models import Account, AccountFigures, AccountPriority, Contact, DirtyAccount, Subscription
from accounts.services import log_interaction, write_note
from csworkbench.common import clock
from csworkbench.imports import services
from csworkbench.imports.models import Import, ImportRow
from csworkbench.imports.services import undoing
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from csworkbench.tenancy.scope import Actor, workspace_scope
from playbooks import engine
from playbooks.models import Run, Task
from playbooks.services import complete_task, publish_playbook
from tests.factories import AccountFactory, ContactFactory, TaskFactory

from ..sheets import NANDU, SUMMIT, WILLOW, applied, book_csv, row_of

TABLES = (Account, Contact, Subscription, AccountFigures)


def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows that an import of a book can touch, with their ids and values."""
    return {model.__name__: sorted(map(dict, model.objects.values()), key=str) for model in TABLES}


def undone(actor: Member, one: Import) -> Import:
    services.undo(actor=actor, one=one)
    services.undo_import(one.workspace_id, one.pk)
    one.refresh_from_db()
    return one


def by_hand(member: Member) -> Any:
    """The scope of a member at work."""
    return workspace_scope(member.workspace_id, actor=Actor("member", member.pk, member.user_id))


def why(one: Import) -> list[tuple[str, str]]:
    """What kept the rows of an import, and by whom."""
    rows = ImportRow.objects.filter(import_batch=one, undo="kept").order_by("number")
    return [(reason["what"], reason["who"]) for row in rows for reason in row.kept_because]


class TestTakingBack:
    def test_a_new_account_goes_with_all_that_came_with_it(self, ops: Member, keiko: Member) -> None:
        one = undone(ops, applied(ops, book_csv(row_of(), row_of(product="Learning", mrr=5))))
        assert (one.state, one.undone_rows, one.kept_rows) == ("undone", 2, 0)
        assert everything() == {model.__name__: [] for model in TABLES}
        assert not AccountPriority.objects.exists()
        assert set(ImportRow.objects.values_list("undo", flat=True)) == {"undone"}

    def test_changed_columns_are_what_they_were(self, ops: Member, keiko: Member) -> None:
        applied(ops, book_csv(row_of(), row_of(NANDU, "Ñandú Clinic"), row_of(SUMMIT, "Summit Care")))
        before = everything()
        second = applied(
            ops,
            book_csv(
                row_of(account="Willow West", mrr=7),
                row_of(NANDU, "Ñandú Clinic", csm=""),
                row_of(SUMMIT, "Summit Care", product="Learning", first="Ana", email="a@example.org"),
            ),
        )
        assert everything() != before
        one = undone(ops, second)
        assert (one.undone_rows, one.kept_rows) == (2, 0)
        assert everything() == before

    def test_the_former_primary_contact_is_primary_again(self, ops: Member, keiko: Member) -> None:
        applied(ops, book_csv(row_of()))
        known = ContactFactory(account=Account.objects.get(), first_name="Mara", email="mara@example.org")
        before = everything()
        for first, email in (("Ines", "ines@example.org"), ("Mara", known.email)):
            one = applied(ops, book_csv(row_of(first=first, email=email)))
            assert Contact.objects.get(is_primary=True).email == email
            undone(ops, one)
            assert everything() == before

    def test_the_ledger_tells_of_both(self, ops: Member, keiko: Member) -> None:
        applied(ops, book_csv(row_of()))
        one = undone(ops, applied(ops, book_csv(row_of(account="Willow West"))))
        entries = HistoryEntry.objects.filter(table_name="accounts_account", operation="update", cause_id=one.pk)
        told = [
            (entry.actor_kind, entry.actor_id, entry.cause, entry.changes["name"]) for entry in entries.order_by("id")
        ]
        assert told == [
            ("import", ops.pk, "import book.csv", ["Willow Urgent Care", "Willow West"]),
            ("member", ops.pk, "undo of import book.csv", ["Willow West", "Willow Urgent Care"]),
        ]
        DirtyAccount.objects.all().delete()

    def test_accounts_are_marked_for_their_priority(self, ops: Member, keiko: Member) -> None:
        applied(ops, book_csv(row_of()))
        one = applied(ops, book_csv(row_of(mrr=7)))
        DirtyAccount.objects.all().delete()
        undone(ops, one)
        assert DirtyAccount.objects.filter(account_id=Account.objects.get().pk).exists()
        assert AccountFigures.objects.get().mrr_minor == 100_000

    def test_what_a_playbook_derived_goes_along(self, ops: Member, keiko: Member, workspace: Workspace) -> None:
        one = applied(ops, book_csv(row_of()))
        start_run(workspace)
        assert (Run.objects.count(), Task.objects.count()) == (1, 1)
        assert undone(ops, one).undone_rows == 1
        assert (Run.objects.count(), Task.objects.count(), Account.objects.count()) == (0, 0, 0)

    def test_other_keys_of_a_custom_value_stay(self, ops: Member, keiko: Member) -> None:
        applied(ops, book_csv(row_of()))
        Account.objects.update(custom={"plan": "old", "seats": 3})
        one = applied(ops, book_csv(row_of(account="Willow West")))
        as_the_import(one, custom={"plan": "new", "colour": "blue", "seats": 3})
        with by_hand(keiko):
            Account.objects.update(custom={"plan": "new", "colour": "blue", "seats": 4, "floor": 2})
        assert undone(ops, one).kept_rows == 0
        assert Account.objects.get().custom == {"plan": "old", "seats": 4, "floor": 2}

    def test_twice_by_one_import_is_taken_back_to_the_start(self, ops: Member, keiko: Member) -> None:
        applied(ops, book_csv(row_of()))
        one = applied(ops, book_csv(row_of(account="Willow West")))
        as_the_import(one, name="Willow Again")
        undone(ops, one)
        assert Account.objects.get().name == "Willow Urgent Care"


def as_the_import(one: Import, **fields: Any) -> None:
    """Write as the import did."""
    with workspace_scope(one.workspace_id, actor=Actor("import", cause="import book.csv", cause_id=one.pk)):
        Account.objects.update(**fields)


def start_run(workspace: Workspace) -> Run:
    """A playbook that enters every account and makes a task."""
    definition = {
        "trigger": {"fact": "stage", "op": "is", "value": "adoption"},
        "cause": "tier",
        "cooldown_days": 0,
        "steps": [
            {
                "key": "call",
                "title": "Ask for the tier",
                "kind": "check_in",
                "action": "task",
                "after_days": 0,
                "due_business_days": 2,
            }
        ],
    }
    publish_playbook(workspace=workspace, key="tier", name="Tier", description="", definition=definition, actor=None)
    engine.scan(workspace, context_for(workspace))
    return Run.objects.get()


class TestWhatSomebodyWentOnWith:
    def test_an_edit_keeps_its_row_and_says_what_and_who(self, ops: Member, keiko: Member) -> None:
        applied(ops, book_csv(row_of(), row_of(NANDU, "Ñandú Clinic")))
        one = applied(ops, book_csv(row_of(renewal="2027-05-01", mrr=7), row_of(NANDU, "Ñandú Clinic", mrr=8)))
        with by_hand(keiko):
            Subscription.objects.filter(account__sf_id=WILLOW).update(renews_on=date(2027, 4, 1))
        one = undone(ops, one)
        assert (one.state, one.undone_rows, one.kept_rows) == ("undone", 1, 1)
        assert why(one) == [("Renewal date is now 2027-04-01", "Keiko Ueda")]
        kept = ImportRow.objects.get(import_batch=one, undo="kept").kept_because[0]
        assert kept["at"].startswith("20")
        assert Subscription.objects.get(account__sf_id=WILLOW).mrr_minor == 700
        assert Subscription.objects.get(account__sf_id=NANDU).mrr_minor == 100_000

    def test_an_edit_of_another_field_stays_beside_the_undo(self, ops: Member, keiko: Member) -> None:
        applied(ops, book_csv(row_of()))
        one = applied(ops, book_csv(row_of(account="Willow West")))
        with by_hand(keiko):
            Account.objects.update(tier=1)
        assert undone(ops, one).kept_rows == 0
        assert (Account.objects.get().name, Account.objects.get().tier) == ("Willow Urgent Care", 1)

    def test_an_owner_changed_by_hand(self, ops: Member, keiko: Member, lead: Member) -> None:
        applied(ops, book_csv(row_of(csm="")))
        one = applied(ops, book_csv(row_of()))
        with by_hand(lead):
            Account.objects.update(owner=lead)
        assert why(undone(ops, one)) == [("CSM is now Ines Young", "Ines Young")]
        assert Account.objects.get().owner == lead

    def test_what_was_set_back_by_hand_needs_no_undo(self, ops: Member, keiko: Member) -> None:
        applied(ops, book_csv(row_of()))
        one = applied(ops, book_csv(row_of(mrr=7)))
        with by_hand(keiko):
            Subscription.objects.update(mrr_minor=100_000)
        assert undone(ops, one).undone_rows == 1

    def test_a_change_that_nobody_recorded(self, ops: Member, keiko: Member) -> None:
        applied(ops, book_csv(row_of()))
        one = applied(ops, book_csv(row_of(account="Willow West")))
        entry = HistoryEntry.objects.get(cause_id=one.pk, table_name="accounts_account")
        changes = entry.changes | {"name": ["Willow Urgent Care", "Willow North"]}
        HistoryEntry.objects.create(
            workspace=ops.workspace,
            table_name="accounts_account",
            row_id=entry.row_id,
            account_id=entry.account_id,
            operation="update",
            changes=changes,
            actor_kind="import",
            cause_id=one.pk,
        )
        assert why(undone(ops, one)) == [("Account is now Willow West", "")]

    def test_a_call_keeps_a_new_account(self, ops: Member, keiko: Member) -> None:
        one = applied(ops, book_csv(row_of(), row_of(NANDU, "Ñandú Clinic")))
        with by_hand(keiko):
            log_interaction(actor=keiko, account=Account.objects.get(sf_id=WILLOW), kind="call", subject="Kick-off")
        one = undone(ops, one)
        assert (one.undone_rows, one.kept_rows) == (1, 1)
        assert why(one) == [("Interaction “Call Kick-off” was added", "Keiko Ueda")]
        assert [account.sf_id for account in Account.objects.all()] == [WILLOW]
        assert (Contact.objects.count(), Subscription.objects.count()) == (1, 1)

    def test_a_note_a_contact_and_a_task_keep_a_new_account(self, ops: Member, keiko: Member) -> None:
        one = applied(ops, book_csv(row_of()))
        account = Account.objects.get()
        with by_hand(keiko):
            write_note(actor=keiko, account=account, text="Asked for a quote")
            ContactFactory(account=account, first_name="Rosa", last_name="Vargas")
            TaskFactory(account=account, title="Call", created_by=keiko)
        told = why(undone(ops, one))
        assert {who for _, who in told} == {"Keiko Ueda"}
        assert {what.partition(" ")[0] for what, _ in told} == {"Note", "Contact", "Task"}

    def test_a_completed_task_of_a_playbook_keeps_a_new_account(
        self, ops: Member, keiko: Member, workspace: Workspace
    ) -> None:
        one = applied(ops, book_csv(row_of()))
        start_run(workspace)
        with by_hand(keiko):
            complete_task(actor=keiko, task=Task.objects.get(), outcome="success")
        assert why(undone(ops, one)) == [("Task “Ask for the tier” was worked on", "Keiko Ueda")]
        assert Run.objects.count() == 1

    def test_another_account_that_names_a_new_one(self, ops: Member, keiko: Member) -> None:
        one = applied(ops, book_csv(row_of()))
        with by_hand(keiko):
            AccountFactory(workspace=ops.workspace, name="Branch", parent=Account.objects.get())
        assert why(undone(ops, one)) == [("Account “Branch” refers to it", "Keiko Ueda")]

    def test_a_later_import_stands_in_the_way_until_it_is_undone(self, ops: Member, keiko: Member) -> None:
        first = applied(ops, book_csv(row_of()))
        second = applied(ops, book_csv(row_of(account="Willow West")), "second.csv")
        first = undone(ops, first)
        assert why(first) == [("Account is now Willow West", "Farid Fontaine, import second.csv")]
        undone(ops, second)
        first = undone(ops, first)
        assert (first.undone_rows, first.kept_rows) == (1, 0)
        assert not Account.objects.exists()

    def test_what_was_kept_can_be_tried_again(self, ops: Member, keiko: Member) -> None:
        one = applied(ops, book_csv(row_of(), row_of(NANDU, "Ñandú Clinic")))
        with by_hand(keiko):
            call = log_interaction(actor=keiko, account=Account.objects.get(sf_id=WILLOW), kind="call")
        one = undone(ops, one)
        call.delete()
        one = undone(ops, one)
        assert (one.undone_rows, one.kept_rows, Account.objects.count()) == (2, 0, 0)
        assert not services.can_be_undone(one)

    def test_rows_that_the_history_does_not_know_are_kept(self, ops: Member, keiko: Member) -> None:
        one = applied(ops, book_csv(row_of()))
        ImportRow.objects.update(target_id=UUID(int=1))
        assert why(undone(ops, one)) == [("The history does not know what was written here.", "")]
        assert Account.objects.exists()

    def test_an_id_that_another_account_took(self, ops: Member, keiko: Member) -> None:
        """The database itself refuses: that row is kept, the others are undone."""
        first = [row_of(f"00100000000{n:04d}", f"Account {n}", lms=f"{n:07d}") for n in range(1, 13)]
        applied(ops, book_csv(*first))
        one = applied(ops, book_csv(*[row_of(*row[:2], lms=f"{int(row[2]) + 500:07d}") for row in first]))
        with by_hand(keiko):
            AccountFactory(workspace=ops.workspace, lms_id="0000003")
        one = undone(ops, one)
        assert (one.undone_rows, one.kept_rows) == (11, 1)
        assert why(one) == [("Its earlier values are in use elsewhere now.", "")]


class TestOutlook:
    def test_says_what_an_undo_would_come_to(self, ops: Member, keiko: Member) -> None:
        applied(ops, book_csv(row_of(), row_of(NANDU, "Ñandú Clinic")))
        one = applied(ops, book_csv(row_of(mrr=7), row_of(NANDU, "Ñandú Clinic", mrr=8), row_of(SUMMIT, "Summit")))
        assert services.undo_outlook(one) == (3, 0, [])
        with by_hand(keiko):
            Subscription.objects.filter(account__sf_id=WILLOW).update(mrr_minor=1)
            write_note(actor=keiko, account=Account.objects.get(sf_id=SUMMIT), text="Asked for a quote")
            Account.objects.filter(sf_id=NANDU).update(tier=1)
        before = everything()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            undo, keep, examples = services.undo_outlook(one)
        assert (undo, keep) == (1, 2)
        assert {(example["row"], example["who"]) for example in examples} == {(2, "Keiko Ueda"), (4, "Keiko Ueda")}
        assert "MRR is now $0" in {example["what"] for example in examples}
        assert len(queries) < 12
        assert everything() == before
        one = undone(ops, one)
        assert (one.undone_rows, one.kept_rows) == (undo, keep)


class TestWhoAndWhen:
    def test_not_after_thirty_days(self, ops: Member, keiko: Member) -> None:
        one = applied(ops, book_csv(row_of()))
        one.finished_at = clock.now() - timedelta(days=services.UNDO_DAYS, minutes=1)
        one.save(update_fields=["finished_at"])
        with pytest.raises(services.NotAllowed):
            services.undo(actor=ops, one=one)

    def test_two_at_once_are_one(self, ops: Member, keiko: Member) -> None:
        one = applied(ops, book_csv(row_of()))
        seen = Import.objects.get()
        services.undo(actor=ops, one=one)
        with pytest.raises(services.NotAllowed):
            services.undo(actor=ops, one=seen)

    def test_a_second_worker_does_nothing(self, ops: Member, keiko: Member) -> None:
        one = undone(ops, applied(ops, book_csv(row_of())))
        before = HistoryEntry.objects.count()
        services.undo_import(one.workspace_id, one.pk)
        assert HistoryEntry.objects.count() == before

    def test_not_of_another_workspace(self, ops: Member, keiko: Member, other_workspace: Workspace) -> None:
        one = applied(ops, book_csv(row_of()))
        services.undo(actor=ops, one=one)
        services.undo_import(other_workspace.pk, one.pk)
        one.refresh_from_db()
        assert (one.state, Account.objects.count()) == ("undoing", 1)

    def test_an_undo_that_fails_again_and_again_can_be_asked_for_again(self, ops: Member, keiko: Member) -> None:
        one = applied(ops, book_csv(row_of()))
        services.undo(actor=ops, one=one)
        Import.objects.update(attempts=5)
        services.undo_import(one.workspace_id, one.pk)
        one.refresh_from_db()
        assert (one.state, one.error_code, services.can_be_undone(one)) == ("applied", "failed", True)
        assert undone(ops, one).error == ""


class TestChunks:
    @pytest.fixture
    def many(self, ops: Member, keiko: Member, monkeypatch: pytest.MonkeyPatch) -> Import:
        monkeypatch.setattr(undoing, "CHUNK_ROWS", 3)
        rows = [row_of(f"00100000000{n:04d}", f"Account {n}", lms=f"{n:07d}") for n in range(8)]
        return applied(ops, book_csv(*rows, row_of("001000000000000", "Account 0", lms="0000000", product="Learning")))

    def test_the_last_rows_go_first_and_each_once(self, ops: Member, many: Import) -> None:
        assert undone(ops, many).undone_rows == 9
        assert (many.undone_through, Account.objects.count()) == (2, 0)
        assert HistoryEntry.objects.filter(table_name="accounts_account", operation="delete").count() == 8

    def test_one_that_broke_off_goes_on_where_it_stood(
        self, ops: Member, many: Import, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole, calls = undoing.undo_chunk, []

        def breaks(*arguments: Any) -> bool:
            calls.append(1)
            if len(calls) == 2:
                raise ConnectionError("the worker dies")
            return whole(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(undoing, "undo_chunk", breaks)
            with pytest.raises(ConnectionError):
                undone(ops, many)
        many.refresh_from_db()
        assert (many.undone_rows, many.state) == (3, "undoing")
        Import.objects.update(claimed_until=None)  # its lease runs out
        services.undo_import(many.workspace_id, many.pk)
        many.refresh_from_db()
        assert (many.undone_rows, many.state, Account.objects.count()) == (9, "undone", 0)

    def test_rows_of_one_account_share_their_fate(self, ops: Member, keiko: Member, many: Import) -> None:
        """Row 10 is about the account of row 2 and lies in another chunk."""
        with by_hand(keiko):
            Account.objects.filter(lms_id="0000000").update(tier=1)
        assert (undone(ops, many).kept_rows, many.undone_rows) == (2, 7)
        assert why(many) == [("Tier is now 1", "Keiko Ueda")] * 2

    def test_a_slice_that_is_over_hands_the_rest_on(
        self, ops: Member, many: Import, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from csworkbench.imports.services import claiming

        sent: list[str] = []
        monkeypatch.setattr(claiming, "enqueue", lambda name, **ids: sent.append(name))
        over = iter([False, True])
        monkeypatch.setattr(claiming.Slice, "is_over", property(lambda self: next(over)))
        one = undone(ops, many)
        assert (one.state, one.undone_rows, one.claimed_until, sent) == ("undoing", 3, None, ["imports.undo"])

    def test_the_number_of_statements_does_not_grow_with_the_rows(
        self, ops: Member, keiko: Member, django_assert_num_queries: Any
    ) -> None:
        counted = []
        for start, rows in ((0, 2), (100, 40)):
            sheet = [row_of(f"00100000000{n:04d}", f"Account {n}", lms=f"{n:07d}") for n in range(start, start + rows)]
            one = applied(ops, book_csv(*sheet))
            with CaptureQueriesContext(connection) as queries:
                undone(ops, one)
            counted.append(len(queries))
        assert counted[0] == counted[1]
