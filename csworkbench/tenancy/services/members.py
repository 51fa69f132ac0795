"""Who belongs to a workspace and what they may do in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from ..models import Member, Role

# Finance decides on money, an admin on everyone: only an admin hands these out (T10).
GUARDED_ROLES = frozenset({Role.ADMIN, Role.FINANCE})
LAST_ADMIN = "This is the last admin. Make someone else an admin first."


def require_manager(actor: Member) -> None:
    """Only an admin or CS Ops manages members and invitations."""
    if not actor.has_role(Role.ADMIN, Role.OPS):
        raise PermissionDenied("Only an admin or CS Ops manages members.")


def check_grant(actor: Member, before: Iterable[str], after: Iterable[str]) -> None:
    """Refuse, for anyone but an admin, to give or take the guarded roles."""
    if Role.ADMIN in actor.roles:
        return
    changed = (set(before) ^ set(after)) & GUARDED_ROLES
    if changed:
        raise ValidationError({"roles": "Only an admin gives or takes the roles Admin and Finance."})


def check_lead(workspace_id: int, lead: Member | None, member: Member | None = None) -> None:
    """A lead is another active member of the workspace who holds the role."""
    if lead is None:
        return
    if lead.workspace_id != workspace_id or not lead.is_active or Role.LEAD not in lead.roles:
        raise ValidationError({"lead": "Choose an active team lead."})
    if member is not None and lead.pk == member.pk:
        raise ValidationError({"lead": "Nobody leads themselves."})


@transaction.atomic
def update_member(
    *,
    actor: Member,
    member: Member,
    name: str,
    roles: list[str],
    lead: Member | None,
    title: str,
    time_zone: str,
) -> bool:
    """Change a member (ADM); returns whether anything changed. Takes effect on the member's next request.

    Raises ``PermissionDenied`` for an actor who does not manage members, or touches an admin without being one,
    and ``ValidationError`` by field, also when the last admin would lose that role.
    """
    require_manager(actor)
    require_power_over(actor, member)
    roles = ordered(roles)
    if not roles:
        raise ValidationError({"roles": "Choose at least one role."})
    check_grant(actor, member.roles, roles)
    check_lead(member.workspace_id, lead, member)
    if Role.ADMIN in member.roles and Role.ADMIN not in roles and member.is_active:
        require_another_admin(member)
    wanted = {"name": name, "roles": roles, "lead": lead, "title": title, "time_zone": time_zone}
    return save_changes(member, wanted)


@transaction.atomic
def deactivate_member(*, actor: Member, member: Member) -> bool:
    """Shut a member out from the next request on; accounts and history stay theirs. Twice changes nothing."""
    require_manager(actor)
    require_power_over(actor, member)
    if member.pk == actor.pk:
        raise ValidationError("You cannot deactivate yourself.")
    if Role.ADMIN in member.roles:
        require_another_admin(member)
    return save_changes(member, {"is_active": False})


@transaction.atomic
def reactivate_member(*, actor: Member, member: Member) -> bool:
    """Let a deactivated member in again, with the roles held before."""
    require_manager(actor)
    require_power_over(actor, member)
    return save_changes(member, {"is_active": True})


@transaction.atomic
def update_profile(*, actor: Member, name: str, phone: str, time_zone: str) -> bool:
    """A member's own name, phone and time zone in this workspace."""
    return save_changes(actor, {"name": name, "phone": phone, "time_zone": time_zone})


def require_power_over(actor: Member, member: Member) -> None:
    """CS Ops manages everyone but admins."""
    if Role.ADMIN in member.roles and Role.ADMIN not in actor.roles:
        raise PermissionDenied("Only an admin changes an admin.")


def require_another_admin(member: Member) -> None:
    """Refuse when the member is the last active admin.

    The rows of all admins are locked, in one order, so that two admins who demote each other at the same
    moment cannot both succeed.
    """
    admins = Member.objects.filter(workspace=member.workspace_id, is_active=True, roles__contains=[Role.ADMIN])
    locked = list(admins.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    if set(locked) <= {member.pk}:
        raise ValidationError(LAST_ADMIN, code="last_admin")


def ordered(roles: Iterable[str]) -> list[str]:
    """Known roles once each, in the order of the catalogue, so that equal sets compare equal."""
    held = set(roles)
    return [role.value for role in Role if role.value in held]


def save_changes(member: Member, wanted: Mapping[str, object]) -> bool:
    """Write only the fields that differ; whether there were any."""
    changed = [field for field, value in wanted.items() if getattr(member, field) != value]
    for field in changed:
        setattr(member, field, wanted[field])
    if changed:
        member.save(update_fields=changed)
    return bool(changed)
