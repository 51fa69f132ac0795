"""What a person changes between reading and applying: columns, constants, corrections, and who approves."""

from __future__ import annotations

import pytest
from django.core import mail

from accounts.models import Account, Contact, Subscription
from csworkbench.imports import services
from csworkbench.imports.models import ColumnMemory, Import, ImportRow
from csworkbench.tenancy.models import Member, OutgoingMail, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import make_member

from ..sheets import BOOK, NANDU, SUMMIT, WILLOW, book_csv, compared, csv_bytes, examined, row_of

NAMELESS = ("x1", "x2", "x3")
ODD = csv_bytes(NAMELESS, [WILLOW, "Willow Urgent Care", "2"], [NANDU, "Ñandú Wellness", "3"], [SUMMIT, "Summit", "1"])


def finished(actor: Member, one: Import) -> Import:
    services.approve(actor=actor, one=one)
    services.apply_import(one.workspace_id, one.pk)
    one.refresh_from_db()
    return one


@pytest.fixture(autouse=True)
def cast(keiko: Member) -> None:
    """The CSM whom the rows name."""


class TestConstants:
    def test_every_row_says_the_same(self, ops: Member) -> None:
        titles = [title for title in BOOK if title != "CSM"]
        one = compared(ops, book_csv(row_of()[:-1], row_of(NANDU, "Ñandú")[:-1], titles=titles))
        assert (
            services.choose_columns(actor=ops, one=one, mapping=one.mapping, constants={"owner": "ueda, keiko"}) == []
        )
        finished(ops, examined(one))
        assert set(Account.objects.values_list("owner__name", flat=True)) == {"Keiko Ueda"}

    def test_one_that_means_nothing_is_refused_with_a_suggestion(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of()[:-1], titles=BOOK[:-1]))
        (problem,) = services.choose_columns(actor=ops, one=one, mapping=one.mapping, constants={"owner": "Keko Ueda"})
        assert problem == "CSM: No member is called “Keko Ueda”. Perhaps Keiko Ueda?"
        assert (one.state, one.constants) == ("ready", {})

    def test_a_field_has_a_column_or_a_constant(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of()))
        (problem,) = services.choose_columns(actor=ops, one=one, mapping=one.mapping, constants={"mrr": "5"})
        assert problem == "MRR has a column and a value for every row: choose one of them."

    def test_a_constant_id_would_be_one_account(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of(), row_of(NANDU, "Ñandú")))
        mapping = {key: at for key, at in one.mapping.items() if key != "sf_id"}
        services.choose_columns(actor=ops, one=one, mapping=mapping, constants={"sf_id": WILLOW})
        examined(one)
        assert one.counts["new"] <= 1


class TestMemory:
    def chosen(self, ops: Member) -> Import:
        one = compared(ops, ODD)
        assert one.state == "read"
        mapping = {"sf_id": 0, "name": 1}
        assert services.choose_columns(actor=ops, one=one, mapping=mapping, constants={"tier": "2"}) == []
        return examined(one)

    def test_the_next_file_of_this_shape_needs_no_choice(self, ops: Member) -> None:
        self.chosen(ops)
        again = compared(ops, ODD)
        assert (again.state, again.mapping, again.constants) == ("ready", {"sf_id": 0, "name": 1}, {"tier": "2"})
        assert {found["because"] for found in again.layout["proposals"]} == {"as the last time"}

    def test_columns_in_another_order_are_known(self, ops: Member) -> None:
        self.chosen(ops)
        again = compared(ops, csv_bytes(["x3", "x2", "x1"], ["2", "Willow Urgent Care", WILLOW]))
        assert again.mapping == {"sf_id": 2, "name": 1}

    def test_another_kind_and_another_workspace_remember_nothing(self, ops: Member, other_workspace: Workspace) -> None:
        self.chosen(ops)
        with workspace_scope(other_workspace.pk):
            stranger = make_member(other_workspace, "Stella Strange", roles=["ops"])
            one = compared(stranger, ODD)
        assert "as the last time" not in {found["because"] for found in one.layout["proposals"]}

    def test_a_later_choice_replaces_it(self, ops: Member) -> None:
        one = self.chosen(ops)
        services.choose_columns(actor=ops, one=one, mapping={"sf_id": 0, "name": 1, "tier": 2})
        assert ColumnMemory.objects.get().constants == {}

    def test_what_was_left_out_stays_out(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of()))
        mapping = {key: at for key, at in one.mapping.items() if key != "mrr"}
        services.choose_columns(actor=ops, one=one, mapping=mapping)
        assert "mrr" not in compared(ops, book_csv(row_of())).mapping


