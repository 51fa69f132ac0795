"""Signed links of invitations: a workspace and an invitation, unguessable and unforgeable."""

from __future__ import annotations

from uuid import UUID

from django.core import signing

from .models import Invitation

SALT = "tenancy.invitation"


def token_for(invitation: Invitation) -> str:
    """A token for the address of the page that accepts it; the row decides how long it is good for."""
    return signing.dumps([invitation.workspace_id, str(invitation.pk)], salt=SALT)


def read_token(token: str) -> tuple[int, UUID] | None:
    """The workspace and invitation a token names, or ``None`` for one this installation did not sign."""
    try:
        workspace_id, invitation_id = signing.loads(token, salt=SALT)
        return int(workspace_id), UUID(invitation_id)
    except (signing.BadSignature, ValueError, TypeError):
        return None
