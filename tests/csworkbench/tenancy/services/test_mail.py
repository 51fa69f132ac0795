"""Outgoing mail as rows: queued once, claimed once, retried with patience, left to a person when nobody can know."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError

from csworkbench.common import clock
from csworkbench.tenancy.mailer import SENT, Outcome
from csworkbench.tenancy.models import OutgoingMail, Workspace
from csworkbench.tenancy.services import queue_mail, retry_mail, settle_mail
from csworkbench.tenancy.services.mail import LEASE, WAITS, claim_mail, due_mail, park_lost_mail, record_outcome

Enqueued = list[dict[str, object]]
LATER = Outcome("later", "450 greylisted")


def queue(workspace: Workspace, key: str = "invitation:1", **fields: str) -> OutgoingMail:
    defaults = {"to": "rosa@example.org", "subject": "Hello", "text": "Text"}
    return queue_mail(workspace_id=workspace.pk, key=key, **defaults | fields)


def claim(mail: OutgoingMail) -> OutgoingMail:
    claimed = claim_mail(workspace_id=mail.workspace_id, mail_id=mail.pk)
    assert claimed is not None
    return claimed


def state(mail: OutgoingMail) -> str:
    mail.refresh_from_db()
    return mail.state


class TestQueue:
    def test_writes_a_row_and_calls_the_worker(self, workspace: Workspace, enqueued: Enqueued) -> None:
        mail = queue(workspace)
        assert (mail.state, mail.attempts) == ("queued", 0)
        assert enqueued == [{"task": "tenancy.send_mail", "workspace_id": workspace.pk, "mail_id": str(mail.pk)}]

    def test_the_same_key_is_one_mail(self, workspace: Workspace, enqueued: Enqueued) -> None:
        assert queue(workspace) == queue(workspace, text="Changed")
        assert OutgoingMail.objects.get().text == "Text"

    def test_a_mail_that_is_under_way_is_not_sent_again(self, workspace: Workspace, enqueued: Enqueued) -> None:
        claim(queue(workspace))
        queue(workspace)
        assert len(enqueued) == 1

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("to", "rosa@example.org\nBcc: all@example.org"),
            ("to", "rosa@example.org\rBcc: all@example.org"),
            ("to", "not an address"),
            ("to", "a@example.org, b@example.org"),
            ("subject", "Hello\nBcc: all@example.org"),
            ("subject", "Hello\r\n\r\nbody"),
            ("subject", "Hello\x00"),
            ("subject", "Hello\x7f"),
        ],
    )
    def test_a_header_injection_is_refused(
        self, workspace: Workspace, enqueued: Enqueued, field: str, value: str
    ) -> None:
        with pytest.raises(ValidationError):
            queue(workspace, **{field: value})
        assert not OutgoingMail.objects.exists()


@pytest.mark.usefixtures("enqueued")
class TestClaim:
    def test_only_one_worker_gets_it(self, workspace: Workspace) -> None:
        mail = queue(workspace)
        assert claim(mail).attempts == 1
        assert claim_mail(workspace_id=workspace.pk, mail_id=mail.pk) is None

    def test_a_mail_of_another_workspace_is_not_found(self, workspace: Workspace, other_workspace: Workspace) -> None:
        assert claim_mail(workspace_id=other_workspace.pk, mail_id=queue(workspace).pk) is None

    def test_what_is_not_due_waits(self, workspace: Workspace, frozen: time_machine.Traveller) -> None:
        mail = queue(workspace)
        record_outcome(mail=claim(mail), outcome=LATER)
        assert claim_mail(workspace_id=workspace.pk, mail_id=mail.pk) is None
        assert due_mail(workspace_id=workspace.pk, limit=9) == []
        frozen.shift(WAITS[0] * 1.2)
        assert due_mail(workspace_id=workspace.pk, limit=9) == [mail.pk]
        assert claim(mail).attempts == 2


@pytest.mark.usefixtures("enqueued")
class TestOutcome:
    def test_sent(self, workspace: Workspace) -> None:
        mail = queue(workspace)
        assert record_outcome(mail=claim(mail), outcome=SENT)
        assert state(mail) == "sent"
        assert mail.sent_at is not None

    def test_refused_for_good(self, workspace: Workspace) -> None:
        mail = queue(workspace)
        record_outcome(mail=claim(mail), outcome=Outcome("failed", "550 no such mailbox"))
        assert (state(mail), mail.error) == ("failed", "550 no such mailbox")

    def test_waits_longer_each_time_and_gives_up(self, workspace: Workspace, frozen: time_machine.Traveller) -> None:
        mail = queue(workspace)
        waits = []
        for _ in WAITS:
            record_outcome(mail=claim(mail), outcome=LATER)
            assert state(mail) == "queued"
            waits.append(mail.next_try_at - clock.now())
            frozen.move_to(mail.next_try_at)
        assert all(wait <= waited <= wait * 1.2 for wait, waited in zip(WAITS, waits, strict=True))
        record_outcome(mail=claim(mail), outcome=LATER)
        assert (state(mail), mail.attempts) == ("failed", len(WAITS) + 1)

    def test_an_answer_that_comes_too_late_changes_nothing(
        self, workspace: Workspace, frozen: time_machine.Traveller
    ) -> None:
        mail = queue(workspace)
        slow = claim(mail)
        frozen.shift(LEASE + timedelta(seconds=1))
        park_lost_mail(workspace_id=workspace.pk)
        retry_mail(mail=mail)
        second = claim(mail)
        assert not record_outcome(mail=slow, outcome=LATER)
        assert state(mail) == "sending"
        assert record_outcome(mail=second, outcome=SENT)
        assert not record_outcome(mail=slow, outcome=LATER)
        assert state(mail) == "sent"


@pytest.mark.usefixtures("enqueued")
class TestLostWorker:
    def test_a_mail_in_flight_is_left_alone(self, workspace: Workspace, frozen: time_machine.Traveller) -> None:
        claim(queue(workspace))
        frozen.shift(LEASE - timedelta(seconds=1))
        assert park_lost_mail(workspace_id=workspace.pk) == 0

    def test_after_the_lease_a_person_decides(self, workspace: Workspace, frozen: time_machine.Traveller) -> None:
        mail = queue(workspace)
        claim(mail)
        frozen.shift(LEASE + timedelta(seconds=1))
        assert park_lost_mail(workspace_id=workspace.pk) == 1
        assert state(mail) == "unknown"
        assert "may have arrived" in mail.error
        assert due_mail(workspace_id=workspace.pk, limit=9) == []


class TestPerson:
    @pytest.mark.parametrize("before", ["failed", "unknown"])
    def test_sends_it_again_from_the_start(self, workspace: Workspace, enqueued: Enqueued, before: str) -> None:
        mail = queue(workspace)
        OutgoingMail.objects.update(state=before, attempts=8, error="x")
        assert retry_mail(mail=mail)
        assert (state(mail), mail.attempts, mail.error) == ("queued", 0, "")
        assert len(enqueued) == 2

    @pytest.mark.parametrize("before", ["queued", "sending", "sent"])
    def test_does_not_double_what_is_under_way_or_done(
        self, workspace: Workspace, enqueued: Enqueued, before: str
    ) -> None:
        mail = queue(workspace)
        OutgoingMail.objects.update(state=before)
        assert not retry_mail(mail=mail)
        assert not settle_mail(mail=mail)
        assert (state(mail), len(enqueued)) == (before, 1)

    def test_finds_that_it_arrived(self, workspace: Workspace, enqueued: Enqueued) -> None:
        mail = queue(workspace)
        OutgoingMail.objects.update(state="unknown", error="x")
        assert settle_mail(mail=mail)
        assert not settle_mail(mail=mail)
        assert (state(mail), mail.error) == ("sent", "")
        assert mail.sent_at is not None
