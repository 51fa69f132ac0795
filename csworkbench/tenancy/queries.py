"""Reads over workspaces and members."""

from __future__ import annotations

from uuid import UUID

from .models import Member


def memberships_of(user_id: UUID) -> list[Member]:
    """The active memberships of a user with their workspaces, by workspace name."""
    return list(
        Member.objects.filter(user=user_id, is_active=True, workspace__is_active=True)
        .select_related("workspace")
        .order_by("workspace__name")
    )
