"""Outgoing mail as rows: queue, claim, record the outcome, and let a person decide what nobody can know."""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F

from csworkbench.common import clock, enqueue

from ..mailer import Outcome
from ..models import OutgoingMail

State = OutgoingMail.State
# Longer than a send may take (the task ends after a minute): a row still "sending" has lost its worker.
LEASE = timedelta(minutes=5)
# After each temporary refusal; then it counts as failed. Mail servers that greylist answer within minutes.
WAITS = [timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720)]
JITTER = random.SystemRandom()
CLAIMED_AND_LOST = "The worker stopped while sending. It may have arrived: ask, then decide."


def queue_mail(*, workspace_id: int, key: str, to: str, subject: str, text: str, html: str = "") -> OutgoingMail:
    """Write a mail to be sent after commit; one ``key`` in a workspace is one mail, however often queued.

    Raises ``ValidationError`` for an address or subject that could inject a header (T17).
    """
    check_header("to", to)
    check_header("subject", subject)
    validate_email(to)
    mail = OutgoingMail(
        workspace_id=workspace_id,
        key=key,
        to=to,
        subject=subject[:200],
        text=text,
        html=html,
        next_try_at=clock.now(),
    )
    OutgoingMail.objects.bulk_create([mail], ignore_conflicts=True)
    mail = OutgoingMail.objects.get(workspace=workspace_id, key=key)
    if mail.state == State.QUEUED:
        enqueue("tenancy.send_mail", workspace_id=workspace_id, mail_id=str(mail.pk))
    return mail


def check_header(name: str, value: str) -> None:
    """Refuse control characters: a line break would start a header of the writer's choice."""
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValidationError({name: "Line breaks and control characters are not allowed here."})


def claim_mail(*, workspace_id: int, mail_id: UUID | str) -> OutgoingMail | None:
    """Take a due mail for sending, or ``None`` when it is not due or another worker has it.

    The claim is one conditional update; ``next_try_at`` then ends its lease, and names it.
    """
    now = clock.now()
    claimed = OutgoingMail.objects.filter(
        workspace=workspace_id, pk=mail_id, state=State.QUEUED, next_try_at__lte=now
    ).update(state=State.SENDING, attempts=F("attempts") + 1, next_try_at=now + LEASE, error="")
    return OutgoingMail.objects.get(workspace=workspace_id, pk=mail_id) if claimed else None


def record_outcome(*, mail: OutgoingMail, outcome: Outcome) -> bool:
    """Write what became of an attempt; ``False`` if the row has moved on (lease ended, a person decided)."""
    now = clock.now()
    fields: dict[str, object] = {"error": outcome.detail[:500]}
    if outcome.kind == "sent":
        fields |= {"state": State.SENT, "sent_at": now, "error": ""}
    elif outcome.kind == "unknown":
        fields |= {"state": State.UNKNOWN}
    elif outcome.kind == "later" and mail.attempts <= len(WAITS):
        wait = WAITS[mail.attempts - 1] * JITTER.uniform(1, 1.2)
        fields |= {"state": State.QUEUED, "next_try_at": now + wait}
    else:
        fields |= {"state": State.FAILED}
    attempt = OutgoingMail.objects.filter(
        workspace=mail.workspace_id, pk=mail.pk, state=State.SENDING, next_try_at=mail.next_try_at
    )
    return attempt.update(**fields) == 1


def park_lost_mail(*, workspace_id: int) -> int:
    """Mark mails whose worker died between claim and answer as unknown; how many."""
    lost = OutgoingMail.objects.filter(workspace=workspace_id, state=State.SENDING, next_try_at__lt=clock.now())
    return lost.update(state=State.UNKNOWN, error=CLAIMED_AND_LOST)


def due_mail(*, workspace_id: int, limit: int) -> list[UUID]:
    """The ids of the mails to send now, longest due first."""
    due = OutgoingMail.objects.filter(workspace=workspace_id, state=State.QUEUED, next_try_at__lte=clock.now())
    return list(due.order_by("next_try_at").values_list("pk", flat=True)[:limit])


@transaction.atomic
def retry_mail(*, mail: OutgoingMail) -> bool:
    """A person sends a failed or unknown mail again, with the same Message-ID; ``False`` otherwise."""
    stopped = OutgoingMail.objects.filter(
        workspace=mail.workspace_id, pk=mail.pk, state__in=[State.FAILED, State.UNKNOWN]
    )
    again = stopped.update(state=State.QUEUED, attempts=0, next_try_at=clock.now(), error="") == 1
    if again:
        enqueue("tenancy.send_mail", workspace_id=mail.workspace_id, mail_id=str(mail.pk))
    return again


@transaction.atomic
def settle_mail(*, mail: OutgoingMail) -> bool:
    """A person found that an unknown mail arrived; ``False`` in any other state."""
    unknown = OutgoingMail.objects.filter(workspace=mail.workspace_id, pk=mail.pk, state=State.UNKNOWN)
    return unknown.update(state=State.SENT, sent_at=clock.now(), error="") == 1