class TestFixes:
    def test_all_rows_with_a_value_at_once(self, ops: Member) -> None:
        rows = [row_of(csm="K. Ueda"), row_of(NANDU, "Ñandú", csm="K. Ueda"), row_of(SUMMIT, "Summit", csm="Nobody")]
        one = compared(ops, book_csv(*rows))
        assert one.counts["rejected"] == 3
        assert [(v["value"], v["rows"]) for v in one.problems[0]["values"]] == [("K. Ueda", 2), ("Nobody", 1)]
        services.fix(actor=ops, one=one, fixes=[{"field": "owner", "value": "K. Ueda", "use": "Keiko Ueda"}])
        examined(one)
        assert (one.counts["new"], one.counts["rejected"]) == (2, 1)

    def test_one_row_alone(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of(email="x"), row_of(NANDU, "Ñandú", email="x")))
        services.fix(actor=ops, one=one, fixes=[{"field": "email", "row": 3, "value": "x", "use": "n@example.org"}])
        finished(ops, examined(one))
        assert list(Contact.objects.values_list("email", flat=True)) == ["n@example.org"]

    def test_left_blank(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of(mrr="tbd")))
        services.fix(actor=ops, one=one, fixes=[{"field": "mrr", "value": "tbd", "use": ""}])
        finished(ops, examined(one))
        assert Subscription.objects.get().mrr_minor == 0

    def test_a_fix_that_means_nothing_is_a_problem_like_any_other(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of(mrr="tbd")))
        services.fix(actor=ops, one=one, fixes=[{"field": "mrr", "value": "tbd", "use": "later"}])
        examined(one)
        assert one.problems[0]["values"][0]["value"] == "later"

    def test_what_is_kept_of_the_row_is_what_the_sheet_said(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of(mrr="tbd", email="x")))
        services.fix(actor=ops, one=one, fixes=[{"field": "mrr", "value": "tbd", "use": "5"}])
        examined(one)
        assert "tbd" in ImportRow.objects.get().cells

    def test_the_last_word_counts_and_can_be_taken_back(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of(mrr="tbd")))
        for use in ("1", "2"):
            services.fix(actor=ops, one=one, fixes=[{"field": "mrr", "value": "tbd", "use": use}])
            examined(one)
        assert [known["use"] for known in one.fixes] == ["2"]
        services.unfix(actor=ops, one=one, position=0)
        assert examined(one).counts["rejected"] == 1

    def test_numbers_are_met_as_they_are_shown(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of(mrr="1e3")))
        assert one.counts["rejected"] == 1
        services.fix(actor=ops, one=one, fixes=[{"field": "mrr", "value": "1e3", "use": "1000"}])
        assert examined(one).counts["new"] == 1

    def test_not_once_it_is_applied(self, ops: Member) -> None:
        one = finished(ops, compared(ops, book_csv(row_of())))
        with pytest.raises(services.NotAllowed):
            services.fix(actor=ops, one=one, fixes=[{"field": "mrr", "value": "x", "use": "5"}])


class TestSecondPerson:
    @pytest.fixture(autouse=True)
    def strict(self, workspace: Workspace) -> None:
        workspace.imports_need_approval = True
        workspace.save()

    def test_the_sender_cannot_approve(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of()))
        with pytest.raises(services.NotAllowed, match="second person"):
            services.approve(actor=ops, one=one)
        one.refresh_from_db()
        assert (one.state, Account.objects.count()) == ("ready", 0)

    def test_somebody_else_can(self, ops: Member, lead: Member) -> None:
        one = compared(ops, book_csv(row_of()))
        assert finished(lead, one).state == "applied"
        assert (one.created_by, one.approved_by) == (ops, lead)

    def test_a_csm_cannot(self, ops: Member, csm: Member) -> None:
        one = compared(ops, book_csv(row_of()))
        assert not services.may_approve(csm, one)

    def test_those_who_may_are_asked_once(self, ops: Member, lead: Member, csm: Member) -> None:
        one = compared(ops, book_csv(row_of(), row_of(NANDU, "Ñandú", mrr="tbd")))
        services.fix(actor=ops, one=one, fixes=[{"field": "mrr", "value": "tbd", "use": "5"}])
        examined(one)
        (asked,) = OutgoingMail.objects.all()
        assert (asked.to, asked.subject) == (lead.user.email, "book.csv waits for your approval")
        assert f"/imports/{one.pk}/" in asked.text
        assert not mail.outbox


class TestTable:
    def test_a_chosen_row_of_titles_is_read_anew(self, ops: Member) -> None:
        one = compared(ops, csv_bytes(["Salesforce ID", "Account"], ["Salesforce ID", "Account"], [WILLOW, "Willow"]))
        assert one.counts["rejected"] == 1
        services.choose_table(actor=ops, one=one, header_row=2)
        examined(one)
        assert (one.layout["header_row"], one.counts["new"], one.counts["rejected"]) == (2, 1, 0)

    def test_not_once_it_is_applied(self, ops: Member) -> None:
        one = finished(ops, compared(ops, book_csv(row_of())))
        with pytest.raises(services.NotAllowed):
            services.choose_table(actor=ops, one=one, header_row=2)


def test_a_second_look_still_says_how_sure_the_first_was(ops: Member) -> None:
    one = compared(ops, book_csv(row_of(mrr="tbd")))
    before = one.layout["proposals"]
    services.fix(actor=ops, one=one, fixes=[{"field": "mrr", "value": "tbd", "use": ""}])
    assert examined(one).layout["proposals"] == before != []
