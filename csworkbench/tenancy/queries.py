"""Reads over workspaces and members."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy

from .models import Invitation, Member, OutgoingMail, Workspace
from .two_step import has_second_step

MEMBER_ORDERS: dict[str, tuple[str | OrderBy, ...]] = {
    "name": ("name", "pk"),
    "-name": ("-name", "-pk"),
    "lead": (F("lead__name").asc(nulls_last=True), "name"),
    "-lead": (F("lead__name").desc(nulls_last=True), "name"),
    "seen": (F("user__last_login").asc(nulls_first=True), "name"),
    "-seen": (F("user__last_login").desc(nulls_last=True), "name"),
}


def memberships_of(user_id: UUID) -> list[Member]:
    """The active memberships of a user with their workspaces, by workspace name.

    Each has ``second_step``: whether an authenticator app or a passkey guards the login.
    """
    return list(
        Member.objects.filter(user=user_id, is_active=True, workspace__is_active=True)
        .select_related("workspace")
        .annotate(second_step=has_second_step())
        .order_by("workspace__name")
    )


def members_of(
    workspace: Workspace, *, search: str = "", role: str = "", state: str = "active", order: str = "name"
) -> QuerySet[Member]:
    """Members for the list, each with ``second_step``: whether an app or a passkey guards the login."""
    members = Member.objects.filter(workspace=workspace.pk).select_related("user", "lead")
    if state != "all":
        members = members.filter(is_active=state != "inactive")
    if role:
        members = members.filter(roles__contains=[role])
    if search:
        members = members.filter(Q(name__icontains=search) | Q(user__email__icontains=search))
    return members.annotate(second_step=has_second_step()).order_by(*MEMBER_ORDERS[order])


def open_invitations(workspace: Workspace) -> QuerySet[Invitation]:
    """Invitations nobody has accepted or withdrawn, newest first; some may have expired."""
    return (
        Invitation.objects.filter(workspace=workspace.pk, accepted_at=None, withdrawn_at=None)
        .select_related("invited_by", "lead")
        .order_by("-created_at", "-pk")
    )


def mail_of(workspace: Workspace, *, state: str = "") -> QuerySet[OutgoingMail]:
    """Outgoing mail, newest first, without the bodies: they hold what only the addressee may read."""
    mail = OutgoingMail.objects.filter(workspace=workspace.pk).defer("text", "html").order_by("-pk")
    return mail.filter(state=state) if state else mail
