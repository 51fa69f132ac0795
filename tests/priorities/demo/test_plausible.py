"""A reader of any page must believe it: one demo of each vendor, looked at from many sides."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Count, F, Model, Q

from accounts.models import (
    Account,
    Contact,
    HealthDay,
    HealthOverride,
    Instance,
    Interaction,
    ModuleUse,
    Note,
    Outcome,
    Product,
    Subscription,
)
from csworkbench.common import clock
from csworkbench.tenancy.models import Holiday, Member, User, Workspace
from csworkbench.tenancy.scope import workspace_scope
from playbooks.models import Task
from priorities.demo.build import build_demo
from priorities.demo.cast import HARBORLINE, MERIDIAN

ACCOUNTS = 130
# Null means unknown, or a row that is not entered by a form.
UNCHECKED = {"id", "search_name", "answered", "why_facts"}
FICTIONAL = re.compile(r"\+1[2-9]\d\d55501\d\d")
UNFILLED = re.compile(r"[{}\[\]|]|  |\bNone\b")


@pytest.fixture(scope="module", params=[HARBORLINE, MERIDIAN], ids=lambda vendor: vendor.slug)
def demo(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[Workspace]:
    """Built once for all tests of this module, then rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        workspace = build_demo(request.param, accounts=ACCOUNTS)
        with workspace_scope(workspace.pk):
            yield workspace
        transaction.set_rollback(True)


class TestPeople:
    def test_the_cast_is_complete(self, demo: Workspace) -> None:
        roles = Counter(role for member in Member.objects.all() for role in member.roles)
        assert roles == {"csm": 12, "lead": 3, "rsm": 2, "ops": 1, "finance": 1, "admin": 1}
        assert all(csm.lead is not None for csm in Member.objects.with_role("csm").select_related("lead"))

    def test_every_address_is_at_example_org(self, demo: Workspace) -> None:
        addresses = [
            *User.objects.values_list("email", flat=True),
            *Contact.objects.exclude(email="").values_list("email", flat=True),
        ]
        for address in addresses:
            validate_email(address)
            host = address.partition("@")[2]
            assert host == "example.org" or host.endswith(".example.org"), address
            assert address == address.lower()
        sites = Account.objects.exclude(website="").values_list("website", flat=True)
        assert all(re.fullmatch(r"https://www\.[a-z0-9-]+\.example\.org", site) for site in sites)

    def test_every_phone_is_fictional(self, demo: Workspace) -> None:
        phones = Contact.objects.exclude(phone="").values_list("phone", flat=True)
        assert len(phones) > ACCOUNTS
        assert [phone for phone in phones if not FICTIONAL.fullmatch(phone)] == []

    def test_every_account_has_a_main_contact_or_a_task_to_find_one(self, demo: Workspace) -> None:
        without = Account.objects.exclude(stage="churned").annotate(
            mains=Count("contacts", filter=Q(contacts__is_primary=True))
        )
        search = Task.objects.filter(state="open", title__startswith="Find the new main")
        flagged = set(search.values_list("account_id", flat=True))
        lacking = set(without.filter(mains=0).values_list("pk", flat=True))
        assert lacking == flagged
        assert lacking

    def test_main_contacts_can_be_reached(self, demo: Workspace) -> None:
        mains = Contact.objects.filter(is_primary=True, account__health="green")
        assert not mains.filter(email="", phone="").exists()
        assert not mains.filter(dnc=True).exists()

    def test_books_are_of_similar_size(self, demo: Workspace) -> None:
        sizes = Account.objects.values_list("owner").annotate(n=Count("pk")).values_list("n", flat=True)
        # In a small book a team may have fewer groups than CSMs.
        assert len(sizes) >= 11
        assert max(sizes) <= 6 * min(sizes)


