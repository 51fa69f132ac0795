"""Every open difference of the workspace, and many decided at once."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Contact, Difference
from csworkbench.tenancy.models import Member
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import AccountFactory, ContactFactory

LIST, DECIDE = "/w/northwind/accounts/differences/", "/w/northwind/accounts/differences/decide/"
PART = {"HX-Request": "true", "HX-Target": "open-differences"}


def differ(account: Account, count: int = 1, **fields: object) -> list[Difference]:
    values = {"source": "lms", "field": "title", "value": "Nurse"} | fields
    return [
        Difference.objects.create(
            workspace=account.workspace, account=account, contact=ContactFactory(account=account), **values
        )
        for _ in range(count)
    ]


class TestList:
    def test_shows_what_is_open_with_its_account(self, account: Account, as_csm: Client) -> None:
        differ(account)
        differ(account, value="Chief", decision="kept")
        page = as_csm.get(LIST).text
        assert "Mesa Dental Group" in page
        assert "Nurse" in page
        assert "Chief" not in page

    def test_filters_by_csm_source_and_field(self, account: Account, csm: Member, as_csm: Client) -> None:
        differ(account)
        other = AccountFactory(workspace=account.workspace, name="Birch Clinic")
        differ(other, source="crm", field="last_name", value="Berg")
        for query in ({"owner": str(csm.pk)}, {"source": "lms"}, {"field": "title"}):
            page = as_csm.get(LIST, query).text
            assert ("Mesa Dental Group" in page, "Birch Clinic" in page) == (True, False)

    def test_pages_go_on_where_the_last_one_ended(self, account: Account, as_csm: Client) -> None:
        rows = differ(account, 53)
        first = as_csm.get(LIST).text
        assert first.count('name="chosen"') == 50
        last = str(rows[3].pk)
        assert f"after={last}" in first
        assert as_csm.get(LIST, {"after": last}).text.count('name="chosen"') == 3
        assert as_csm.get(LIST, {"after": "x"}).status_code == 200

    def test_the_number_of_statements_is_constant(self, account: Account, as_csm: Client) -> None:
        def statements() -> int:
            with CaptureQueriesContext(connection) as captured:
                as_csm.get(LIST)
            return len(captured)

        differ(account, 2)
        few = statements()
        differ(account, 30)
        assert statements() == few

    def test_htmx_gets_the_list_alone(self, account: Account, as_csm: Client) -> None:
        assert as_csm.get(LIST, headers=PART).text.strip().startswith('<section id="open-differences"')

    def test_nothing_differs(self, account: Account, as_csm: Client) -> None:
        assert "Nothing differs" in as_csm.get(LIST).text
        assert "No difference matches" in as_csm.get(LIST, {"source": "crm"}).text

    def test_a_reader_is_refused(self, account: Account, as_reader: Client) -> None:
        assert as_reader.get(LIST).status_code == 403
        assert as_reader.post(DECIDE).status_code == 403

    def test_rejects_the_wrong_verb(self, account: Account, as_csm: Client) -> None:
        assert (as_csm.post(LIST).status_code, as_csm.get(DECIDE).status_code) == (405, 405)


class TestDeciding:
    @pytest.mark.parametrize(("verb", "decision", "title"), [("accept", "accepted", "Nurse"), ("keep", "kept", "")])
    def test_decides_the_chosen(self, account: Account, as_csm: Client, verb: str, decision: str, title: str) -> None:
        rows = differ(account, 3)
        response = as_csm.post(DECIDE, {"verb": verb, "chosen": [rows[0].pk, rows[1].pk], "source": "lms"})
        assert (response.status_code, response["Location"]) == (302, f"{LIST}?source=lms")
        assert sorted(Difference.objects.values_list("decision", flat=True)) == sorted([decision, decision, "open"])
        assert Contact.objects.filter(title="Nurse").count() == (2 if title else 0)

    def test_htmx_gets_what_is_left(self, account: Account, as_csm: Client) -> None:
        (row,) = differ(account)
        response = as_csm.post(DECIDE, {"verb": "keep", "chosen": row.pk}, headers=PART)
        assert (response.status_code, "Nothing differs" in response.text) == (200, True)

    def test_nothing_chosen_is_said(self, account: Account, as_csm: Client) -> None:
        differ(account)
        response = as_csm.post(DECIDE, {"verb": "keep"})
        assert (response.status_code, "Choose at least one" in response.text) == (422, True)

    def test_another_workspaces_row_is_no_choice(self, account: Account, foreign: Account, as_csm: Client) -> None:
        with workspace_scope(foreign.workspace_id):
            (theirs,) = differ(foreign)
        for pk in (theirs.pk, uuid4()):
            assert as_csm.post(DECIDE, {"verb": "accept", "chosen": pk}).status_code == 422
