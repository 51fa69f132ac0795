"""Settings of a workspace, its holidays, and which one a user works in."""

from __future__ import annotations

from datetime import date
from typing import Any

import holidays
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from ..models import HistoryEntry, Holiday, Member, Role, User, Workspace
from ..scope import current_actor

SETTINGS = (
    "name",
    "time_zone",
    "currency",
    "phone_region",
    "requires_mfa",
    "imports_need_approval",
    "edit_window_hours",
)


def require_admin(actor: Member) -> None:
    """Only an admin changes what holds for everyone."""
    if not actor.has_role(Role.ADMIN):
        raise PermissionDenied("Only an admin changes the workspace.")


@transaction.atomic
def update_workspace(*, actor: Member, workspace: Workspace, **settings: Any) -> bool:
    """Change settings of a workspace, named in ``SETTINGS``, and write the change into its history (ADM).

    The workspace's own row lies outside row-level security and its triggers, so the entry is written here.
    """
    require_admin(actor)
    unknown = set(settings) - set(SETTINGS)
    if unknown:
        raise TypeError(f"not a setting of a workspace: {', '.join(sorted(unknown))}")
    stored = Workspace.objects.select_for_update().get(pk=workspace.pk)
    changes = {
        field: [getattr(stored, field), value] for field, value in settings.items() if getattr(stored, field) != value
    }
    if not changes:
        return False
    Workspace.objects.filter(pk=workspace.pk).update(**{field: new for field, (_, new) in changes.items()})
    for field, (_, new) in changes.items():
        setattr(workspace, field, new)
    HistoryEntry.objects.create(
        workspace=workspace,
        table_name="tenancy_workspace",
        operation="update",
        changes=changes,
        actor_id=actor.pk,
        actor_kind=current_actor().kind,
        cause=current_actor().cause,
    )
    return True


@transaction.atomic
def add_holiday(*, actor: Member, day: date, name: str) -> Holiday:
    """Add one day that is not a business day; ``ValidationError`` when the day is one already."""
    require_admin_or_ops(actor)
    try:
        with transaction.atomic():
            return Holiday.objects.create(workspace_id=actor.workspace_id, day=day, name=name)
    except IntegrityError as error:
        raise ValidationError({"day": "This day is a holiday already."}) from error


@transaction.atomic
def add_federal_holidays(*, actor: Member, year: int) -> int:
    """Add the US federal holidays of a year, observed days included; how many were not there yet."""
    require_admin_or_ops(actor)
    federal = holidays.country_holidays("US", years=year)
    days = [Holiday(workspace_id=actor.workspace_id, day=day, name=name[:120]) for day, name in sorted(federal.items())]
    before = Holiday.objects.filter(workspace=actor.workspace_id).count()
    Holiday.objects.bulk_create(days, ignore_conflicts=True)
    return Holiday.objects.filter(workspace=actor.workspace_id).count() - before


@transaction.atomic
def remove_holiday(*, actor: Member, holiday: Holiday) -> None:
    """Make a holiday a business day again."""
    require_admin_or_ops(actor)
    holiday.delete()


def require_admin_or_ops(actor: Member) -> None:
    """The calendar is kept by an admin or CS Ops."""
    if not actor.has_role(Role.ADMIN, Role.OPS):
        raise PermissionDenied("Only an admin or CS Ops changes the calendar.")


def remember_workspace(*, user: User, workspace: Workspace) -> None:
    """The workspace the user lands in after signing in; written only when it changes."""
    if user.last_workspace_id != workspace.pk:
        user.last_workspace = workspace
        user.save(update_fields=["last_workspace"])
