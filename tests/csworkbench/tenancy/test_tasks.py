"""The worker's side of mail: claim, send, record; and the tick that finds what was lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail as django_mail
from django.db import connection

from csworkbench.tenancy import tasks
from csworkbench.tenancy.mailer import Outcome
from csworkbench.tenancy.models import OutgoingMail, Workspace
from csworkbench.tenancy.scope import current_scope, workspace_scope
from csworkbench.tenancy.services import queue_mail
from csworkbench.tenancy.services.mail import LEASE, claim_mail

from .smtp_sink import running


@pytest.fixture
def mail(workspace: Workspace, enqueued: list[dict[str, object]]) -> OutgoingMail:
    return queue_mail(workspace_id=workspace.pk, key="k", to="rosa@example.org", subject="Hello", text="Text")


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What the tick hands to the workers."""
    calls: list[dict[str, object]] = []
    monkeypatch.setattr(tasks, "enqueue", lambda name, **ids: calls.append(ids))
    return calls


def send(mail: OutgoingMail) -> OutgoingMail:
    tasks.send_mail(workspace_id=mail.workspace_id, mail_id=str(mail.pk))
    mail.refresh_from_db()
    return mail


class TestSendMail:
    def test_sends_and_records(self, mail: OutgoingMail) -> None:
        assert send(mail).state == "sent"
        assert [message.to for message in django_mail.outbox] == [["rosa@example.org"]]

    def test_running_twice_sends_once(self, mail: OutgoingMail) -> None:
        send(mail)
        send(mail)
        assert len(django_mail.outbox) == 1

    def test_an_unknown_or_foreign_id_does_nothing(self, mail: OutgoingMail, other_workspace: Workspace) -> None:
        tasks.send_mail(workspace_id=other_workspace.pk, mail_id=str(mail.pk))
        mail.refresh_from_db()
        assert (mail.state, django_mail.outbox) == ("queued", [])

    def test_talks_to_the_server_outside_any_scope(self, mail: OutgoingMail, monkeypatch: pytest.MonkeyPatch) -> None:
        outer = current_scope()
        seen: list[object] = []

        def spy(message: object) -> Outcome:
            # The test's own transaction is the only one left open: the claim is behind us, the record before us.
            seen.append((current_scope() == outer, len(connection.savepoint_ids)))
            return Outcome("unknown", "silence")

        depth = len(connection.savepoint_ids)
        monkeypatch.setattr(tasks, "deliver", spy)
        assert send(mail).state == "unknown"
        assert seen == [(True, depth)]

    def test_against_a_server_that_asks_to_come_back(
        self, mail: OutgoingMail, settings: Any, frozen: time_machine.Traveller
    ) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        with running(rcpt="450 greylisted") as sink:
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
            frozen.move_to(mail.next_try_at)
            assert send(mail).state == "queued"
            assert mail.error == "450 greylisted"
            sink.answers.clear()
            frozen.shift(timedelta(hours=1))
            assert send(mail).state == "sent"
        assert len(sink.messages) == 1


class TestSendDueMail:
    def test_finds_mail_whose_message_was_lost(self, mail: OutgoingMail, hints: list[dict[str, object]]) -> None:
        tasks.send_due_mail()
        assert hints == [{"workspace_id": mail.workspace_id, "mail_id": str(mail.pk)}]

    def test_parks_mail_whose_worker_died(
        self, mail: OutgoingMail, hints: list[dict[str, object]], frozen: time_machine.Traveller
    ) -> None:
        frozen.move_to(mail.next_try_at)
        claim_mail(workspace_id=mail.workspace_id, mail_id=mail.pk)
        frozen.shift(LEASE + timedelta(seconds=1))
        tasks.send_due_mail()
        mail.refresh_from_db()
        assert (mail.state, hints) == ("unknown", [])

    def test_visits_every_active_workspace_and_no_closed_one(
        self, mail: OutgoingMail, other_workspace: Workspace, hints: list[dict[str, object]]
    ) -> None:
        with workspace_scope(other_workspace.pk):
            theirs = queue_mail(
                workspace_id=other_workspace.pk, key="k", to="bo@example.org", subject="Hello", text="Text"
            )
        Workspace.objects.filter(pk=mail.workspace_id).update(is_active=False)
        tasks.send_due_mail()
        assert [hint["mail_id"] for hint in hints] == [str(theirs.pk)]

    def test_a_long_queue_of_one_workspace_leaves_room(
        self, mail: OutgoingMail, hints: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tasks, "PER_TICK", 3)
        for number in range(5):
            queue_mail(
                workspace_id=mail.workspace_id, key=f"k{number}", to="a@example.org", subject="Hello", text="Text"
            )
        tasks.send_due_mail()
        assert len(hints) == 3
