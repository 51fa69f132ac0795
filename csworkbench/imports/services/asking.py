"""A second pair of eyes: who may approve an import, and the mail that asks them (IMP-1)."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.urls import reverse

from csworkbench.imports.models import Import
from csworkbench.tenancy.models import HistoryEntry, Member
from csworkbench.tenancy.services import queue_mail

IMPORTERS = ("ops", "lead", "admin")
# What decides which rows are written: who changes one of these has a hand in the import, like who sent it.
SHAPING = ("table", "mapping", "constants", "fixes", "overwrites_crm")


def approvers_of(one: Import) -> list[Member]:
    """The active members who may approve this import, by name."""
    members = Member.objects.active().filter(workspace=one.workspace_id).with_role(*IMPORTERS).order_by("name")
    if one.workspace.imports_need_approval:
        members = members.exclude(pk__in=hands_in(one))
    return list(members.select_related("user"))


def may_approve(member: Member, one: Import) -> bool:
    """Whether this member may let this import be applied: one without a hand in it, where that is asked for."""
    if not member.has_role(*IMPORTERS):
        return False
    return not one.workspace.imports_need_approval or member.pk not in hands_in(one)


def hands_in(one: Import) -> set[UUID]:
    """Who sent an import, and whoever changed what it would write: the ledger knows, and nobody can change that."""
    shaped = HistoryEntry.objects.filter(
        workspace=one.workspace_id,
        table_name=Import._meta.db_table,
        row_id=one.pk,
        actor_kind="member",
        changes__has_any_keys=SHAPING,
    ).values_list("actor_id", flat=True)
    return {member for member in (one.created_by_id, *shaped) if member is not None}


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
