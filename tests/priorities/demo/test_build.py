"""The same demo every time, and every row in its workspace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.hashers import check_password
from django.db import connection, transaction
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AccountPriority, Contact, DirtyAccount, Interaction, Note, Subscription
from csworkbench.tenancy.models import HistoryEntry, Member, User, Workspace
from csworkbench.tenancy.scope import workspace_scope
from playbooks.models import Playbook, Run, Task
from priorities.demo.build import build_demo
from priorities.demo.cast import ADMIN, FJORD, HARBORLINE, MERIDIAN, PASSWORD, VENDORS, Vendor
from priorities.models import RuleSet

SMALL = 20


def told(workspace: Workspace) -> dict[str, list[Any]]:
    """Everything a reader would notice, ids and the moments of loading left out."""
    return {
        "members": list(Member.objects.order_by("name").values_list("name", "roles", "lead__name", "user__email")),
        "accounts": list(
            Account.objects.order_by("name").values_list(
                "name", "tier", "stage", "health", "health_reason", "owner__name", "parent__name", "sf_id"
            )
        ),
        "contacts": sorted(Contact.objects.values_list("email", "phone", "title", "is_primary")),
        "subscriptions": list(
            Subscription.objects.order_by("account__name", "product__key").values_list(
                "account__name", "product__key", "mrr_minor", "contracted_users", "renews_on", "payer__name"
            )
        ),
        "interactions": sorted(
            Interaction.objects.values_list("account__name", "subject", "body", "author__name", "happened_at")
        ),
        "notes": sorted(Note.objects.values_list("account__name", "text", "written_on")),
        "tasks": sorted(Task.objects.values_list("account__name", "title", "state", "level", "score", "due_on")),
    }


def rehearse(vendor: Vendor, accounts: int) -> dict[str, list[Any]]:
    """What a demo tells, rolled back."""
    with transaction.atomic():
        workspace = build_demo(vendor, accounts=accounts)
        with workspace_scope(workspace.pk):
            result = told(workspace)
        transaction.set_rollback(True)
    return result


def tenant_models() -> Iterator[type[Model]]:
    for model in apps.get_models():
        if any(field.name == "workspace" and field.is_relation for field in model._meta.local_fields):
            yield model


class TestBuildDemo:
    @pytest.mark.parametrize("vendor", [HARBORLINE, MERIDIAN], ids=lambda vendor: vendor.slug)
    def test_is_the_same_every_time(self, db: None, frozen: time_machine.Traveller, vendor: Vendor) -> None:
        first, second = rehearse(vendor, SMALL), rehearse(vendor, SMALL)
        assert first == second
        assert len(first["accounts"]) == SMALL
        assert len(first["interactions"]) > 10 * SMALL

    def test_is_the_same_on_another_day_with_later_dates(self, db: None, frozen: time_machine.Traveller) -> None:
        monday = rehearse(HARBORLINE, SMALL)
        frozen.shift(timedelta(days=40, hours=9))
        saturday = rehearse(HARBORLINE, SMALL)
        assert {key: len(rows) for key, rows in monday.items()} == {key: len(rows) for key, rows in saturday.items()}
        assert [row[0] for row in monday["accounts"]] == [row[0] for row in saturday["accounts"]]
        assert monday["contacts"] == saturday["contacts"]
        assert max(row[4] for row in saturday["interactions"]) > max(row[4] for row in monday["interactions"])

    def test_every_row_is_in_its_workspace(self, db: None) -> None:
        workspaces = [build_demo(vendor, accounts=14) for vendor in VENDORS]
        filled = set()
        for workspace in workspaces:
            with workspace_scope(workspace.pk):
                for model in tenant_models():
                    held = set(model._default_manager.values_list("workspace_id", flat=True))
                    assert held <= {workspace.pk}, model
                    filled |= {model} if held else set()
        assert {Account, Contact, Interaction, Note, Task, Run, RuleSet, Playbook, HistoryEntry} <= filled

    def test_one_person_belongs_to_all_three(self, db: None) -> None:
        workspaces = [build_demo(vendor, accounts=12) for vendor in VENDORS]
        admin = User.objects.get(name=ADMIN.name)
        assert admin.email == "robin.castellane@example.org"
        for workspace in workspaces:
            with workspace_scope(workspace.pk):
                assert Member.objects.get(user=admin).roles == ["admin"]

    def test_everybody_has_the_known_password(self, db: None) -> None:
        build_demo(FJORD)
        assert all(check_password(PASSWORD, user.password) for user in User.objects.all())

    def test_the_pipeline_has_run(self, db: None) -> None:
        workspace = build_demo(HARBORLINE, accounts=60)
        with workspace_scope(workspace.pk):
            assert not DirtyAccount.objects.exists()
            assert AccountPriority.objects.values("level").distinct().count() >= 3
            assert Task.objects.filter(source="playbook", state="open").exists()

    def test_a_vendor_without_a_pack_stays_empty(self, db: None) -> None:
        workspace = build_demo(FJORD)
        assert workspace.starter_pack == ""
        with workspace_scope(workspace.pk):
            assert sorted(role for member in Member.objects.all() for role in member.roles) == ["admin", "csm", "ops"]
            assert not Account.objects.exists()
            assert not Playbook.objects.exists()

    def test_history_names_the_demo_as_its_cause(self, db: None) -> None:
        workspace = build_demo(HARBORLINE, accounts=12)
        with workspace_scope(workspace.pk):
            kinds = HistoryEntry.objects.filter(table_name="accounts_account").values_list("actor_kind", "cause")
            assert set(kinds) == {("system", "demo data")}

    def test_more_accounts_take_no_more_statements(self, db: None) -> None:
        counts = []
        for accounts in (20, 60):
            with transaction.atomic(), CaptureQueriesContext(connection) as queries:
                build_demo(HARBORLINE, accounts=accounts)
                transaction.set_rollback(True)
            counts.append(len(queries))
        assert counts[0] == counts[1]
