"""The panel of use on the account page, and the settings page of drops."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AccountFigures, Module, UsageDrop
from accounts.usage.applying import apply_drop
from csworkbench.common import clock
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import AccountFactory, ModuleFactory, ModuleUseFactory, ProductFactory, SubscriptionFactory

SF = "001000000000001AAA"


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.USAGE_DROPS_DIR = tmp_path / "media", tmp_path / "drops"


@pytest.fixture
def cases(workspace: Workspace) -> Module:
    return ModuleFactory(product=ProductFactory(workspace=workspace, key="learning", name="Learning"))


@pytest.fixture
def account(workspace: Workspace) -> Account:
    return AccountFactory(workspace=workspace, name="Willow", sf_id=SF, declared_frequency="daily")


def panel_of(account: Account) -> str:
    return f"/w/{account.workspace.slug}/accounts/{account.pk}/usage/"


def drops_of(workspace: Workspace) -> str:
    return f"/w/{workspace.slug}/settings/usage/"


def file_of(workspace: Workspace, *rows: tuple[str, str, int, int]) -> SimpleUploadedFile:
    lines = [f"{who},{module},{workspace.today - timedelta(days=ago)},{uses}" for who, module, ago, uses in rows]
    text = "\n".join(["account,module,day,uses", *lines]) + "\n"
    return SimpleUploadedFile("use.csv", text.encode())


class TestMoment:
    def test_a_moment_of_long_ago_breaks_no_page(
        self, workspace: Workspace, admin: Member, client_for: Callable[[Member], Client]
    ) -> None:
        sent = {"file": file_of(workspace, (SF, "cases", 1, 5)), "stated_at": "0001-01-01T00:00"}
        answer = client_for(admin).post(drops_of(workspace), sent)
        assert (answer.status_code, UsageDrop.objects.get().state) == (422, "failed")
        drop = UsageDrop.objects.get()
        assert client_for(admin).get(f"{drops_of(workspace)}{drop.pk}/").status_code == 200


class TestPanel:
    def test_shows_use_against_what_was_declared_and_contracted(
        self, csm: Member, account: Account, cases: Module, client_for: Callable[[Member], Client]
    ) -> None:
        SubscriptionFactory(account=account, product=cases.product, contracted_users=10, active_users=14)
        providers = ProductFactory(workspace=account.workspace, name="CRED SERV", is_credentialing=True)
        SubscriptionFactory(account=account, product=providers, contracted_users=10, active_users=4)
        client = client_for(csm)
        client_ops = account.workspace
        drop = upload(client_ops, account)
        apply_drop(account.workspace_id, drop.pk, held=True)
        with CaptureQueriesContext(
            connection,
        ) as found:
            text = client.get(panel_of(account), headers={"HX-Request": "true"}).text
        assert text.lstrip().startswith('<section id="use"')
        for said in ("4 beyond the contract", "6 unused", "providers", "Declared", "19 days short of the 20", "Cases"):
            assert said in " ".join(text.split())
        assert "<svg" in text
        assert len(found) <= 20

    def test_a_page_of_its_own_without_htmx(
        self, csm: Member, account: Account, cases: Module, client_for: Callable[[Member], Client]
    ) -> None:
        ModuleUseFactory(account=account, module=cases, last_used_at=clock.now(), uses_30_days=42)
        text = client_for(csm).get(panel_of(account)).text
        assert "<html" in text
        assert "42" in text

    def test_says_when_nothing_is_known(
        self, csm: Member, account: Account, client_for: Callable[[Member], Client]
    ) -> None:
        assert "Nothing is known" in client_for(csm).get(panel_of(account)).text

    def test_another_workspaces_account_is_not_there(
        self, csm: Member, account: Account, other_workspace: Workspace, client_for: Callable[[Member], Client]
    ) -> None:
        with workspace_scope(other_workspace.pk):
            theirs = AccountFactory(workspace=other_workspace)
        client = client_for(csm)
        assert client.get(f"/w/{account.workspace.slug}/accounts/{theirs.pk}/usage/").status_code == 404
        assert client.post(panel_of(account)).status_code == 405


def upload(workspace: Workspace, account: Account) -> UsageDrop:
    from accounts.usage.receiving import receive_drop, store_file

    data = file_of(workspace, (SF, "cases", 1, 5), (SF, "cases", 45, 9)).read()
    return receive_drop(
        workspace_id=workspace.pk, source="api", name="use.csv", stored=store_file(workspace.pk, [data])
    )


class TestDrops:
    def test_an_upload_waits_for_a_worker_and_its_page_says_so(
        self, ops: Member, account: Account, cases: Module, client_for: Callable[[Member], Client]
    ) -> None:
        client = client_for(ops)
        sent = file_of(account.workspace, (SF, "cases", 1, 5), ("nobody", "cases", 1, 5), ("=1+1", "cases", 1, 5))
        answer = client.post(drops_of(account.workspace), {"file": sent})
        drop = UsageDrop.objects.get()
        assert (answer.status_code, drop.sender, drop.state) == (302, ops, "received")
        assert 'hx-trigger="every 3s"' in client.get(answer["Location"]).text
        apply_drop(account.workspace_id, drop.pk, held=True)
        text = client.get(answer["Location"]).text
        assert "No account has this id" in text
        assert "nobody" in text
        rejects = client.get(f"{answer['Location']}rejects/")
        assert (rejects["Content-Type"], rejects.text.count("\n")) == ("text/csv; charset=utf-8", 3)
        assert "'=1+1" in rejects.text
        page = client.get(drops_of(account.workspace)).text
        assert "use.csv" in page
        assert "No drop since" not in page
        assert AccountFigures.objects.get().uses_30_days == 5

    def test_a_file_that_is_no_drop_is_refused_with_the_reason(
        self, ops: Member, account: Account, client_for: Callable[[Member], Client]
    ) -> None:
        answer = client_for(ops).post(drops_of(account.workspace), {"file": SimpleUploadedFile("x.csv", b"a,b\n")})
        assert (answer.status_code, "No column names the account" in answer.text) == (422, True)
        assert client_for(ops).post(drops_of(account.workspace), {}).status_code == 422

    def test_a_late_source_is_told(self, ops: Member, account: Account, client_for: Callable[[Member], Client]) -> None:
        drop = upload(account.workspace, account)
        UsageDrop.objects.filter(pk=drop.pk).update(
            state="applied", received_at=clock.now() - timedelta(hours=40), path=""
        )
        client = client_for(ops)
        assert "No drop since" in client.get(drops_of(account.workspace)).text
        assert client.get(f"{drops_of(account.workspace)}{drop.pk}/rejects/").status_code == 404

    def test_is_for_ops_and_admins(
        self, csm: Member, lead: Member, account: Account, client_for: Callable[[Member], Client]
    ) -> None:
        for member in (csm, lead):
            client = client_for(member)
            assert client.get(drops_of(account.workspace)).status_code == 403
            assert client.post(drops_of(account.workspace)).status_code == 403

    def test_another_workspaces_drop_is_not_there(
        self, ops: Member, account: Account, other_workspace: Workspace, client_for: Callable[[Member], Client]
    ) -> None:
        with workspace_scope(other_workspace.pk):
            theirs = UsageDrop.objects.create(workspace=other_workspace, source="api", name="x", digest="y")
        client = client_for(ops)
        assert client.get(f"{drops_of(account.workspace)}{theirs.pk}/").status_code == 404
        assert client.get(f"{drops_of(account.workspace)}{theirs.pk}/rejects/").status_code == 404
        assert client.put(drops_of(account.workspace)).status_code == 405
