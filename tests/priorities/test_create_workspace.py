"""The first command of a real installation."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Product
from csworkbench.tenancy.models import Member, User, Workspace
from csworkbench.tenancy.scope import workspace_scope
from playbooks.models import Playbook
from priorities.models import RuleSet

ARGUMENTS = ["--slug", "acme-cs", "--name", "Acme CS", "--admin", "Mara@example.org", "--admin-name", "Mara Petrov"]


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_PASSWORD", "lantern-quartz-harbour-42")


class TestCreateWorkspace:
    def test_creates_a_workspace_an_admin_can_open(self, db: None) -> None:
        call_command("create_workspace", *ARGUMENTS, "--pack", "compliance")
        workspace = Workspace.objects.get(slug="acme-cs")
        client = Client()
        client.force_login(User.objects.get(email="mara@example.org"))
        assert client.get("/w/acme-cs/setup/").status_code == 200
        with workspace_scope(workspace.pk):
            assert Member.objects.get().roles == ["admin", "ops"]
            assert Product.objects.filter(name="CRED SERV").exists()
            assert RuleSet.objects.get().state == "published"
            assert Playbook.objects.count() == 3

    @pytest.mark.parametrize(("option", "value"), [("--slug", "not a slug"), ("--time-zone", "Mars/Olympus")])
    def test_refuses_nonsense_and_leaves_nothing(self, db: None, option: str, value: str) -> None:
        with pytest.raises(CommandError):
            call_command("create_workspace", *ARGUMENTS, option, value)
        assert not Workspace.objects.exists()
        assert not User.objects.exists()

    def test_refuses_a_slug_that_is_taken(self, db: None) -> None:
        call_command("create_workspace", *ARGUMENTS)
        with pytest.raises(CommandError, match="already"):
            call_command("create_workspace", *ARGUMENTS)

    def test_refuses_a_breached_password(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ADMIN_PASSWORD", "password1234")
        with pytest.raises(CommandError):
            call_command("create_workspace", *ARGUMENTS)
