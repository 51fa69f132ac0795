"""Invitations: the only way a login comes into being, and the only way into a workspace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string

from csworkbench.common import clock

from ..invitation_links import token_for
from ..mailer import plain_text
from ..models import Invitation, Member, User, Workspace
from .mail import queue_mail
from .members import check_grant, check_lead, ordered, require_manager

VALID_FOR = timedelta(days=7)
# A second press of "Send again" within this time is a double click.
PAUSE = timedelta(minutes=1)

JoinUrl = Callable[[str], str]


@transaction.atomic
def invite_member(
    *, actor: Member, email: str, name: str, roles: list[str], lead: Member | None, join_url: JoinUrl
) -> Invitation:
    """Offer membership by mail (ADM); ``join_url`` turns a token into the address that accepts it.

    Raises ``ValidationError`` by field when the address belongs to a member or an open invitation already.
    """
    require_manager(actor)
    email = email.strip().lower()
    roles = ordered(roles)
    if not roles:
        raise ValidationError({"roles": "Choose at least one role."})
    check_grant(actor, (), roles)
    check_lead(actor.workspace_id, lead)
    present = Member.objects.filter(workspace=actor.workspace_id, user__email=email).first()
    if present is not None:
        hint = "is a member already" if present.is_active else "was a member; activate them again instead"
        raise ValidationError({"email": f"{present.name} {hint}."})
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                workspace_id=actor.workspace_id,
                email=email,
                name=name,
                roles=roles,
                lead=lead,
                invited_by=actor,
                expires_at=clock.now() + VALID_FOR,
            )
    except IntegrityError as error:
        raise ValidationError(
            {"email": "An invitation to this address is open already. Send it again below."}
        ) from error
    mail_invitation(invitation, join_url)
    return invitation


@transaction.atomic
def resend_invitation(*, actor: Member, invitation: Invitation, join_url: JoinUrl) -> bool:
    """Mail an open invitation again and let it run from now; ``False`` when it is closed or was just sent."""
    require_manager(actor)
    check_grant(actor, (), invitation.roles)
    expires_at = clock.now() + VALID_FOR
    renewed = still_open(invitation).filter(expires_at__lt=expires_at - PAUSE).update(expires_at=expires_at)
    if renewed:
        invitation.expires_at = expires_at
        mail_invitation(invitation, join_url)
    return bool(renewed)


@transaction.atomic
def withdraw_invitation(*, actor: Member, invitation: Invitation) -> bool:
    """Take an open invitation back; its link stops working at once. ``False`` when it is closed already."""
    require_manager(actor)
    return bool(still_open(invitation).update(withdrawn_at=clock.now()))


@transaction.atomic
def accept_invitation(
    *, invitation: Invitation, user: User | None, name: str = "", password: str = ""
) -> Member | None:
    """Make the invited person a member: ``user``, or a new login with ``name`` and ``password``.

    Returns ``None`` when the invitation was accepted, withdrawn or has expired in the meantime.
    """
    now = clock.now()
    if not still_open(invitation).filter(expires_at__gt=now).update(accepted_at=now):
        return None
    if user is None:
        user = User.objects.create_user(invitation.email, password, name=name)
        # The link came by mail to this address: that proves it.
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    member, _ = Member.objects.update_or_create(
        workspace_id=invitation.workspace_id,
        user=user,
        defaults={
            "name": name or user.name or invitation.name,
            "roles": invitation.roles,
            "lead": invitation.lead,
            "is_active": True,
        },
    )
    user.last_workspace_id = invitation.workspace_id
    user.save(update_fields=["last_workspace"])
    return member


def still_open(invitation: Invitation) -> QuerySet[Invitation]:
    """The row itself, if nobody accepted or withdrew it: the condition every change repeats."""
    return Invitation.objects.filter(
        workspace=invitation.workspace_id, pk=invitation.pk, accepted_at=None, withdrawn_at=None
    )


def mail_invitation(invitation: Invitation, join_url: JoinUrl) -> None:
    """Queue the mail of one sending; each sending has its own expiry, and so its own key."""
    context = {
        "invitation": invitation,
        "workspace": Workspace.objects.get(pk=invitation.workspace_id),
        "join_url": join_url(token_for(invitation)),
    }
    folder = "tenancy/email/invitation"
    queue_mail(
        workspace_id=invitation.workspace_id,
        key=f"invitation:{invitation.pk}:{invitation.expires_at:%Y%m%dT%H%M%S}",
        to=invitation.email,
        subject=" ".join(plain_text(f"{folder}.subject.txt", context).split()),
        text=plain_text(f"{folder}.txt", context),
        html=render_to_string(f"{folder}.html", context),
    )
