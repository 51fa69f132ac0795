"""Adding and correcting the people of an account."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account, Contact
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import AccountFactory, ContactFactory

Url = Callable[..., str]
FORM = {
    "first_name": "Rosa",
    "last_name": "Vargas",
    "email": "Rosa@Example.org",
    "phone": "(929) 475-3142",
    "phone_extension": "12",
    "areas": ["finance"],
    "validity": "active",
}


class TestContact:
    def test_is_added_in_the_house_form(self, account: Account, as_csm: Client, url: Url) -> None:
        response = as_csm.post(url(account, "contacts/add"), FORM)
        assert (response.status_code, response["Location"]) == (302, url(account))
        person = Contact.objects.get()
        assert (person.name, person.email) == ("Rosa Vargas", "rosa@example.org")
        assert (person.phone, person.phone_extension) == ("+19294753142", "12")

    @pytest.mark.parametrize(
        ("typed", "extension", "kept"),
        [
            ("+1 (929) 475-3142", "12", ("+19294753142", "12")),
            ("(929) 475-3142 ext. 31", "", ("+19294753142", "31")),
            ("929-475-3142 x31", "12", ("+19294753142", "12")),
        ],
    )
    def test_a_number_is_taken_as_people_write_it(
        self, account: Account, as_csm: Client, url: Url, typed: str, extension: str, kept: tuple[str, str]
    ) -> None:
        as_csm.post(url(account, "contacts/add"), FORM | {"phone": typed, "phone_extension": extension})
        person = Contact.objects.get()
        assert (person.phone, person.phone_extension) == kept

    def test_is_corrected(self, account: Account, ada: Contact, as_csm: Client, url: Url) -> None:
        as_csm.post(url(account, f"contacts/{ada.pk}"), FORM | {"dnc": "on", "dnc_reason": "Asked by phone"})
        ada.refresh_from_db()
        assert (ada.first_name, ada.dnc, ada.is_primary) == ("Rosa", True, False)
        assert (ada.dnc_reason, ada.dnc_since) == ("Asked by phone", account.workspace.today)
        assert (ada.validity, ada.validity_source) == ("active", "member")

    def test_dnc_asks_for_a_reason(self, account: Account, ada: Contact, as_csm: Client, url: Url) -> None:
        response = as_csm.post(url(account, f"contacts/{ada.pk}"), FORM | {"dnc": "on"})
        assert (response.status_code, "Say why this person" in response.text) == (422, True)
        ada.refresh_from_db()
        assert not ada.dnc

    def test_a_day_to_come_is_refused(self, account: Account, ada: Contact, as_csm: Client, url: Url) -> None:
        response = as_csm.post(url(account, f"contacts/{ada.pk}"), FORM | {"validity_on": "2099-01-01"})
        assert (response.status_code, "still to come" in response.text) == (422, True)

    def test_a_form_that_is_stale_is_409(self, account: Account, ada: Contact, as_csm: Client, url: Url) -> None:
        page = as_csm.get(url(account, f"contacts/{ada.pk}")).text
        seen = re.search(r'name="seen" value="(\w+)"', page)
        assert seen is not None
        Contact.objects.update(phone="+19294753149")
        for headers, text in (({}, "Someone was faster"), ({"HX-Request": "true"}, "+19294753149")):
            response = as_csm.post(url(account, f"contacts/{ada.pk}"), FORM | {"seen": seen[1]}, headers=headers)
            assert (response.status_code, text in response.text) == (409, True)
        ada.refresh_from_db()
        assert ada.first_name == "Ada"

    def test_a_new_primary_contact_takes_the_place(
        self, account: Account, ada: Contact, as_csm: Client, url: Url
    ) -> None:
        as_csm.post(url(account, "contacts/add"), FORM | {"is_primary": "on"})
        assert [person.name for person in Contact.objects.filter(is_primary=True)] == ["Rosa Vargas"]

    def test_shows_what_is_there(self, account: Account, ada: Contact, as_csm: Client, url: Url) -> None:
        assert 'value="ada@example.org"' in as_csm.get(url(account, f"contacts/{ada.pk}")).text

    @pytest.mark.parametrize(
        "bad", [{"phone": "call me"}, {"email": "not an address"}, {"first_name": "", "last_name": "", "email": ""}]
    )
    def test_bad_input_keeps_what_was_typed(
        self, account: Account, as_csm: Client, url: Url, bad: dict[str, str]
    ) -> None:
        response = as_csm.post(url(account, "contacts/add"), FORM | {"title": "Office manager"} | bad)
        assert response.status_code == 422
        assert 'value="Office manager"' in response.text
        assert not Contact.objects.exists()

    def test_a_contact_of_another_account_is_404(self, account: Account, as_csm: Client, url: Url) -> None:
        other = ContactFactory(account=AccountFactory(workspace=account.workspace))
        assert as_csm.post(url(account, f"contacts/{other.pk}"), FORM).status_code == 404

    def test_a_reader_is_refused(self, account: Account, ada: Contact, as_reader: Client, url: Url) -> None:
        for part in ("contacts/add", f"contacts/{ada.pk}"):
            assert as_reader.get(url(account, part)).status_code == 403
            assert as_reader.post(url(account, part), FORM).status_code == 403

    def test_another_workspaces_rows_are_404(
        self, account: Account, foreign: Account, other_workspace: Workspace, as_csm: Client, url: Url
    ) -> None:
        with workspace_scope(other_workspace.pk):
            person = ContactFactory(account=foreign)
        assert as_csm.post(url(foreign, "contacts/add"), FORM).status_code == 404
        assert as_csm.post(url(account, f"contacts/{person.pk}"), FORM).status_code == 404

    def test_rejects_delete(self, account: Account, ada: Contact, as_csm: Client, url: Url) -> None:
        assert as_csm.delete(url(account, f"contacts/{ada.pk}")).status_code == 405
