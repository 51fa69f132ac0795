"""Questionnaires of an account through the browser's eyes: panel, copy, answers one by one, paper and sheets."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from accounts.models import Account, Answers, Contact, Questionnaire
from accounts.questionnaires import services
from accounts.questionnaires.merging import Given
from accounts.questionnaires.values import digest
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.accounts.questionnaires.shapes import SECTIONS, published

Address = Callable[..., str]
HTMX = {"HX-Request": "true"}
BLANK = digest(None)


@pytest.fixture
def kyc(workspace: Workspace) -> Questionnaire:
    return published(workspace)


@pytest.fixture
def copy(account: Account, ada: Contact, kyc: Questionnaire, csm: Member) -> Answers:
    """Prefilled: main contact and MRR."""
    return services.start_copy(actor=csm, account=account, questionnaire=kyc)


@pytest.fixture
def at(copy: Answers) -> Address:
    def made(part: str = "") -> str:
        return f"/w/northwind/accounts/{copy.account_id}/answers/{copy.pk}/{part}{'/' if part else ''}"

    return made


def seen(copy: Answers, key: str) -> str:
    return digest(copy.answers.get(key, {}).get("value"))


def typed(copy: Answers, **answers: Any) -> dict[str, Any]:
    """A whole form as a browser sends it: what stands there, and what was typed."""
    copy.refresh_from_db()
    contact = copy.answers.get("main_contact", {}).get("value") or {}
    stands = {"industry": "", "why": "", "customer_since": "", "main_contact": contact.get("id", ""), "mrr": "0.00"}
    sent = stands | {"growing": ""} | answers
    return {f"answer-{key}": value for key, value in sent.items()} | {
        f"seen-{key}": seen(copy, key) for key in [*stands, "tools", "growing"]
    }


def values(copy: Answers) -> dict[str, Any]:
    copy.refresh_from_db()
    return {key: entry["value"] for key, entry in copy.answers.items()}


class TestPanel:
    def test_offers_what_can_be_started(
        self, as_csm: Client, account: Account, kyc: Questionnaire, url: Address
    ) -> None:
        page = as_csm.get(url(account, "questionnaires")).text
        assert "KYC questionnaire" in page and "Start" in page

    def test_shows_how_far_a_copy_is_in_few_statements(
        self, as_csm: Client, copy: Answers, url: Address, django_assert_max_num_queries: Any
    ) -> None:
        with django_assert_max_num_queries(12):
            page = as_csm.get(url(copy.account, "questionnaires"), headers=HTMX).text
        assert page.lstrip().startswith("<section") and 'value="33"' in page and "0 % of the answers" in page

    def test_a_reader_starts_nothing(
        self, as_reader: Client, account: Account, kyc: Questionnaire, url: Address
    ) -> None:
        assert "Start" not in as_reader.get(url(account, "questionnaires")).text
        assert as_reader.post(url(account, f"questionnaires/{kyc.pk}/start")).status_code == 403

    def test_another_workspaces_account_is_not_there(self, as_csm: Client, foreign: Account, url: Address) -> None:
        assert as_csm.get(url(foreign, "questionnaires")).status_code == 404

    def test_rejects_post(self, as_csm: Client, account: Account, url: Address) -> None:
        assert as_csm.post(url(account, "questionnaires")).status_code == 405


class TestStart:
    def test_twice_is_once(self, as_csm: Client, account: Account, kyc: Questionnaire, url: Address) -> None:
        first, second = (as_csm.post(url(account, f"questionnaires/{kyc.pk}/start")) for _ in range(2))
        assert first.status_code == 302 and first.headers["Location"] == second.headers["Location"]
        assert Answers.objects.count() == 1

    def test_a_retired_version_starts_nothing(
        self, as_csm: Client, account: Account, kyc: Questionnaire, url: Address
    ) -> None:
        Questionnaire.objects.update(state="retired")
        page = as_csm.post(url(account, f"questionnaires/{kyc.pk}/start"), follow=True).text
        assert "not published" in page and not Answers.objects.exists()

    def test_wrong_verb_and_strangers(
        self, as_csm: Client, account: Account, other_workspace: Workspace, url: Address
    ) -> None:
        with workspace_scope(other_workspace.pk):
            far = published(other_workspace)
        assert as_csm.post(url(account, f"questionnaires/{far.pk}/start")).status_code == 404
        assert as_csm.get(url(account, f"questionnaires/{far.pk}/start")).status_code == 405


class TestCopy:
    def test_prefilled_answers_are_marked(self, as_csm: Client, at: Address) -> None:
        page = as_csm.get(at()).text
        assert page.count("Prefilled, not confirmed") == 2 and "from Primary contact" in page
        assert "33 % complete" in page

    def test_a_plain_form_saves_and_leads_back(self, as_csm: Client, copy: Answers, at: Address, csm: Member) -> None:
        answer = as_csm.post(at(), typed(copy, why="An audit.\r\nTwice.", mrr="1,200.50", growing="no"))
        assert answer.status_code == 302
        known = values(copy)
        assert (known["why"], known["mrr"], known["growing"]) == ("An audit.\nTwice.", 120_050, False)
        assert copy.answers["main_contact"]["source"] == "fact"
        assert "3 answers saved." in as_csm.get(at()).text

    def test_a_section_is_confirmed_at_once(self, as_csm: Client, copy: Answers, at: Address) -> None:
        page = as_csm.post(at(), typed(copy) | {"confirm_section": "money"}, follow=True).text
        copy.refresh_from_db()
        assert {copy.answers[key]["source"] for key in ("main_contact", "mrr")} == {"member"}
        assert "2 confirmed." in page and "Prefilled, not confirmed" not in page

    def test_htmx_gets_the_sheet(self, as_csm: Client, copy: Answers, at: Address) -> None:
        answer = as_csm.post(at(), typed(copy, industry="Dental"), headers=HTMX)
        assert answer.status_code == 200 and answer.text.lstrip().startswith('<div id="sheet"')

    def test_what_cannot_be_read_stays_typed_and_the_rest_is_saved(
        self, as_csm: Client, copy: Answers, at: Address
    ) -> None:
        answer = as_csm.post(at(), typed(copy, mrr="a lot", why="An audit.", customer_since="soon"))
        assert answer.status_code == 422
        assert 'value="a lot"' in answer.text and 'value="soon"' in answer.text and "Enter a number" in answer.text
        assert values(copy)["why"] == "An audit." and values(copy)["mrr"] == 0
        assert f'name="seen-mrr" value="{seen(copy, "mrr")}"' in answer.text

    def test_the_same_answer_changed_by_two_stands_side_by_side(
        self, as_csm: Client, copy: Answers, at: Address, lead: Member
    ) -> None:
        stale = typed(copy, why="They told me.", industry="Dental")
        services.save_answers(actor=lead, copy=copy, given={"why": Given("An audit.", BLANK)})
        answer = as_csm.post(at(), stale)
        assert answer.status_code == 409
        assert "An audit." in answer.text and "They told me.</textarea>" in answer.text and "Ines Young" in answer.text
        assert values(copy)["why"] == "An audit." and values(copy)["industry"] == "Dental"
        again = stale | {"seen-why": seen(copy, "why"), "seen-industry": seen(copy, "industry")}
        assert as_csm.post(at(), again).status_code == 302 and values(copy)["why"] == "They told me."

    def test_theirs_can_be_taken(self, as_csm: Client, copy: Answers, at: Address, lead: Member) -> None:
        stale = typed(copy, why="They told me.")
        services.save_answers(actor=lead, copy=copy, given={"why": Given("An audit.", BLANK)})
        assert as_csm.post(at(), stale | {"take": "why"}).status_code == 302
        assert values(copy)["why"] == "An audit."

    def test_what_was_not_sent_is_left_alone(self, as_csm: Client, copy: Answers, at: Address) -> None:
        as_csm.post(at(), {"answer-why": "An audit.", "seen-why": BLANK})
        assert set(values(copy)) == {"main_contact", "mrr", "why"} and values(copy)["mrr"] == 0

    def test_completing_saves_first(self, as_csm: Client, copy: Answers, at: Address, csm: Member) -> None:
        as_csm.post(at(), typed(copy, why="An audit.") | {"then": "complete"})
        copy.refresh_from_db()
        assert copy.completed_by == csm and copy.answers["why"]["value"] == "An audit."
        page = as_csm.get(at()).text
        assert "Completed by Quinn Abbott" in page and "<textarea" not in page and "Reopen" in page

    def test_refreshing(self, as_csm: Client, copy: Answers, at: Address) -> None:
        form = typed(copy) | {"then": "refresh"}
        Account.objects.update(industry="Dental")
        assert "1 prefilled answer brought up to date." in as_csm.post(at(), form, follow=True).text
        assert values(copy)["industry"] == "Dental"

    def test_a_completed_copy_shows_what_was_typed_too_late(
        self, as_csm: Client, copy: Answers, at: Address, csm: Member
    ) -> None:
        form = typed(copy, why="An audit.")
        services.complete_copy(actor=csm, copy=copy)
        answer = as_csm.post(at(), form)
        assert answer.status_code == 409 and "Reopen it" in answer.text and "An audit." in answer.text
        assert "why" not in values(copy)

    def test_readers_read(self, as_reader: Client, copy: Answers, at: Address) -> None:
        page = as_reader.get(at()).text
        assert "Ada Gallo" in page and "<textarea" not in page and "Confirm" not in page
        assert as_reader.post(at(), typed(copy, why="x")).status_code == 403

    def test_strangers_and_verbs(self, as_csm: Client, copy: Answers, foreign: Account, at: Address) -> None:
        assert as_csm.get(f"/w/northwind/accounts/{foreign.pk}/answers/{copy.pk}/").status_code == 404
        assert as_csm.put(at()).status_code == 405


class TestAnswer:
    def one(self, copy: Answers, key: str, value: Any, **more: str) -> dict[str, Any]:
        return {"question": key, f"answer-{key}": value, f"seen-{key}": seen(copy, key)} | more

    def test_is_saved_as_it_is_typed(self, as_csm: Client, copy: Answers, at: Address) -> None:
        answer = as_csm.post(at("answer"), self.one(copy, "why", "An audit."), headers=HTMX)
        assert answer.status_code == 200 and 'id="state-why"' in answer.text and "<textarea" not in answer.text
        assert 'id="copy-progress"' in answer.text and "50 % complete" in answer.text
        assert 'id="count-background"' in answer.text and 'hx-swap-oob="true"' in answer.text
        assert values(copy)["why"] == "An audit."

    def test_is_confirmed_with_one_key(self, as_csm: Client, copy: Answers, at: Address) -> None:
        sent = self.one(copy, "mrr", "0.00", confirm="mrr")
        assert "Quinn Abbott" in as_csm.post(at("answer"), sent, headers=HTMX).text
        copy.refresh_from_db()
        assert copy.answers["mrr"]["source"] == "member"

    def test_what_cannot_be_read_is_said(self, as_csm: Client, copy: Answers, at: Address) -> None:
        answer = as_csm.post(at("answer"), self.one(copy, "mrr", "a lot"), headers=HTMX)
        assert answer.status_code == 422 and "Enter a number" in answer.text
        assert values(copy)["mrr"] == 0

    def test_a_conflict_shows_both(self, as_csm: Client, copy: Answers, at: Address, lead: Member) -> None:
        stale = self.one(copy, "why", "They told me.")
        services.save_answers(actor=lead, copy=copy, given={"why": Given("An audit.", BLANK)})
        answer = as_csm.post(at("answer"), stale, headers=HTMX)
        assert answer.status_code == 409 and "Theirs" in answer.text and "They told me." in answer.text
        taken = as_csm.post(at("answer"), stale | {"take": "why"}, headers=HTMX | {"HX-Target": "question-why"})
        assert taken.status_code == 200 and "An audit.</textarea>" in taken.text

    def test_a_closed_copy_answers_with_the_sheet(
        self, as_csm: Client, copy: Answers, at: Address, csm: Member
    ) -> None:
        services.complete_copy(actor=csm, copy=copy)
        answer = as_csm.post(at("answer"), self.one(copy, "why", "Late."), headers=HTMX)
        assert answer.status_code == 409 and answer.headers["HX-Retarget"] == "#sheet" and "Late." in answer.text

    def test_plain_form_unknown_question_reader_and_verb(
        self, as_csm: Client, as_reader: Client, copy: Answers, at: Address
    ) -> None:
        assert as_csm.post(at("answer"), self.one(copy, "why", "An audit.")).status_code == 302
        assert as_csm.post(at("answer"), {"question": "nothing"}).status_code == 302
        assert as_reader.post(at("answer"), self.one(copy, "why", "x")).status_code == 403
        assert as_csm.get(at("answer")).status_code == 405


class TestAfterwards:
    def test_reopen(self, as_csm: Client, as_reader: Client, copy: Answers, at: Address, csm: Member) -> None:
        services.complete_copy(actor=csm, copy=copy)
        assert as_reader.post(at("reopen")).status_code == 403 and as_csm.get(at("reopen")).status_code == 405
        assert "open again" in as_csm.post(at("reopen"), follow=True).text
        assert "Nothing changed" in as_csm.post(at("reopen"), follow=True).text

    def test_going_on_with_a_newer_version(
        self, as_csm: Client, as_reader: Client, copy: Answers, kyc: Questionnaire, at: Address, ops: Member
    ) -> None:
        draft = services.draft_next_version(actor=ops, version=kyc)
        services.publish_questionnaire(actor=ops, draft=draft)
        assert "Go on with version 2" in as_csm.get(at()).text
        assert as_reader.post(at("renew")).status_code == 403 and as_csm.get(at("renew")).status_code == 405
        answer = as_csm.post(at("renew"))
        assert str(copy.pk) not in answer.headers["Location"]
        assert "Other copies" in as_csm.get(answer.headers["Location"]).text
        assert "can only be read" in as_csm.get(at()).text

    def test_print_view(self, as_reader: Client, at: Address) -> None:
        page = as_reader.get(at("print")).text
        assert "Ada Gallo" in page and "(not confirmed)" in page
        assert as_reader.post(at("print")).status_code == 405


def cells(content: bytes) -> list[tuple[Any, ...]]:
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


class TestSheets:
    def test_one_copy(self, as_reader: Client, copy: Answers, at: Address, csm: Member) -> None:
        given = {"why": Given("=HYPERLINK(1)", BLANK)}
        services.save_answers(actor=csm, copy=copy, given=given)
        answer = as_reader.get(at("export"))
        assert "mesa-dental-group-kyc-questionnaire.xlsx" in answer.headers["Content-Disposition"]
        rows = {row[1]: row for row in cells(answer.content)}
        assert rows["Why did they buy?"][2:6] == ("'=HYPERLINK(1)", "Confirmed", None, "Quinn Abbott")
        assert rows["Main contact"][2:5] == ("Ada Gallo", "Prefilled, not confirmed", "Primary contact")
        assert rows["Industry"][2:4] == (None, "Not answered")

    def test_a_book_of_them(
        self, as_csm: Client, copy: Answers, kyc: Questionnaire, csm: Member, django_assert_max_num_queries: Any
    ) -> None:
        services.save_answers(
            actor=csm, copy=copy, given={"customer_since": Given("2024-03-01", BLANK), "tools": Given(["SSO"], BLANK)}
        )
        address = f"/w/northwind/accounts/questionnaires/{kyc.pk}/export/"
        with django_assert_max_num_queries(14):
            header, row = cells(as_csm.get(address).content)
        known = dict(zip(header, row, strict=True))
        assert known["Account"] == "Mesa Dental Group" and known["Customer since"].year == 2024
        assert (known["Tools"], known["MRR (USD)"], known["Complete (%)"]) == ("SSO", 0, 66)
        assert len(cells(as_csm.get(address, {"tier": 3}).content)) == 1

    def test_progress_over_the_filtered_book(self, as_reader: Client, copy: Answers) -> None:
        page = as_reader.get("/w/northwind/accounts/questionnaires/")
        assert "Over 1 account" in page.text and "33 %" in page.text and "Export" in page.text
        part = as_reader.get(
            "/w/northwind/accounts/questionnaires/", {"tier": 3}, headers=HTMX | {"HX-Target": "progress"}
        ).text
        assert part.lstrip().startswith("<section") and "Over 0 accounts" in part and "Export" not in part

    def test_strangers_and_verbs(
        self, as_csm: Client, kyc: Questionnaire, other_workspace: Workspace, at: Address
    ) -> None:
        with workspace_scope(other_workspace.pk):
            far = published(other_workspace, SECTIONS, key="far")
        assert as_csm.get(f"/w/northwind/accounts/questionnaires/{far.pk}/export/").status_code == 404
        assert as_csm.post("/w/northwind/accounts/questionnaires/").status_code == 405
        assert as_csm.post(at("export")).status_code == 405
