"""Drops sent by other systems, over HTTP."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Module, UsageDay, UsageDrop
from accounts.usage import api
from accounts.usage.applying import apply_drop
from csworkbench.integrations import api as door
from csworkbench.integrations import services
from csworkbench.integrations.models import ApiToken
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import current_scope, workspace_scope
from tests.factories import make_member

from .conftest import WILLOW_SF, back

TEXT = f"account,module,day,uses\n{WILLOW_SF},cases,{back(1)},5\n"


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    cache.clear()


@pytest.fixture
def secret(admin: Member) -> str:
    return services.create_token(actor=admin, name="LMS nightly", scopes=["usage:write"])[1]


@pytest.fixture
def address(workspace: Workspace) -> str:
    return f"/api/w/{workspace.slug}/usage/"


def send(address: str, secret: str, body: str | bytes = TEXT, kind: str = "text/csv", **headers: str) -> Any:
    client = Client(enforce_csrf_checks=True)
    sent = {"Authorization": f"Bearer {secret}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(address, body, content_type=kind, headers=sent)


def get(address: str, secret: str) -> Any:
    return Client().get(address, headers={"Authorization": f"Bearer {secret}"})


class TestReceive:
    def test_takes_a_drop_and_says_its_report(
        self, workspace: Workspace, address: str, secret: str, willow: Account, cases: Module
    ) -> None:
        answer = send(address, secret, X_File_Name="use.csv", X_Generated_At="2026-11-23T02:00:00Z")
        said = answer.json()
        assert (answer.status_code, said["state"], said["name"]) == (202, "received", "use.csv")
        assert said["generated_at"] == "2026-11-23T02:00:00Z"
        assert answer["Location"] == said["url"]
        drop = UsageDrop.objects.get()
        assert (drop.source, drop.token_name, drop.sender) == ("api", "LMS nightly", None)
        apply_drop(workspace.pk, drop.pk)
        report = get(said["url"], secret).json()
        assert (report["state"], report["report"]["new"], UsageDay.objects.count()) == ("applied", 1, 1)

    def test_the_same_bytes_again_are_repeated(self, address: str, secret: str, cases: Module) -> None:
        send(address, secret)
        answer = send(address, secret)
        assert (answer.status_code, answer.json()["state"]) == (200, "repeated")

    def test_takes_gzip_and_jsonl(self, address: str, secret: str) -> None:
        packed = send(address, secret, gzip.compress(TEXT.encode()), "application/gzip")
        encoded = send(address, secret, gzip.compress(TEXT.encode() * 2), "text/csv", Content_Encoding="gzip")
        lines = send(f"{address}?generated_at=2026-11-20", secret, '{"account": 1}\n', "application/x-ndjson")
        assert [each.status_code for each in (packed, encoded, lines)] == [202, 202, 202]
        assert UsageDrop.objects.get(name="drop.jsonl").stated_at is not None

    @pytest.mark.parametrize(
        ("body", "kind", "query", "status", "code"),
        [
            (TEXT, "image/png", "", 415, "content_type"),
            ("\n", "text/csv", "", 422, "columns"),
            ("hello\n", "text/csv", "", 422, "columns"),
            (TEXT, "text/csv", "?schema=2", 422, "schema"),
            (TEXT, "text/csv", "?generated_at=soon", 422, "generated_at"),
            (TEXT, "text/csv", "?generated_at=2031-01-01", 422, "generated_at"),
        ],
    )
    def test_refuses(self, address: str, secret: str, body: str, kind: str, query: str, status: int, code: str) -> None:
        answer = send(f"{address}{query}", secret, body, kind)
        assert (answer.status_code, answer.json()["error"]) == (status, code)

    def test_refuses_what_is_too_large_before_reading_it(self, address: str, secret: str, settings: Any) -> None:
        settings.USAGE_MAX_BYTES = 20
        assert send(address, secret).status_code == 413
        assert UsageDrop.objects.count() == 0

    def test_refuses_too_many(self, address: str, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(api, "MOST_AN_HOUR", 1)
        send(address, secret)
        answer = send(address, secret)
        assert (answer.status_code, answer["Retry-After"]) == (429, "600")

    def test_wrong_verbs(self, address: str, secret: str) -> None:
        assert get(address, secret).status_code == 405


class TestToken:
    def test_a_wrong_token_and_a_strange_workspace_look_alike(
        self, address: str, secret: str, other_workspace: Workspace
    ) -> None:
        answers = [
            send(address, "csw_nothing-like-it"),
            send("/api/w/nowhere/usage/", secret),
            send(f"/api/w/{other_workspace.slug}/usage/", secret),
            Client().post(address, TEXT, content_type="text/csv"),
        ]
        assert {answer.status_code for answer in answers} == {401}
        assert len({answer.content for answer in answers}) == 1
        assert UsageDrop.objects.count() == 0

    def test_without_the_permission_it_is_forbidden(self, address: str, secret: str) -> None:
        ApiToken.objects.update(scopes=["other:read"])
        assert send(address, secret).status_code == 403

    def test_a_session_opens_nothing(self, address: str, admin: Member, client_for: Any) -> None:
        assert client_for(admin).post(address, TEXT, content_type="text/csv").status_code == 401

    def test_guessing_ends(self, address: str, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(door, "MOST_FAILURES", 3)
        statuses = [send(address, f"csw_wrong-{number}").status_code for number in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        assert send(address, secret).status_code == 429

    def test_who_guesses_locks_nobody_else_out(
        self, address: str, secret: str, monkeypatch: pytest.MonkeyPatch, settings: Any
    ) -> None:
        """Behind a proxy everyone has its address."""
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        monkeypatch.setattr(door, "MOST_FAILURES", 3)
        guesses = [send(address, f"csw_wrong-{n}", X_Forwarded_For="198.51.100.7") for n in range(4)]
        assert [answer.status_code for answer in guesses] == [401, 401, 401, 429]
        assert send(address, secret, X_Forwarded_For="203.0.113.5").status_code == 202

    def test_a_strange_workspace_costs_as_many_statements(
        self, address: str, secret: str, django_assert_num_queries: Any
    ) -> None:
        """How long an answer takes must not tell which workspaces there are."""
        with CaptureQueriesContext(connection) as known:
            send(address, "csw_nothing-like-it")
        with django_assert_num_queries(len(known)):
            send("/api/w/nowhere/usage/", "csw_nothing-like-it")

    def test_another_workspaces_drop_is_not_there(self, address: str, secret: str, other_workspace: Workspace) -> None:
        with workspace_scope(other_workspace.pk):
            theirs = UsageDrop.objects.create(workspace=other_workspace, source="api", name="x", digest="y")
            stranger = make_member(other_workspace, "Sven Moreau", roles=["admin"])
            token = services.create_token(actor=stranger, name="Theirs", scopes=["usage:write"])[1]
        assert get(f"{address}{theirs.pk}/", secret).status_code == 404
        assert get(f"/api/w/{other_workspace.slug}/usage/{theirs.pk}/", token).status_code == 200

    def test_no_scope_stays_open(self, address: str, secret: str, workspace: Workspace) -> None:
        before = current_scope()
        send(address, secret)
        assert current_scope() == before
