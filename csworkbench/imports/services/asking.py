"""A second pair of eyes: who may approve an import, and the mail that asks them (IMP-1)."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member
from csworkbench.tenancy.services import queue_mail

IMPORTERS = ("ops", "lead", "admin")


def approvers_of(one: Import) -> list[Member]:
    """The active members who may approve this import, by name."""
    members = Member.objects.active().filter(workspace=one.workspace_id).with_role(*IMPORTERS).order_by("name")
    if one.workspace.imports_need_approval and one.created_by_id is not None:
        members = members.exclude(pk=one.created_by_id)
    return list(members.select_related("user"))


def may_approve(member: Member, one: Import) -> bool:
    """Whether this member may let this import be applied: another one than who sent it, where that is asked for."""
    alone = one.workspace.imports_need_approval and one.created_by_id == member.pk
    return member.has_role(*IMPORTERS) and not alone


def ask_for_approval(one: Import) -> None:
    """Ask those who may approve by mail, once per import, where the workspace wants a second person."""
    if not one.workspace.imports_need_approval:
        return
    sender = one.created_by.name if one.created_by else "Someone"
    address = settings.SITE_URL + reverse("imports:detail", args=[one.workspace.slug, one.pk])
    for member in approvers_of(one):
        queue_mail(
            workspace_id=one.workspace_id,
            key=f"import-approval:{one.pk}:{member.pk}",
            to=member.user.email,
            subject=f"{one.file_name} waits for your approval",
            text=(
                f"{sender} compared {one.file_name} with the book of {one.workspace.name}. Nothing has changed yet.\n\n"
                f"See the difference, and approve it or not: {address}\n"
            ),
        )
