"""Two people, or two workers, at the same moment: real transactions on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.exceptions import ValidationError

from csworkbench.common import clock
from csworkbench.tenancy import tasks
from csworkbench.tenancy.models import Invitation, Member, OutgoingMail, User, Workspace
from csworkbench.tenancy.scope import workspace_scope
from csworkbench.tenancy.services import accept_invitation, deactivate_member, queue_mail, update_member
from tests.concurrency.conftest import RunAtOnce, at_once, committed, owner_cleans_up
from tests.factories import make_member

__all__ = ["at_once", "committed", "owner_cleans_up"]
WORKERS = 6


class TestLastAdmin:
    """However the admins of a workspace turn on each other, one stays."""

    @pytest.fixture
    def admins(self, committed: Workspace) -> list[Member]:
        with workspace_scope(committed.pk):
            return [make_member(committed, name, roles=["admin"]) for name in ("Keiko Ueda", "Ada Gallo")]

    @staticmethod
    def attempt(workspace: Workspace, actor: Member, victim: Member, how: str) -> str:
        try:
            with workspace_scope(workspace.pk):
                victim = Member.objects.get(pk=victim.pk)
                if how == "deactivate":
                    deactivate_member(actor=actor, member=victim)
                else:
                    update_member(
                        actor=actor, member=victim, name="X", roles=["csm"], lead=None, title="", time_zone=""
                    )
        except ValidationError as error:
            return str(error.code)
        return "done"

    @pytest.mark.parametrize("how", [("deactivate", "deactivate"), ("demote", "demote"), ("deactivate", "demote")])
    def test_two_who_remove_each_other_cannot_both_succeed(
        self, committed: Workspace, admins: list[Member], at_once: RunAtOnce, how: tuple[str, str]
    ) -> None:
        first, second = admins
        answers = at_once(
            [
                lambda: self.attempt(committed, first, second, how[0]),
                lambda: self.attempt(committed, second, first, how[1]),
            ]
        )
        assert sorted(answers) == ["done", "last_admin"]
        with workspace_scope(committed.pk):
            assert Member.objects.filter(roles__contains=["admin"], is_active=True).count() == 1


class TestMail:
    def test_racing_workers_send_each_mail_once(
        self, committed: Workspace, at_once: RunAtOnce, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("csworkbench.common.queueing._send", lambda name, ids: None)
        with workspace_scope(committed.pk):
            mails = [
                queue_mail(workspace_id=committed.pk, key=f"k{n}", to=f"n{n}@example.org", subject="Hello", text="Text")
                for n in range(10)
            ]

        def work() -> None:
            for mail in mails:
                tasks.send_mail(workspace_id=committed.pk, mail_id=str(mail.pk))

        at_once([work] * WORKERS)
        assert sorted(message.to[0] for message in django_mail.outbox) == sorted(mail.to for mail in mails)
        with workspace_scope(committed.pk):
            assert set(OutgoingMail.objects.values_list("state", "attempts")) == {("sent", 1)}

    def test_one_key_queued_by_many_is_one_mail(
        self, committed: Workspace, at_once: RunAtOnce, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("csworkbench.common.queueing._send", lambda name, ids: None)

        def write() -> Any:
            with workspace_scope(committed.pk):
                return queue_mail(
                    workspace_id=committed.pk, key="k", to="rosa@example.org", subject="Hello", text="Text"
                ).pk

        assert len(set(at_once([write] * WORKERS))) == 1


class TestInvitation:
    def test_a_link_pressed_many_times_at_once_makes_one_member(self, committed: Workspace, at_once: RunAtOnce) -> None:
        with workspace_scope(committed.pk):
            invitation = Invitation.objects.create(
                workspace=committed, email="rosa@example.org", name="Rosa", roles=["csm"],
                expires_at=clock.now() + timedelta(days=7),
            )  # fmt: skip

        def accept() -> bool:
            with workspace_scope(committed.pk):
                mine = Invitation.objects.get(pk=invitation.pk)
                return accept_invitation(invitation=mine, user=None, name="Rosa", password="x") is not None

        assert sorted(at_once([accept] * WORKERS)) == [False] * (WORKERS - 1) + [True]
        assert User.objects.filter(email="rosa@example.org").count() == 1
