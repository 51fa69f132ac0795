"""Questionnaires in the settings: versions, the editor, preview, publishing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, Questionnaire
from accounts.questionnaires import services
from accounts.questionnaires.definitions import parse_sections, questions_of
from csworkbench.tenancy.fingerprints import fingerprint
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.accounts.questionnaires.shapes import published

SignIn = Callable[[Member], Client]
HTMX = {"HX-Request": "true", "HX-Target": "questionnaire-editor"}


def at(name: str, *rest: object) -> str:
    return reverse(f"account_settings:{name}", args=["northwind", *rest])


@pytest.fixture
def as_ops(client_for: SignIn, ops: Member) -> Client:
    return client_for(ops)


@pytest.fixture
def kyc(workspace: Workspace) -> Questionnaire:
    return published(workspace)


@pytest.fixture
def draft(kyc: Questionnaire, ops: Member) -> Questionnaire:
    """Version 2, as version 1 is."""
    return services.draft_next_version(actor=ops, version=kyc)


def sent(draft: Questionnaire, do: str = "save", **more: str) -> dict[str, str]:
    draft.refresh_from_db()
    seen = fingerprint(draft, ("name", "description", "sections", "state"))
    return {"seen": seen, "name": draft.name, "description": draft.description, "do": do} | more


def keys(draft: Questionnaire) -> list[str]:
    draft.refresh_from_db()
    return [one.key for one in questions_of(parse_sections(draft.sections))]


class TestList:
    def test_versions_with_the_accounts_that_use_them(
        self, as_csm: Client, account: Account, kyc: Questionnaire, csm: Member
    ) -> None:
        services.start_copy(actor=csm, account=account, questionnaire=kyc)
        page = as_csm.get(at("questionnaires")).text
        assert "Published" in page and '<td class="num" data-label="Accounts">1</td>' in page
        assert "Begin a questionnaire" not in page

    def test_adding_begins_a_draft(self, as_ops: Client, workspace: Workspace) -> None:
        answer = as_ops.post(at("add_questionnaire"), {"name": "Quarterly review", "kind": "checklist"})
        made = Questionnaire.objects.get()
        assert answer.headers["Location"] == at("questionnaire", made.pk) and made.state == "draft"

    def test_a_refused_one_keeps_what_was_typed(self, as_ops: Client, workspace: Workspace) -> None:
        answer = as_ops.post(at("add_questionnaire"), {"name": " ", "kind": "kyc", "description": "Each spring"})
        assert answer.status_code == 422 and 'value="Each spring"' in answer.text

    def test_readers_and_verbs(self, as_csm: Client, as_ops: Client) -> None:
        assert as_csm.post(at("add_questionnaire"), {"name": "x", "kind": "kyc"}).status_code == 403
        assert as_ops.get(at("add_questionnaire")).status_code == 405
        assert as_ops.post(at("questionnaires")).status_code == 405


class TestEditor:
    def test_each_button_saves_and_does_its_work(self, as_ops: Client, draft: Questionnaire) -> None:
        here = at("questionnaire", draft.pk)
        answer = as_ops.post(here, sent(draft, "add-question:money", **{"new-money": "Who signs?"}))
        assert answer.headers["Location"].endswith("?question=who_signs#question-who_signs")
        as_ops.post(here, sent(draft, "up:who_signs"))
        as_ops.post(here, sent(draft, "remove:why"))
        assert keys(draft) == ["industry", "customer_since", "main_contact", "mrr", "tools", "who_signs", "growing"]

    def test_the_open_question_is_saved_by_any_button(self, as_ops: Client, draft: Questionnaire) -> None:
        page = as_ops.get(at("questionnaire", draft.pk), {"question": "why"}).text
        assert 'name="question-why-label"' in page and "Primary contact" in page
        fields = {
            "question-why-label": "Why us?", "question-why-sort": "choice", "question-why-help": "",
            "question-why-choices": "Price\r\nPeople", "question-why-prefill": "", "question-why-counts": "on",
        }  # fmt: skip
        answer = as_ops.post(at("questionnaire", draft.pk), sent(draft, "edit:industry", **fields), headers=HTMX)
        assert answer.status_code == 200 and 'name="question-industry-label"' in answer.text
        draft.refresh_from_db()
        why = draft.sections[0]["questions"][1]
        assert (why["label"], why["sort"], why["choices"]) == ("Why us?", "choice", ["Price", "People"])

    def test_what_cannot_be_kept_stays_typed(self, as_ops: Client, draft: Questionnaire) -> None:
        answer = as_ops.post(at("questionnaire", draft.pk), sent(draft, **{"section-money-title": "x" * 81}))
        assert answer.status_code == 422 and "x" * 81 in answer.text and "title must be a text" in answer.text

    def test_a_stale_form_gets_the_draft_as_it_is(self, as_ops: Client, draft: Questionnaire) -> None:
        stale = sent(draft, **{"section-money-title": "Mine"})
        as_ops.post(at("questionnaire", draft.pk), sent(draft, **{"section-money-title": "Theirs"}))
        answer = as_ops.post(at("questionnaire", draft.pk), stale, headers=HTMX)
        assert answer.status_code == 409 and "Theirs" in answer.text
        assert as_ops.post(at("questionnaire", draft.pk), stale).status_code == 409

    def test_a_published_version_is_read_only(self, as_ops: Client, kyc: Questionnaire) -> None:
        assert 'name="do"' not in as_ops.get(at("questionnaire", kyc.pk)).text
        assert as_ops.post(at("questionnaire", kyc.pk), sent(kyc)).status_code == 409

    def test_readers_strangers_verbs(
        self, as_csm: Client, as_ops: Client, draft: Questionnaire, other_workspace: Workspace
    ) -> None:
        with workspace_scope(other_workspace.pk):
            far = published(other_workspace)
        assert 'name="do"' not in as_csm.get(at("questionnaire", draft.pk)).text
        assert as_csm.post(at("questionnaire", draft.pk), sent(draft)).status_code == 403
        assert as_ops.get(at("questionnaire", far.pk)).status_code == 404
        assert as_ops.put(at("questionnaire", draft.pk)).status_code == 405

    def test_what_differs_is_said(self, as_ops: Client, draft: Questionnaire) -> None:
        as_ops.post(at("questionnaire", draft.pk), sent(draft, "remove:why"))
        page = as_ops.get(at("questionnaire", draft.pk)).text
        assert "What differs from version 1" in page and "Question removed" in page


class TestLife:
    def test_publish_retire_and_begin_again(self, as_ops: Client, draft: Questionnaire, kyc: Questionnaire) -> None:
        assert as_ops.post(at("publish_questionnaire", draft.pk), sent(draft)).status_code == 302
        assert "Nothing changed" not in as_ops.get(at("questionnaire", draft.pk)).text
        assert as_ops.post(at("publish_questionnaire", draft.pk)).status_code == 409
        as_ops.post(at("retire_questionnaire", draft.pk))
        assert set(Questionnaire.objects.values_list("state", flat=True)) == {"retired"}
        answer = as_ops.post(at("draft_questionnaire", draft.pk))
        newest = Questionnaire.objects.get(state="draft")
        assert newest.number == 3 and str(newest.pk) in answer.headers["Location"]
        as_ops.post(at("discard_questionnaire", newest.pk))
        assert Questionnaire.objects.count() == 2

    def test_publishing_what_lacks_something_says_so(self, as_ops: Client, ops: Member) -> None:
        empty = services.create_questionnaire(actor=ops, name="Empty", kind="kyc")
        answer = as_ops.post(at("publish_questionnaire", empty.pk), sent(empty))
        assert answer.status_code == 422 and "needs 1 to 20 sections" in answer.text

    @pytest.mark.parametrize("verb", ["publish", "draft", "retire", "discard"])
    def test_readers_and_verbs(self, as_csm: Client, as_ops: Client, kyc: Questionnaire, verb: str) -> None:
        assert as_csm.post(at(f"{verb}_questionnaire", kyc.pk)).status_code == 403
        assert as_ops.get(at(f"{verb}_questionnaire", kyc.pk)).status_code == 405


class TestPreview:
    def test_shows_an_account_and_keeps_nothing(
        self, as_csm: Client, account: Account, ada: Any, draft: Questionnaire
    ) -> None:
        page = as_csm.get(at("preview_questionnaire", draft.pk), {"q": "mesa"}).text
        assert "Preview for Mesa Dental Group" in page and "Ada Gallo" in page
        assert not account.questionnaires.exists()

    def test_without_accounts_and_with_strange_ones(
        self, as_csm: Client, draft: Questionnaire, foreign: Account
    ) -> None:
        for query in ({}, {"account": "x"}, {"account": str(foreign.pk)}, {"q": "nobody"}):
            answer = as_csm.get(at("preview_questionnaire", draft.pk), query)
            assert answer.status_code == 200 and "No account is called so" in answer.text
        assert as_csm.post(at("preview_questionnaire", draft.pk)).status_code == 405
