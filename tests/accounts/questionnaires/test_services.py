"""Named writes of questionnaires: versions are frozen, copies are merged, nothing is done twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from accounts.models import Account, Answers, Questionnaire
from accounts.questionnaires import services
from accounts.questionnaires.definitions import Question, Section, as_data, parse_sections
from accounts.questionnaires.merging import Given
from accounts.questionnaires.values import digest
from csworkbench.tenancy.models import Member, Workspace

from .shapes import SECTIONS, published

MORE = (*SECTIONS, Section("extra", "Extra", (Question("tone", "Which tone?"),)))


def says(copy: Answers, **typed: Any) -> dict[str, Given]:
    """A form drawn from the copy as it is here."""
    return {key: Given(value, digest(copy.answers.get(key, {}).get("value"))) for key, value in typed.items()}


def draft_of(ops: Member, **fields: Any) -> Questionnaire:
    return services.create_questionnaire(actor=ops, **{"name": "Quarterly review", "kind": "checklist"} | fields)


class TestVersions:
    def test_a_new_one_is_an_empty_draft_with_a_key_of_its_own(self, ops: Member) -> None:
        first, second = draft_of(ops), draft_of(ops, name=" Quarterly   review ")
        assert (first.key, first.state, first.sections) == ("quarterly_review", "draft", [])
        assert (second.key, second.name) == ("quarterly_review_2", "Quarterly review")

    @pytest.mark.parametrize("wrong", [{"name": " "}, {"name": "x" * 121}, {"kind": "poem"}])
    def test_what_cannot_be_is_refused_by_field(self, ops: Member, wrong: dict[str, str]) -> None:
        with pytest.raises(ValidationError) as refusal:
            draft_of(ops, **wrong)
        assert set(refusal.value.message_dict) == set(wrong)

    def test_a_draft_is_saved_as_far_as_it_is(self, ops: Member) -> None:
        draft = draft_of(ops)
        half = (Section("a", "", (Question("q", ""),)),)
        values: dict[str, Any] = {"name": "Review", "description": "Now", "sections": half}
        assert services.save_draft(actor=ops, draft=draft, **values)
        draft.refresh_from_db()
        assert parse_sections(draft.sections) == half and draft.description == "Now"
        assert not services.save_draft(actor=ops, draft=draft, **values)

    def test_what_no_draft_can_hold_is_said_in_words(self, ops: Member) -> None:
        draft = draft_of(ops)
        long = (Section("a", "A", (Question("q", "x" * 201),)),)
        with pytest.raises(ValidationError) as refusal:
            services.save_draft(actor=ops, draft=draft, name="R", description="", sections=long)
        assert "label must be a text of 0 to 200 characters" in refusal.value.messages[0]

    def test_publishing_says_what_is_missing(self, ops: Member) -> None:
        draft = draft_of(ops)
        with pytest.raises(ValidationError, match="needs 1 to 20 sections"):
            services.publish_questionnaire(actor=ops, draft=draft)

    def test_publishing_retires_the_version_before_and_happens_once(self, ops: Member, kyc: Questionnaire) -> None:
        draft = services.draft_next_version(actor=ops, version=kyc)
        assert draft.number == 2 and services.draft_next_version(actor=ops, version=kyc) == draft
        assert services.publish_questionnaire(actor=ops, draft=draft)
        assert not services.publish_questionnaire(actor=ops, draft=draft)
        states = dict(Questionnaire.objects.values_list("number", "state"))
        assert states == {1: "retired", 2: "published"}

    def test_a_published_version_never_changes(self, ops: Member, kyc: Questionnaire) -> None:
        assert not services.save_draft(actor=ops, draft=kyc, name="Other", description="", sections=MORE)
        assert not services.discard_draft(actor=ops, draft=kyc)
        kyc.refresh_from_db()
        assert kyc.name == "KYC questionnaire" and parse_sections(kyc.sections) == SECTIONS

    def test_a_draft_can_be_thrown_away(self, ops: Member, kyc: Questionnaire) -> None:
        draft = services.draft_next_version(actor=ops, version=kyc)
        assert services.discard_draft(actor=ops, draft=draft) and not services.discard_draft(actor=ops, draft=draft)
        assert Questionnaire.objects.get() == kyc

    def test_nothing_starts_from_a_retired_one(self, ops: Member, account: Account, kyc: Questionnaire) -> None:
        assert services.retire_questionnaire(actor=ops, version=kyc)
        assert not services.retire_questionnaire(actor=ops, version=kyc)
        kyc.refresh_from_db()
        with pytest.raises(ValidationError, match="not published"):
            services.start_copy(actor=ops, account=account, questionnaire=kyc)


class TestCopies:
    def test_a_copy_is_prefilled_and_frozen(self, copy: Answers, kyc: Questionnaire, csm: Member) -> None:
        assert {key: entry["value"] for key, entry in copy.answers.items()} == {
            "industry": "Dental",
            "customer_since": "2024-03-01",
            "main_contact": {"id": copy.answers["main_contact"]["value"]["id"], "name": "Ada Gallo"},
            "mrr": 120_000,
        }
        assert {entry["source"] for entry in copy.answers.values()} == {"fact"}
        assert (copy.completeness, copy.confirmed) == (66, 0)
        Questionnaire.objects.update(sections=[])
        copy.refresh_from_db()
        assert parse_sections(copy.sections) == SECTIONS

    def test_started_twice_it_is_one(self, copy: Answers, kyc: Questionnaire, csm: Member) -> None:
        assert services.start_copy(actor=csm, account=copy.account, questionnaire=kyc) == copy
        assert Answers.objects.count() == 1

    def test_saving_counts_and_names_who_said_it(self, copy: Answers, csm: Member) -> None:
        merged = services.save_answers(
            actor=csm, copy=copy, given=says(copy, why="An audit.", industry="Dental"), confirm={"industry"}
        )
        assert (merged.saved, merged.confirmed) == (["why"], ["industry"])
        copy.refresh_from_db()
        assert (copy.completeness, copy.confirmed) == (83, 40)
        assert copy.answers["why"]["by"] == copy.answers["industry"]["by"] == str(csm.pk)
        assert copy.answers["industry"]["from"] == "account.industry"

    def test_two_people_in_different_sections_lose_nothing(self, copy: Answers, csm: Member, lead: Member) -> None:
        mine, theirs = says(copy, why="An audit."), says(copy, tools=["SSO"])
        services.save_answers(actor=csm, copy=copy, given=mine)
        other = Answers.objects.get(pk=copy.pk)
        services.save_answers(actor=lead, copy=other, given=theirs)
        assert {key: other.answers[key]["value"] for key in ("why", "tools")} == {"why": "An audit.", "tools": ["SSO"]}

    def test_the_same_question_is_a_conflict_and_the_rest_is_saved(
        self, copy: Answers, csm: Member, lead: Member
    ) -> None:
        stale = says(copy, why="They told me.", tools=["HRIS"])
        services.save_answers(actor=lead, copy=copy, given=says(copy, why="An audit."))
        merged = services.save_answers(actor=csm, copy=copy, given=stale)
        (conflict,) = merged.conflicts
        assert (conflict.mine, conflict.theirs["value"]) == ("They told me.", "An audit.")
        copy.refresh_from_db()
        assert (copy.answers["why"]["value"], copy.answers["tools"]["value"]) == ("An audit.", ["HRIS"])

    def test_unknown_questions_are_ignored(self, copy: Answers, csm: Member) -> None:
        merged = services.save_answers(actor=csm, copy=copy, given={"nothing": Given("x", digest(None))})
        assert not merged.changed and "nothing" not in copy.answers

    def test_a_completed_copy_takes_no_answers_until_it_is_reopened(self, copy: Answers, csm: Member) -> None:
        assert services.complete_copy(actor=csm, copy=copy) and not services.complete_copy(actor=csm, copy=copy)
        for write in (
            lambda: services.save_answers(actor=csm, copy=copy, given=says(copy, why="x")),
            lambda: services.refresh_answers(actor=csm, copy=copy),
        ):
            with pytest.raises(services.Closed, match="Reopen"):
                write()
        assert services.reopen_copy(actor=csm, copy=copy) and not services.reopen_copy(actor=csm, copy=copy)
        assert services.save_answers(actor=csm, copy=copy, given=says(copy, why="x")).saved == ["why"]

    def test_refreshing_takes_anew_what_nobody_confirmed(self, copy: Answers, csm: Member) -> None:
        services.save_answers(actor=csm, copy=copy, given=says(copy, mrr=120_000), confirm={"mrr"})
        changed_at = copy.changed_at
        Account.objects.update(industry="Orthodontics")
        copy.account.subscriptions.update(mrr_minor=999)
        assert services.refresh_answers(actor=csm, copy=copy) == 1
        copy.refresh_from_db()
        assert (copy.answers["industry"]["value"], copy.answers["mrr"]["value"]) == ("Orthodontics", 120_000)
        assert copy.changed_at == changed_at
        assert services.refresh_answers(actor=csm, copy=copy) == 0


class TestRenewing:
    def next_version(self, ops: Member, kyc: Questionnaire) -> Questionnaire:
        draft = services.draft_next_version(actor=ops, version=kyc)
        services.save_draft(actor=ops, draft=draft, name=kyc.name, description="", sections=MORE)
        services.publish_questionnaire(actor=ops, draft=draft)
        return draft

    def test_answers_go_over_and_the_old_copy_stays(
        self, copy: Answers, kyc: Questionnaire, csm: Member, ops: Member, frozen: time_machine.Traveller
    ) -> None:
        services.save_answers(actor=csm, copy=copy, given=says(copy, why="An audit."))
        self.next_version(ops, kyc)
        frozen.shift(timedelta(days=3))
        made = services.renew_copy(actor=csm, copy=copy)
        assert made.pk != copy.pk and made.questionnaire.number == 2
        assert made.answers["why"]["value"] == "An audit." and made.answers["industry"]["source"] == "fact"
        assert made.completeness == 71 and made.confirmed == 20
        old = Answers.objects.get(pk=copy.pk)
        assert not old.is_current and old.answers == copy.answers
        with pytest.raises(services.Closed, match="newer copy"):
            services.save_answers(actor=csm, copy=old, given=says(old, why="x"))
        assert services.renew_copy(actor=csm, copy=old) == made and Answers.objects.count() == 2

    def test_without_a_published_version_there_is_nothing_to_go_on_with(
        self, copy: Answers, kyc: Questionnaire, csm: Member, ops: Member
    ) -> None:
        services.retire_questionnaire(actor=ops, version=kyc)
        with pytest.raises(ValidationError, match="No version"):
            services.renew_copy(actor=csm, copy=copy)


class TestOtherWorkspaces:
    def test_another_workspaces_copy_is_not_found(self, copy: Answers, other_workspace: Workspace) -> None:
        from csworkbench.tenancy.scope import workspace_scope
        from tests.factories import make_member

        with workspace_scope(other_workspace.pk):
            stranger = make_member(other_workspace, "Stranger", roles=["csm"])
            with pytest.raises(Answers.DoesNotExist):
                services.save_answers(actor=stranger, copy=copy, given=says(copy, why="x"))
            assert not services.complete_copy(actor=stranger, copy=copy)


def test_a_pack_brings_its_questionnaires_once(workspace: Workspace) -> None:
    from accounts.questionnaires.starter import install_questionnaires

    published(workspace)
    for _ in range(2):
        install_questionnaires(workspace, "compliance")
    rows = Questionnaire.objects.order_by("key").values_list("key", "state", "sections")
    assert [(key, state) for key, state, _ in rows] == [("account_analysis", "published"), ("kyc", "published")]
    assert rows[1][2] == as_data(SECTIONS)
