"""``manage.py demo``: once, again, anew, and where it refuses."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command

from accounts.models import Account
from csworkbench.tenancy.models import HistoryEntry, Member, User, Workspace
from csworkbench.tenancy.scope import workspace_scope
from playbooks.models import Run
from priorities.demo.build import build_demo
from priorities.demo.cast import FJORD, HARBORLINE, PASSWORD, VENDORS
from priorities.demo.erase import erase_workspace, leaves_first


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("demo", *arguments, "--accounts", "12", stdout=output)
    return output.getvalue()


def slugs() -> list[str]:
    return list(Workspace.objects.order_by("slug").values_list("slug", flat=True))


class TestDemo:
    def test_creates_three_workspaces_and_says_where_the_logins_are(self, db: None, data_dir: Path) -> None:
        output = run()
        assert slugs() == ["fjord", "harborline", "meridian"]
        assert "Harborline: 12 accounts" in output
        assert "Fjord: no accounts" in output
        assert str(data_dir / "demo-logins.json") in output

    def test_the_logins_are_for_their_owner_only_and_true(self, db: None, data_dir: Path) -> None:
        run()
        file = data_dir / "demo-logins.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        logins = json.loads(file.read_text())
        shown = {(login["workspace"], login["role"]) for login in logins}
        roles = {"CSM", "Team lead", "CS Ops", "Finance", "Admin"}
        assert shown == {(name, role) for name in ("Harborline", "Meridian Compliance") for role in roles} | {
            ("Fjord", role) for role in ("CSM", "CS Ops", "Admin")
        }
        for login in logins:
            assert User.objects.get(email=login["email"]).check_password(login["password"])
            assert self._is_member(login)

    def _is_member(self, login: dict[str, str]) -> bool:
        workspace = Workspace.objects.get(name=login["workspace"])
        with workspace_scope(workspace.pk):
            return Member.objects.filter(user__email=login["email"], is_active=True).exists()

    def test_once_does_nothing_the_second_time(self, db: None, data_dir: Path) -> None:
        run("--once")
        ids = set(Workspace.objects.values_list("pk", flat=True))
        (data_dir / "demo-logins.json").unlink()
        assert run("--once") == ""
        assert set(Workspace.objects.values_list("pk", flat=True)) == ids
        assert (data_dir / "demo-logins.json").exists()

    def test_once_completes_what_was_interrupted(self, db: None) -> None:
        build_demo(HARBORLINE, accounts=12)
        kept = Workspace.objects.get().pk
        run("--once")
        assert slugs() == ["fjord", "harborline", "meridian"]
        assert Workspace.objects.get(slug="harborline").pk == kept

    def test_refuses_to_mix_with_an_existing_demo(self, db: None) -> None:
        build_demo(FJORD)
        with pytest.raises(CommandError, match="--reset"):
            run()
        assert slugs() == ["fjord"]

    @pytest.mark.parametrize("arguments", [(), ("--once",), ("--reset",)])
    def test_refuses_in_production(self, db: None, settings: Any, arguments: tuple[str, ...]) -> None:
        settings.HTTPS = True
        with pytest.raises(CommandError, match="production"):
            run(*arguments)
        assert slugs() == []

    def test_force_overrides_production(self, db: None, settings: Any) -> None:
        settings.HTTPS = True
        run("--force")
        assert len(slugs()) == 3

    @pytest.mark.parametrize("arguments", [(), ("--once",)])
    def test_refuses_beside_other_workspaces(
        self, db: None, other_workspace: Workspace, data_dir: Path, arguments: tuple[str, ...]
    ) -> None:
        with pytest.raises(CommandError, match="other workspace"):
            run(*arguments)
        assert slugs() == ["elsewhere"]
        assert not (data_dir / "demo-logins.json").exists()

    def test_once_stays_silent_beside_workspaces_made_after_the_demo(self, db: None) -> None:
        run("--once")
        Workspace.objects.create(slug="acme", name="Acme")
        assert run("--once") == ""

    def test_refuses_an_empty_book(self, db: None) -> None:
        with pytest.raises(CommandError, match="at least 1"):
            call_command("demo", "--accounts", "0")

    def test_the_password_passes_the_rules(self, db: None) -> None:
        for vendor in VENDORS:
            workspace = Workspace(slug=vendor.slug, name=vendor.name)
            workspace.save()
            for person in vendor.people:
                with workspace_scope(workspace.pk):
                    validate_password(PASSWORD, User(email=vendor.address(person), name=person.name))


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Workspace]:
    """A demo workspace that is really committed; erasing it works on a connection of its own."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        workspace = build_demo(HARBORLINE, accounts=14)
        try:
            yield workspace
        finally:
            erase_workspace(workspace.slug)
            User.objects.filter(email__endswith="example.org").delete()


class TestErase:
    def test_leaves_nothing_behind(self, committed: Workspace) -> None:
        with workspace_scope(committed.pk):
            assert Run.objects.exists()
        assert erase_workspace(committed.slug)
        assert not Workspace.objects.filter(pk=committed.pk).exists()
        with workspace_scope(committed.pk):
            assert [model for model in leaves_first() if model._base_manager.exists()] == []

    def test_the_logins_stay(self, committed: Workspace) -> None:
        erase_workspace(committed.slug)
        assert User.objects.filter(email="maya.lindqvist@harborline.example.org", last_workspace=None).exists()

    def test_resetting_makes_it_anew(self, committed: Workspace) -> None:
        with workspace_scope(committed.pk):
            Account.objects.update(health="red")
        erase_workspace(committed.slug)
        again = build_demo(HARBORLINE, accounts=14)
        assert again.pk != committed.pk
        with workspace_scope(again.pk):
            assert Account.objects.exclude(health="red").exists()

    def test_there_is_nothing_to_erase(self, db: None) -> None:
        assert erase_workspace("nowhere") is False

    def test_children_go_before_their_parents_and_history_last(self) -> None:
        order = leaves_first()
        assert order[-1] is HistoryEntry
        for model in order:
            for field in model._meta.local_fields:
                target = field.related_model
                if target in order and target is not model:
                    assert order.index(model) < order.index(target), f"{model} before {target}"
        assert len(order) == len({*order}) == len([each for each in apps.get_models() if each in order])
