"""What sources and facts say of an account, as answers; and the facts that conditions can test."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from accounts.changes import changes_of
from accounts.conditions import compile_condition, validate
from accounts.facts import context_for, get_fact
from accounts.models import Account, Answers, Contact, ModuleUse, Opportunity, Questionnaire, SupportTicket
from accounts.queries import fact_values
from accounts.questionnaires import services
from accounts.questionnaires.definitions import Question, Section, Sort
from accounts.questionnaires.merging import Given
from accounts.questionnaires.prefilling import cannot_fill, fitted, offered_sources, prefill_accounts
from accounts.questionnaires.sources import SOURCES
from accounts.questionnaires.values import digest, suits
from accounts.services import log_interaction, write_note
from csworkbench.tenancy.models import Member, Workspace
from tests.factories import AccountFactory, ContactFactory, ModuleFactory, ProductFactory, SubscriptionFactory

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def asking(*prefills: str, sort: str = "") -> list[Section]:
    """A section that asks for each source in its own sort."""
    questions = [
        Question(f"q{n}", prefill, sort=sort or (SOURCES[prefill].sort if prefill in SOURCES else Sort.TEXT),
                 prefill=prefill)
        for n, prefill in enumerate(prefills)
    ]  # fmt: skip
    return [Section("s", "S", tuple(questions))]


def said(account: Account, *prefills: str, sort: str = "") -> list[Any]:
    found = prefill_accounts(account.workspace, [account.pk], asking(*prefills, sort=sort))[account.pk]
    return [found.get(f"q{n}", {}).get("value") for n in range(len(prefills))]


class TestSources:
    def test_an_account_of_which_nothing_is_known_breaks_no_source(self, workspace: Workspace, frozen: object) -> None:
        bare = AccountFactory(workspace=workspace)
        found = prefill_accounts(workspace, [bare.pk], asking(*SOURCES))[bare.pk]
        for section in asking(*SOURCES):
            for question in section.questions:
                assert suits(question, found.get(question.key, {}).get("value")), question.prefill

    def test_the_account_and_its_people(self, account: Account, ada: Contact, csm: Member) -> None:
        ContactFactory(account=account, first_name="Bo", last_name="Hale", title="Controller", areas=["finance"])
        ContactFactory(account=account, first_name="Cy", last_name="Left", areas=["training"], validity="terminated")
        primary, finance, training, others, owner = said(
            account, "contact.primary", "contact.finance", "contact.training", "contact.others", "account.owner"
        )
        assert (primary["name"], finance["name"], training, owner["name"]) == (
            "Ada Gallo", "Bo Hale", None, "Quinn Abbott",
        )  # fmt: skip
        assert others == "Bo Hale, Controller, Finance"

    def test_subscriptions_and_their_discrepancy(self, account: Account, workspace: Workspace) -> None:
        account.subscriptions.all().delete()
        learning = ProductFactory(workspace=workspace, name="Learning")
        soft = ProductFactory(workspace=workspace, name="CRED SOFT", is_credentialing=True)
        SubscriptionFactory(account=account, product=learning, mrr_minor=120_000, contracted_users=100,
                            active_users=80, renews_on=date(2027, 6, 1), service_tier="premium")  # fmt: skip
        SubscriptionFactory(account=account, product=soft, mrr_minor=30_000, contracted_users=20, active_users=24)
        listed, differing, contracted, payer = said(
            account, "subscription.list", "subscription.discrepancy", "subscription.contracted", "subscription.payer"
        )
        assert listed == (
            "CRED SOFT: 24 active of 20 contracted providers, $300 MRR, renews Jun 1, 2027\n"
            "Learning: 80 active of 100 contracted users, $1,200 MRR, Premium service, renews Jun 1, 2027"
        )
        assert differing == (
            "CRED SOFT: 4 providers more than contracted\nLearning: 20 of 100 contracted users not active"
        )
        assert (contracted, payer) == (100, "Mesa Dental Group")

    def test_use_support_and_engagement(self, account: Account, workspace: Workspace, csm: Member) -> None:
        module = ModuleFactory(product=ProductFactory(workspace=workspace), name="Courses")
        ModuleUse.objects.create(
            workspace=workspace, account=account, module=module, last_used_at=NOW - timedelta(days=40), uses_30_days=0
        )
        for number, state in enumerate(["open", "resolved", "resolved"]):
            SupportTicket.objects.create(
                workspace=workspace, account=account, key=f"T-{number}", subject="Course will not open", topic="SSO",
                state=state, opened_at=NOW - timedelta(days=10), first_response_at=NOW - timedelta(days=9, hours=20),
                resolved_at=NOW - timedelta(days=7) if state == "resolved" else None,
            )  # fmt: skip
        log_interaction(actor=csm, account=account, kind="call", subject="Renewal", answered=False)
        write_note(actor=csm, account=account, text="Asked for a quote")
        Opportunity.objects.create(workspace=workspace, account=account, name="More seats", mrr_minor=50_000)
        assert said(account, "usage.modules", "usage.unused", "support.open", "support.recurring", "support.averages",
                    "interaction.replying", "interaction.last", "note.last", "opportunity.open") == [
            "Courses: 0 in 30 days, last Oct 14, 2026",
            "Courses",
            "T-0 Course will not open: open since Nov 13, 2026",
            "SSO (3 times)",
            "first response after 4 hours, resolved after 3 days, over 3 support tickets",
            False,
            "Nov 23, 2026 Call: Renewal (no answer)",
            "11/23/26-QA-Asked for a quote",
            "More seats: Expansion revenue, $500 MRR",
        ]  # fmt: skip

    def test_facts_fill_questions_too(self, account: Account, workspace: Workspace) -> None:
        facts = [key for key, _ in dict(offered_sources(workspace))["Facts"]]
        assert {"fact:mrr", "fact:stage", "fact:renews_on"} <= set(facts)
        values = said(account, "fact:mrr", "fact:stage", "fact:renews_on", "fact:last_used_at", sort=Sort.TEXT)
        assert values == ["$1,200", "Adoption", "Jun 1, 2027", None]
        for key in facts:
            assert cannot_fill(Sort.LONG, key) == ""

    def test_many_accounts_cost_what_one_costs(
        self, account: Account, workspace: Workspace, django_assert_num_queries: Any
    ) -> None:
        from django.db import connection

        more = [account.pk, *(AccountFactory(workspace=workspace).pk for _ in range(5))]
        with CaptureQueriesContext(connection) as one:
            prefill_accounts(workspace, more[:1], asking(*SOURCES, "fact:mrr"))
        with django_assert_num_queries(len(one)):
            assert len(prefill_accounts(workspace, more, asking(*SOURCES, "fact:mrr"))) == 6

    @pytest.mark.parametrize(
        ("question", "sort", "value", "fits"),
        [
            (Question("q", "Q", sort="choice", choices=("Daily", "Weekly")), "text", "daily", "Daily"),
            (Question("q", "Q", sort="choice", choices=("Daily", "Weekly")), "text", "Hourly", None),
            (Question("q", "Q", sort="choices", choices=("SSO", "HRIS")), "text", "hris, sso", ["SSO", "HRIS"]),
            (Question("q", "Q", sort="number"), "text", "many", None),
            (Question("q", "Q"), "yes_no", False, "No"),
            (Question("q", "Q"), "number", 0, "0"),
            (Question("q", "Q"), "member", {"id": "1", "name": "Ada"}, "Ada"),
            (Question("q", "Q"), "text", "x" * 900, "x" * 500),
        ],
    )
    def test_a_value_as_its_question_holds_it(self, question: Question, sort: str, value: Any, fits: Any) -> None:
        assert fitted(question, sort, value, "USD") == fits


class TestFacts:
    def values(self, account: Account) -> dict[str, Any]:
        keys = ["completeness:kyc", "confirmed:kyc", "answered_on:kyc"]
        return fact_values([account.pk], keys, context_for(account.workspace))[account.pk]

    def test_without_a_copy_they_are_unknown(self, account: Account) -> None:
        assert set(self.values(account).values()) == {None}
        assert get_fact("completeness:kyc").words(None, context_for(account.workspace)) == "no KYC yet"

    def test_of_the_current_copy(self, copy: Answers, csm: Member) -> None:
        assert self.values(copy.account) == {"completeness:kyc": 66, "confirmed:kyc": 0, "answered_on:kyc": None}
        services.save_answers(actor=csm, copy=copy, given={"why": Given("An audit.", digest(None))})
        known = self.values(copy.account)
        assert (known["completeness:kyc"], known["confirmed:kyc"], known["answered_on:kyc"]) == (83, 20, NOW)
        context = context_for(copy.account.workspace)
        assert get_fact("answered_on:kyc").words(NOW, context) == "KYC answered today"

    def test_conditions_test_them(self, copy: Answers) -> None:
        context = context_for(copy.account.workspace)
        for tree, holds in (
            ({"fact": "completeness:kyc", "op": "lt", "value": 80}, True),
            ({"fact": "completeness:kyc", "op": "gte", "value": 80}, False),
            ({"fact": "completeness:other", "op": "empty"}, True),
        ):
            assert validate(tree) == []
            expression = compile_condition(tree, context)
            assert Account.objects.filter(expression).exists() is holds


class TestLedger:
    def test_answers_are_told_question_by_question(
        self, copy: Answers, kyc: Questionnaire, csm: Member, workspace: Workspace
    ) -> None:
        given = {
            "why": Given("An audit.", digest(None)),
            "mrr": Given(120_000, digest(120_000)),
        }
        services.save_answers(actor=csm, copy=copy, given=given, confirm={"mrr"})
        newest = changes_of(copy.account, workspace, 5)[0]
        assert newest.title == "Questionnaire KYC questionnaire changed"
        assert set(newest.fields) == {
            ("Why did they buy?", "—", "An audit."),
            ("MRR", "prefilled", "confirmed: $1,200"),
        }