class TestAccounts:
    @pytest.mark.parametrize("model", [Account, Contact, Subscription, Interaction, Note, Task, Outcome])
    def test_fields_are_valid(self, demo: Workspace, model: type[Model]) -> None:
        # A reference would ask the database once for each row; composite keys guard them better.
        exclude = {field.name for field in model._meta.get_fields() if field.is_relation or field.name in UNCHECKED}
        for row in model._default_manager.order_by("pk")[:200]:
            try:
                row.clean_fields(exclude=exclude)
            except ValidationError as error:
                pytest.fail(f"{row}: {error}")

    def test_tiers_are_shared_out(self, demo: Workspace) -> None:
        tiers = Counter(Account.objects.values_list("tier", flat=True))
        assert tiers == {1: 13, 2: 39, 3: 78}

    def test_mrr_falls_with_the_tier_and_has_a_tail(self, demo: Workspace) -> None:
        mrr = defaultdict(list)
        for tier, minor in Account.objects.exclude(stage="churned").values_list("tier", "figures__mrr_minor"):
            mrr[tier].append(minor)
        assert min(mrr[1]) > max(mrr[3])
        middle = sorted(mrr[3])[len(mrr[3]) // 2]
        assert max(mrr[3]) > 2 * middle

    def test_every_instance_and_product_is_in_use(self, demo: Workspace) -> None:
        in_use = set(Account.objects.values_list("instance", flat=True))
        assert set(Instance.objects.values_list("pk", flat=True)) == in_use
        bought = set(Subscription.objects.values_list("product", flat=True))
        assert set(Product.objects.values_list("pk", flat=True)) == bought

    def test_groups_have_members_and_some_pay_for_them(self, demo: Workspace) -> None:
        members = Account.objects.filter(parent__isnull=False)
        assert members.count() > 10
        assert not members.exclude(owner=F("parent__owner")).exists()
        assert Subscription.objects.filter(payer=F("account__parent")).exists()

    def test_digital_accounts_exist(self, demo: Workspace) -> None:
        digital = Account.objects.filter(figures__mrr_minor__lt=50_000, figures__contracted_users__lt=50)
        assert digital.exclude(stage="churned").count() > ACCOUNTS // 10

    def test_renewals_are_spread_over_fourteen_months(self, demo: Workspace) -> None:
        today = demo.today
        days = [(day - today).days for day in _renewals()]
        assert min(days) < 0
        assert min(days) >= -14
        assert 330 < max(days) <= 430
        for start in range(0, 400, 100):
            assert sum(start <= each < start + 100 for each in days) > ACCOUNTS // 12

    def test_former_accounts_pay_nothing(self, demo: Workspace) -> None:
        former = Account.objects.filter(stage="churned")
        assert former
        assert not Subscription.objects.filter(account__in=former, ended_on__isnull=True).exists()
        assert not Task.objects.filter(account__in=former, state="open").exists()

    def test_health_has_a_reason_and_a_date(self, demo: Workspace) -> None:
        judged = Account.objects.exclude(health="undefined")
        assert not judged.filter(Q(health_reason="") | Q(health_since=None)).exists()
        colours = Counter(judged.values_list("health", flat=True))
        assert colours["green"] > colours["yellow"] > colours["red"] > 0

    def test_ten_to_eighteen_percent_are_silent(self, demo: Workspace) -> None:
        edge = clock.now() - timedelta(days=30)
        current = Account.objects.exclude(stage__in=["churned", "onboarding"])
        silent = current.filter(uses__module__key="policies", uses__last_used_at__lt=edge).count()
        owning = current.filter(uses__module__key="policies").count()
        assert 0.09 < silent / owning < 0.19

    def test_silent_accounts_are_not_green(self, demo: Workspace) -> None:
        edge = clock.now() - timedelta(days=30)
        dark = Account.objects.exclude(stage="churned").filter(figures__last_used_at__lt=edge)
        assert dark
        assert not dark.filter(health="green").exists()

    def test_past_due_accounts_are_not_green(self, demo: Workspace) -> None:
        past_due = Account.objects.filter(past_due_since__isnull=False)
        assert ACCOUNTS // 50 < past_due.count() < ACCOUNTS // 15
        assert not past_due.filter(health="green").exists()

    def test_holidays_are_there(self, demo: Workspace) -> None:
        assert Holiday.objects.filter(day__year=demo.today.year).count() >= 11


class TestHealth:
    def test_the_scorecards_agree_with_the_stories(self, demo: Workspace) -> None:
        current = Account.objects.exclude(stage="churned")
        colours = Counter(current.values_list("standing__computed", flat=True))
        assert set(colours) <= {"green", "yellow", "red", "undefined"}
        assert colours["green"] > colours["yellow"] > colours["red"] > 0
        same = current.filter(standing__computed=F("health")).count()
        assert same > 0.75 * current.exclude(health="undefined").count()
        dark = current.filter(figures__last_used_at__lt=clock.now() - timedelta(days=30))
        assert not dark.filter(standing__computed="green").exists()
        assert not current.filter(health="red", standing__computed="green").exists()

    def test_history_leads_to_today(self, demo: Workspace) -> None:
        days: dict[object, list[HealthDay]] = defaultdict(list)
        for row in HealthDay.objects.order_by("day"):
            days[row.account_id].append(row)
        for account in Account.objects.select_related("standing"):
            standing, told = account.standing, days[account.pk]
            last = told[-1]
            assert (last.health, last.score, last.points) == (standing.health, standing.score, standing.points)
            assert account.customer_since is not None
            assert account.customer_since <= told[0].day
            assert last.day <= demo.today
            since = standing.since
            assert since is not None
            assert {row.health for row in told if row.day >= since} == {standing.health}
        assert sum(map(len, days.values())) > 4 * ACCOUNTS
        assert min(row[0].day for row in days.values()) <= demo.today - timedelta(days=180)

    def test_a_few_were_overridden_and_some_escalated(self, demo: Workspace) -> None:
        held = HealthOverride.objects.filter(ended_at=None)
        assert 0 < held.count() < ACCOUNTS // 10
        assert not held.exclude(account__standing__health=F("health")).exists()
        assert not HealthOverride.objects.filter(expires_on__lt=demo.today).exists()
        escalated = Account.objects.filter(escalated_since__isnull=False)
        assert 0 < escalated.count() < ACCOUNTS // 10
        assert not escalated.exclude(standing__relationship="escalated").exists()


class TestTime:
    def test_nothing_lies_in_the_future(self, demo: Workspace) -> None:
        now, today = clock.now(), demo.today
        assert not Interaction.objects.filter(happened_at__gt=now).exists()
        assert not Note.objects.filter(Q(created_at__gt=now) | Q(written_on__gt=today)).exists()
        assert not Task.objects.filter(Q(created_at__gt=now) | Q(closed_at__gt=now)).exists()
        assert not ModuleUse.objects.filter(last_used_at__gt=now).exists()
        future = Q(customer_since__gt=today) | Q(stage_since__gt=today) | Q(health_since__gt=today)
        assert not Account.objects.filter(future | Q(past_due_since__gt=today)).exists()

    def test_nothing_happened_before_the_first_day(self, demo: Workspace) -> None:
        # A weekend moves to the Friday before.
        early = Interaction.objects.filter(happened_at__date__lt=F("account__customer_since") - timedelta(days=2))
        assert not early.exists()
        assert not Account.objects.filter(stage_since__lt=F("customer_since")).exists()
        assert not Account.objects.filter(health_since__lt=F("customer_since")).exists()

    def test_terms_are_whole(self, demo: Workspace) -> None:
        running = Subscription.objects.filter(ended_on=None)
        assert not running.filter(Q(starts_on__gt=demo.today) | Q(starts_on__gte=F("renews_on"))).exists()

    def test_tasks_close_after_they_open(self, demo: Workspace) -> None:
        closed = Task.objects.exclude(state="open")
        assert closed.count() > ACCOUNTS
        assert not closed.filter(Q(closed_at__lt=F("created_at")) | Q(closed_at=None) | Q(outcome="")).exists()

    def test_work_happens_on_weekdays(self, demo: Workspace) -> None:
        assert not Note.objects.filter(written_on__week_day__in=[1, 7]).exists()

    def test_activity_covers_two_years(self, demo: Workspace) -> None:
        oldest = Interaction.objects.order_by("happened_at")[0]
        assert timedelta(days=600) < clock.now() - oldest.happened_at <= timedelta(days=735)
        old = Account.objects.filter(customer_since__lt=demo.today - timedelta(days=730))
        counts = old.annotate(n=Count("interactions")).values_list("n", flat=True)
        assert all(10 <= number <= 44 for number in counts)


class TestTexts:
    def test_every_template_is_filled(self, demo: Workspace) -> None:
        texts = [
            *Interaction.objects.values_list("subject", flat=True),
            *Interaction.objects.values_list("body", flat=True),
            *Note.objects.values_list("text", flat=True),
            *Task.objects.values_list("title", flat=True),
            *Task.objects.values_list("details", flat=True),
            *Account.objects.values_list("health_reason", flat=True),
        ]
        assert [text for text in texts if UNFILLED.search(text)] == []

    def test_an_account_page_does_not_repeat_itself(self, demo: Workspace) -> None:
        repeated = 0
        for account in Account.objects.prefetch_related("interactions", "notes"):
            bodies = [interaction.body for interaction in account.interactions.all()]
            repeated += len(bodies) - len(set(bodies))
            notes = [note.text for note in account.notes.all()]
            assert len(notes) == len(set(notes)), account
        assert repeated < Interaction.objects.count() / 200

    def test_texts_vary_over_the_book(self, demo: Workspace) -> None:
        bodies = list(Interaction.objects.values_list("body", flat=True))
        assert len(set(bodies)) > 0.7 * len(bodies)
        assert Counter(bodies).most_common(1)[0][1] < 0.02 * len(bodies)

    def test_every_csm_has_fresh_work(self, demo: Workspace) -> None:
        own = Task.objects.filter(state="open").exclude(source="playbook")
        per_csm = Counter(own.values_list("account__owner__name", flat=True))
        assert set(per_csm) == set(Account.objects.values_list("owner__name", flat=True))
        assert all(3 <= number <= 9 for number in per_csm.values()), per_csm
        assert own.filter(source="inbound").exists()
        assert own.filter(severity=Task.Severity.URGENT).exists()


def _renewals() -> list[date]:
    return [day for day in Account.objects.values_list("figures__renews_on", flat=True) if day is not None]
