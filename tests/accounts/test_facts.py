"""Facts: declared once, computed in SQL, said in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.facts import (
    Fact,
    FactContext,
    Kind,
    all_facts,
    context_for,
    get_fact,
    register,
    register_family,
    registry,
)
from accounts.models import Account, Level
from csworkbench.tenancy.models import Workspace
from tests.factories import (
    AccountFactory,
    ContactFactory,
    InstanceFactory,
    ModuleFactory,
    ModuleUseFactory,
    ProductFactory,
    SubscriptionFactory,
)

TODAY = date(2026, 11, 23)


@pytest.fixture
def context(workspace: Workspace) -> FactContext:
    return context_for(workspace, today=TODAY)


def value_of(key: str, context: FactContext) -> Any:
    """What the database computes for the one account there is."""
    return Account.objects.values_list(get_fact(key, context).expression(context), flat=True).get()


class TestRegistry:
    def test_every_fact_has_a_key_a_label_and_an_expression_the_database_accepts(
        self, workspace: Workspace, context: FactContext
    ) -> None:
        AccountFactory(workspace=workspace)
        keys = [fact.key for fact in all_facts()]
        assert len(keys) == len(set(keys)) > 20
        assert all(fact.label for fact in all_facts())
        columns = {f"fact_{n}": fact.expression(context) for n, fact in enumerate(all_facts())}
        assert Account.objects.annotate(**columns).values(*columns).count() == 1

    def test_a_key_is_declared_once(self) -> None:
        with pytest.raises(ValueError, match="'tier' is declared twice"):
            register(get_fact("tier"))

    @pytest.mark.parametrize(
        "key", ["mood", "", "last_use", "last_use:", "tier:1", "last_use:a b", "last_use:" + "x" * 41]
    )
    def test_an_unknown_key_is_a_key_error(self, key: str) -> None:
        with pytest.raises(KeyError):
            get_fact(key)

    def test_a_higher_app_can_declare_facts_and_families(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(registry, "_facts", dict(registry._facts))
        monkeypatch.setattr(registry, "_families", dict(registry._families))
        fact = Fact("cases", "open cases", Kind.NUMBER, get_fact("tier").expression, lambda value, context: f"{value}")
        register(fact)
        register_family("cases", lambda kind, context: fact)
        assert get_fact("cases") is get_fact("cases:past_due") is fact

    @pytest.mark.parametrize("fact", all_facts(), ids=lambda fact: fact.key)
    def test_choices_are_said_and_only_for_kinds_that_choose(self, fact: Fact, context: FactContext) -> None:
        assert bool(fact.choices) == (fact.kind is Kind.CHOICE) or fact.key == "level"
        for value, _ in fact.choices:
            assert fact.words(value, context)


class TestValues:
    def test_columns_of_the_account(self, workspace: Workspace, context: FactContext) -> None:
        AccountFactory(
            workspace=workspace,
            tier=1,
            segment="Clinics",
            growth_potential="high",
            stage="renewal",
            stage_since=TODAY,
            health="red",
            past_due_since=TODAY,
            instance=InstanceFactory(workspace=workspace, key="core"),
        )
        keys = ("tier", "segment", "growth_potential", "stage", "stage_since", "health", "past_due_since", "instance")
        assert [value_of(key, context) for key in keys] == [
            1, "Clinics", "high", "renewal", TODAY, "red", TODAY, "core",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "key",
        [
            "tier", "segment", "growth_potential", "instance", "stage_since", "health_since", "renews_on",
            "last_used_at", "last_interaction_at", "last_answered_at", "outcome_percent", "past_due_since",
            "customer_since", "primary_contact_validity", "primary_contact_dnc", "last_use:cases",
        ],
    )  # fmt: skip
    def test_what_is_not_there_is_unknown(self, workspace: Workspace, context: FactContext, key: str) -> None:
        """An empty text, an absent row and a null column are the same: nobody knows."""
        AccountFactory(workspace=workspace, tier=None)
        assert value_of(key, context) is None

    def test_figures_over_running_subscriptions(self, workspace: Workspace, context: FactContext) -> None:
        account = AccountFactory(workspace=workspace)
        SubscriptionFactory(account=account, mrr_minor=10_000, renews_on=date(2027, 3, 1), contracted_users=20)
        SubscriptionFactory(account=account, mrr_minor=5_000, renews_on=date(2027, 1, 1), active_users=12)
        SubscriptionFactory(account=account, mrr_minor=99_000, renews_on=date(2026, 1, 1), ended_on=date(2026, 1, 1))
        keys = ("mrr", "renews_on", "contracted_users", "active_users", "products")
        assert [value_of(key, context) for key in keys] == [15_000, date(2027, 1, 1), 20, 12, 2]

    def test_no_subscription_is_no_money_rather_than_unknown(self, workspace: Workspace, context: FactContext) -> None:
        AccountFactory(workspace=workspace)
        assert [value_of(key, context) for key in ("mrr", "products")] == [0, 0]

    def test_the_lowest_outcome_counts(self, workspace: Workspace, context: FactContext) -> None:
        account = AccountFactory(workspace=workspace)
        for measure, actual in (("Leads", 40), ("Reviews", 5)):
            account.outcomes.create(workspace=workspace, measure=measure, target=50, actual=actual, measured_on=TODAY)
        assert value_of("outcome_percent", context) == 10

    def test_the_primary_contact_alone_is_asked(self, workspace: Workspace, context: FactContext) -> None:
        account = AccountFactory(workspace=workspace)
        ContactFactory(account=account, dnc=True, validity="bounced")
        assert value_of("primary_contact_dnc", context) is None
        ContactFactory(account=account, is_primary=True, validity="on_leave")
        assert (value_of("primary_contact_dnc", context), value_of("primary_contact_validity", context)) == (
            False,
            "on_leave",
        )

    def test_last_use_is_per_module(self, workspace: Workspace, context: FactContext) -> None:
        account, product = AccountFactory(workspace=workspace), ProductFactory(workspace=workspace)
        moments = {"cases": datetime(2026, 11, 1, tzinfo=UTC), "policies": datetime(2026, 11, 5, tzinfo=UTC)}
        for key, moment in moments.items():
            module = ModuleFactory(product=product, key=key, name=key)
            ModuleUseFactory(account=account, module=module, last_used_at=moment)
        assert value_of("last_use:cases", context) == moments["cases"]
        assert value_of("last_use:policies", context) == value_of("last_used_at", context) == moments["policies"]
        assert value_of("last_use:training", context) is None

    def test_a_module_is_owned_with_a_running_subscription_to_its_product(
        self, workspace: Workspace, context: FactContext
    ) -> None:
        account, product = AccountFactory(workspace=workspace), ProductFactory(workspace=workspace)
        ModuleFactory(product=product, key="cases")
        SubscriptionFactory(account=account)
        assert value_of("owns:cases", context) is False
        subscription = SubscriptionFactory(account=account, product=product)
        assert value_of("owns:cases", context) is True
        subscription.ended_on = TODAY
        subscription.save()
        assert value_of("owns:cases", context) is False

    def test_the_level_is_the_pipelines(self, workspace: Workspace, context: FactContext) -> None:
        AccountFactory(workspace=workspace)
        assert value_of("level", context) == Level.LOW


NOON = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


class TestWords:
    @pytest.mark.parametrize(
        ("key", "value", "said"),
        [
            ("tier", 1, "tier 1"),
            ("tier", None, "no tier"),
            ("segment", "Clinics", "segment Clinics"),
            ("segment", "", ""),
            ("instance", "core", "on core"),
            ("instance", None, "no instance"),
            ("growth_potential", "high", "high growth potential"),
            ("stage", "onboarding", "in onboarding"),
            ("stage_since", TODAY - timedelta(days=40), "in this stage for 40 d"),
            ("health", "undefined", "health undefined"),
            ("mrr", 551_167, "$5,512 MRR"),
            ("renews_on", TODAY + timedelta(days=42), "renews in 42 d"),
            ("renews_on", TODAY, "renews today"),
            ("renews_on", TODAY - timedelta(days=3), "renewal 3 d overdue"),
            ("renews_on", None, "no renewal date"),
            ("contracted_users", 20, "20 users contracted"),
            ("products", 1, "1 product"),
            ("products", 2, "2 products"),
            ("last_used_at", NOON, "last use today"),
            ("last_used_at", NOON - timedelta(days=9), "last use 9 d ago"),
            ("last_used_at", None, "never used"),
            ("last_answered_at", None, "never answered"),
            ("last_interaction_at", NOON + timedelta(days=2), "last interaction today"),
            ("outcome_percent", 35, "outcome at 35 % of target"),
            ("past_due_since", TODAY - timedelta(days=9), "past due for 9 d"),
            ("past_due_since", TODAY, "past due for 0 d"),
            ("level", 1, "level critical"),
            ("primary_contact_validity", "on_leave", "primary contact on leave"),
            ("primary_contact_validity", None, "no primary contact"),
            ("primary_contact_dnc", True, "primary contact is DNC"),
            ("primary_contact_dnc", False, "primary contact may be contacted"),
            ("last_use:cases", NOON - timedelta(days=34), "no case created for 34 d"),
            ("last_use:cases", None, "no case created ever"),
            ("last_use:unheard", None, "no unheard ever"),
        ],
    )
    def test_a_value_as_a_person_would_say_it(
        self, workspace: Workspace, context: FactContext, key: str, value: Any, said: str
    ) -> None:
        ModuleFactory(product=ProductFactory(workspace=workspace), key="cases", use_label="case created")
        assert get_fact(key, context).words(value, context) == said

    def test_money_is_said_in_the_currency_of_the_workspace(self, workspace: Workspace) -> None:
        workspace.currency = "EUR"
        assert get_fact("mrr").words(120_000, context_for(workspace)) == "€1,200 MRR"


class TestContext:
    @pytest.mark.parametrize(
        ("zone", "day"),
        [("America/Chicago", date(2026, 11, 23)), ("Asia/Tokyo", date(2026, 11, 24)), ("UTC", date(2026, 11, 23))],
    )
    def test_a_moment_belongs_to_the_day_it_has_in_the_workspace(self, zone: str, day: date) -> None:
        assert FactContext(1, TODAY, zone).day_of(datetime(2026, 11, 23, 18, 0, tzinfo=UTC)) == day

    def test_days_since_is_negative_for_the_future(self) -> None:
        context = FactContext(1, TODAY, "America/Chicago")
        assert [context.days_since(TODAY + timedelta(days=n)) for n in (-1, 0, 2)] == [1, 0, -2]
        assert context.days_since(datetime(2026, 11, 23, 5, 59, tzinfo=UTC)) == 1

    def test_today_is_the_workspaces_unless_told(self, workspace: Workspace, frozen: object) -> None:
        assert context_for(workspace).today == TODAY
        assert context_for(workspace, today=date(2030, 1, 1)).today.year == 2030

    def test_labels_are_read_once_and_only_when_needed(
        self, workspace: Workspace, django_assert_num_queries: Any
    ) -> None:
        ModuleFactory(product=ProductFactory(workspace=workspace), key="cases", use_label="case created")
        with django_assert_num_queries(0):
            context = context_for(workspace)
        with django_assert_num_queries(1):
            assert [context.use_label(key) for key in ("cases", "cases", "other")] == ["case created"] * 2 + ["other"]
