"""Named writes over accounts and their timeline."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from csworkbench.common import clock
from csworkbench.tenancy.models import Member

from .custom import merged
from .models import Account, Contact, Interaction, Note, Opportunity
from .onboarding.records import open_missing
from .people.contacting import refuse_logging
from .search import normalise_name


def log_interaction(
    *,
    actor: Member,
    account: Account,
    kind: str,
    direction: str = Interaction.Direction.OUTBOUND,
    answered: bool | None = None,
    contact: Contact | None = None,
    subject: str = "",
    body: str = "",
    happened_at: datetime | None = None,
    duration_minutes: int | None = None,
    sentiment: int | None = None,
    needs_recap: bool = False,
    request_key: UUID | None = None,
) -> Interaction:
    """Log a call, email, meeting or chat (ACC-6). The same ``request_key`` logs once, even when sent twice at once.

    ``sentiment`` is 1, 0 or -1 and feeds the health; with ``needs_recap`` a recap is owed until it is sent.
    Raises DoNotContact (a ValidationError) for an outbound one with a contact who is DNC.
    """
    refuse_logging(contact, direction)
    values = {
        "account": account,
        "contact": contact,
        "author": actor,
        "kind": kind,
        "direction": direction,
        "answered": answered,
        "subject": subject.strip(),
        "body": body.strip(),
        "happened_at": happened_at or clock.now(),
        "duration_minutes": duration_minutes,
        "sentiment": sentiment,
        "needs_recap": needs_recap,
        "created_at": clock.now(),
    }
    if request_key is None:
        return Interaction.objects.create(workspace_id=account.workspace_id, **values)
    return Interaction.objects.get_or_create(
        workspace_id=account.workspace_id, request_key=request_key, defaults=values
    )[0]


def write_note(*, actor: Member, account: Account, text: str, request_key: UUID | None = None) -> Note:
    """Write a note; the app adds the author's date and initials (ACC-7). The same ``request_key`` writes once."""
    zone = actor.time_zone or actor.workspace.time_zone
    values = {
        "account": account,
        "author": actor,
        "written_on": clock.today(zone),
        "initials": actor.initials,
        "text": text.strip(),
        "created_at": clock.now(),
    }
    if request_key is None:
        return Note.objects.create(workspace_id=account.workspace_id, **values)
    return Note.objects.get_or_create(workspace_id=account.workspace_id, request_key=request_key, defaults=values)[0]


def save_account(*, account: Account, fields: Collection[str], custom: Mapping[str, Any] | None = None) -> None:
    """Save the corrected ``fields`` of an account and no other: what somebody else changed meanwhile stays.

    ``custom`` holds the changed custom fields by key, None where the value is taken away; other keys stay too.
    A changed stage starts its clock anew, onboarding opens its record, the search name follows the name.
    """
    written = set(fields)
    with transaction.atomic():
        before = Account.objects.select_for_update().get(workspace=account.workspace_id, pk=account.pk)
        if "stage" in written and before.stage != account.stage:
            account.stage_since = account.workspace.today
            written.add("stage_since")
        if "name" in written:
            account.search_name = normalise_name(account.name)
            written.add("search_name")
        if custom:
            account.custom = merged(custom)
            written.add("custom")
        account.save(update_fields=written)
        if "stage_since" in written and account.stage == Account.Stage.ONBOARDING:
            open_missing(account.workspace_id, account.workspace.today, [account.pk])
    if custom:
        account.refresh_from_db(fields=["custom"])


def save_opportunity(*, actor: Member, opportunity: Opportunity, fields: Collection[str]) -> None:
    """Save a new opportunity of an account, or the corrected ``fields`` of one and no other (GRO-2).

    Whoever adds it is its originator.
    """
    if opportunity._state.adding:
        opportunity.originator = actor
        opportunity.save()
    elif fields:
        opportunity.save(update_fields=fields)
