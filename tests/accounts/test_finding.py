"""Search: by any word, while typing, with a slip, by ids and people, in one workspace only (ACC-10)."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.finding import find, matching
from accounts.models import Account, Contact, SearchTerm
from accounts.search import normalise_name
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import AccountFactory, ContactFactory

pytestmark = pytest.mark.django_db


def make(workspace: Workspace, name: str, **fields: str) -> Account:
    return AccountFactory(workspace=workspace, name=name, search_name=normalise_name(name), **fields)


def titles(workspace: Workspace, text: str) -> list[str]:
    return [hit.title for hit in find(workspace, text)]


@pytest.fixture
def granite(workspace: Workspace) -> Account:
    make(workspace, "Harbor Dental Group")
    make(workspace, "Granada Clinic")
    return make(workspace, "Ñandú Granite Clinic, Inc.", sf_id="001A000001LwZ9QIAV", lms_id="48213")


class TestNames:
    @pytest.mark.parametrize(
        "text",
        ["granite", "Granite", "gran clin nand", "ñandu", "NANDÚ granite", "clinic granite", "granite inc",
         "001A000001LwZ9QIAV", "001a000001lwz9", "48213", "482"],
    )  # fmt: skip
    def test_finds_by_any_word_from_its_beginning_and_by_ids(
        self, workspace: Workspace, granite: Account, text: str
    ) -> None:
        assert titles(workspace, text)[0] == granite.name

    @pytest.mark.parametrize(
        "slip", ["grnite", "granitee", "garnite", "grsnite", "grnit", "grsni", "grenite clinic", "clnic granite"]
    )
    def test_forgives_a_slip(self, workspace: Workspace, granite: Account, slip: str) -> None:
        hits = find(workspace, slip)
        assert granite.name in [hit.account for hit in hits]
        assert hits[0].spelt != ""

    @pytest.mark.parametrize("text", ["", "  ", "…", "'; --", "%", "_", "zzzz", "\x00", "granite harbor", "a" * 500])
    def test_what_leads_nowhere_finds_nothing(self, workspace: Workspace, granite: Account, text: str) -> None:
        assert find(workspace, text) == []

    def test_the_best_comes_first(self, workspace: Workspace, granite: Account) -> None:
        make(workspace, "Granite")
        make(workspace, "Old Granite Works")
        make(workspace, "Granite Works")
        assert titles(workspace, "granite")[:2] == ["Granite", "Granite Works"]


class TestPeople:
    def test_finds_people_with_their_account(self, workspace: Workspace, granite: Account) -> None:
        ContactFactory(account=granite, first_name="Zoë", last_name="Åkesson", email="zoe@nandu.example.org")
        for text in ("zoe", "akesson zoe", "akeson", "zoe@nandu", "nandu.example.org"):
            hit = find(workspace, text)[0]
            assert (hit.contact, hit.account_id) == ("Zoë Åkesson", granite.pk), text

    def test_a_person_and_the_name_of_the_account(self, workspace: Workspace, granite: Account) -> None:
        ContactFactory(account=granite, first_name="Zoe", last_name="Hart")
        other = make(workspace, "Other Works")
        ContactFactory(account=other, first_name="Zoe", last_name="Stone")
        assert {hit.account for hit in find(workspace, "zoe granite")} == {granite.name}


class TestTerms:
    """The triggers keep the terms of every write path."""

    def test_a_new_name_replaces_the_old(self, workspace: Workspace, granite: Account) -> None:
        Account.objects.filter(pk=granite.pk).update(name="Basalt", search_name="basalt")
        assert titles(workspace, "granite") == []
        assert titles(workspace, "basalt") == ["Basalt"]

    def test_people_move_and_go(self, workspace: Workspace, granite: Account) -> None:
        other = make(workspace, "Other Works")
        ada = ContactFactory(account=granite, first_name="Ada", last_name="Gallo", email="ada@example.org")
        Contact.objects.filter(pk=ada.pk).update(account=other)
        assert find(workspace, "gallo")[0].account == "Other Works"
        ada.delete()
        assert find(workspace, "gallo") == []

    def test_an_account_takes_its_terms_along(self, workspace: Workspace, granite: Account) -> None:
        granite.delete()
        assert not SearchTerm.objects.filter(account_id=granite.pk).exists()

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60))
    def test_the_database_folds_as_python_does(self, workspace: Workspace, name: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT accounts_fold(%s)", [name])
            assert cursor.fetchone()[0] == normalise_name(name)

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_one_slip_in_any_long_word_finds_it(
        self, workspace: Workspace, granite: Account, data: st.DataObject
    ) -> None:
        word = data.draw(st.sampled_from(["granite", "harbor", "dental", "granada"]))
        at = data.draw(st.integers(0, len(word) - 1))
        letter = data.draw(st.sampled_from("aeimrstx"))
        slips = [word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :]]
        slip = data.draw(st.sampled_from(slips))
        assert any(word in normalise_name(title).split() for title in titles(workspace, slip)), slip


class TestWorkspaces:
    def test_nothing_of_another_workspace(
        self, workspace: Workspace, other_workspace: Workspace, granite: Account
    ) -> None:
        with workspace_scope(other_workspace.pk):
            assert find(other_workspace, "granite") == []
            # The explicit filter holds even where the policies would let rows through.
            assert find(workspace, "granite") == []

    def test_asks_a_constant_number_of_statements(
        self, workspace: Workspace, granite: Account, django_assert_max_num_queries: object
    ) -> None:
        for number in range(30):
            make(workspace, f"Granite {number}")
        with django_assert_max_num_queries(6):  # type: ignore[operator]
            find(workspace, "granite clinic")
        with django_assert_max_num_queries(3):  # type: ignore[operator]
            find(workspace, "granite")


class TestMatching:
    def test_filters_a_list(self, workspace: Workspace, granite: Account) -> None:
        names = Account.objects.filter(matching(workspace, "grnite clinic")).values_list("name", flat=True)
        assert list(names) == [granite.name]

    def test_nothing_typed_matches_nothing(self, workspace: Workspace, granite: Account) -> None:
        assert not Account.objects.filter(matching(workspace, "…")).exists()
