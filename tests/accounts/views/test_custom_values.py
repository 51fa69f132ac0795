"""Custom fields on the account page, in its form and in the export."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import custom
from accounts.models import Account, CustomField, FieldOwner
from csworkbench.tenancy.models import HistoryEntry, Member

Url = Callable[..., str]
FORM = {"name": "Mesa Dental Group", "stage": "adoption", "tier": "2"}


@pytest.fixture(autouse=True)
def fields(ops: Member, account: Account) -> None:
    custom.add_field(actor=ops, label="Plan tier", sort="choice", choices=["Basic", "Pro"])
    for label, sort in (("Seats", "number"), ("Audited on", "date"), ("Reference", "yes_no"), ("Remark", "text")):
        custom.add_field(actor=ops, label=label, sort=sort)


def fill(account: Account, **values: Any) -> None:
    Account.objects.filter(pk=account.pk).update(custom=values)


class TestAbout:
    def test_values_are_said_as_people_say_them(self, account: Account, as_csm: Client, url: Url) -> None:
        fill(account, plan_tier="Pro", seats=1250.5, audited_on="2026-03-22", reference=False, gone="x")
        page = as_csm.get(url(account, "about")).text
        for label, value in (("Plan tier", "Pro"), ("Seats", "1,250.5"), ("Audited on", "Mar 22, 2026")):
            assert f"<dt>{label}</dt><dd>{value}</dd>" in page
        assert "<dt>Reference</dt><dd>no</dd>" in page
        assert "<dt>Remark</dt>" not in page

    def test_markup_in_a_value_is_text(self, account: Account, as_csm: Client, url: Url) -> None:
        fill(account, remark="<script>alert(1)</script>")
        assert "<script>alert(1)" not in as_csm.get(url(account, "about")).text

    def test_retired_fields_are_not_shown(self, account: Account, as_csm: Client, url: Url) -> None:
        fill(account, seats=3)
        assert "<dt>Seats</dt><dd>3</dd>" in as_csm.get(url(account, "about")).text
        CustomField.objects.update(is_active=False)
        assert "<dt>Seats</dt><dd>3</dd>" not in as_csm.get(url(account, "about")).text


class TestForm:
    def save(self, browser: Client, url: Url, account: Account, **values: str) -> Any:
        return browser.post(url(account, "edit"), FORM | {f"custom_{key}": value for key, value in values.items()})

    def test_values_are_kept_typed(self, account: Account, as_csm: Client, url: Url) -> None:
        typed = {"plan_tier": "Pro", "seats": "12", "audited_on": "2026-03-22", "reference": "no", "remark": " a "}
        assert self.save(as_csm, url, account, **typed).status_code == 302
        account.refresh_from_db()
        assert account.custom == {
            "plan_tier": "Pro",
            "seats": 12,
            "audited_on": "2026-03-22",
            "reference": False,
            "remark": "a",
        }

    @pytest.mark.parametrize(
        ("key", "typed", "says"),
        [
            ("seats", "many", "Enter a number."),
            ("seats", "1" * 19, "Ensure that there are no more than"),
            ("audited_on", "soon", "Enter a valid date."),
            ("plan_tier", "Gold", "Select a valid choice."),
            ("remark", "x" * 501, "at most 500 characters"),
        ],
    )
    def test_bad_input_keeps_what_was_typed(
        self, account: Account, as_csm: Client, url: Url, key: str, typed: str, says: str
    ) -> None:
        answer = self.save(as_csm, url, account, **{key: typed})
        assert answer.status_code == 422 and says in answer.text
        account.refresh_from_db()
        assert account.custom == {}

    def test_two_tabs_keep_each_others_keys(self, account: Account, as_csm: Client, url: Url) -> None:
        fill(account, plan_tier="Basic", seats=3)
        shown = {f"initial-{name}": value for name, value in FORM.items()}
        shown |= {"initial-custom_plan_tier": "Basic", "initial-custom_seats": "3"}
        both = {"custom_plan_tier": "Basic", "custom_seats": "3"}
        as_csm.post(url(account, "edit"), FORM | shown | both | {"custom_plan_tier": "Pro"})
        as_csm.post(url(account, "edit"), FORM | shown | both | {"custom_seats": "5"})
        account.refresh_from_db()
        assert account.custom == {"plan_tier": "Pro", "seats": 5}

    def test_the_form_remembers_what_it_showed(self, account: Account, as_csm: Client, url: Url) -> None:
        fill(account, plan_tier="Basic")
        page = as_csm.get(url(account, "edit")).text
        assert 'name="initial-custom_plan_tier" value="Basic"' in page and 'name="initial-name"' in page

    def test_a_blank_takes_the_value_away(self, account: Account, as_csm: Client, url: Url) -> None:
        fill(account, plan_tier="Basic", seats=3)
        shown = {"initial-custom_plan_tier": "Basic", "initial-custom_seats": "3"}
        as_csm.post(url(account, "edit"), FORM | shown | {"custom_plan_tier": "", "custom_seats": "3"})
        account.refresh_from_db()
        assert account.custom == {"seats": 3}

    def test_a_choice_that_is_offered_no_more_stays(self, account: Account, as_csm: Client, url: Url) -> None:
        fill(account, plan_tier="Gold")
        assert '<option value="Gold" selected>' in as_csm.get(url(account, "edit")).text
        assert self.save(as_csm, url, account, plan_tier="Gold").status_code == 302

    def test_saving_nothing_writes_nothing(self, account: Account, as_csm: Client, url: Url) -> None:
        fill(account, seats=3, reference=True)
        before = HistoryEntry.objects.count()
        shown = FORM | {"custom_seats": "3", "custom_reference": "yes"}
        page = as_csm.get(url(account, "edit"))
        assert page.context["form"]["custom_reference"].value() == "yes"
        as_csm.post(url(account, "edit"), shown | {f"initial-{name}": value for name, value in shown.items()})
        assert HistoryEntry.objects.count() == before

    def test_the_crms_fields_are_pointed_out(self, account: Account, as_csm: Client, url: Url) -> None:
        FieldOwner.objects.create(workspace=account.workspace, entity="account", field="website")
        FieldOwner.objects.create(workspace=account.workspace, entity="account", field="instance_id")
        assert as_csm.get(url(account, "edit")).text.count("The CRM owns this field") == 2
        Account.objects.update(sf_id="")
        assert "The CRM owns this field" not in as_csm.get(url(account, "edit")).text
