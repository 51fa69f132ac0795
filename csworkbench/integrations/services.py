"""Tokens of outside systems: made, shown once, recognised by their digest, revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import date, timedelta

from django.core.exceptions import ValidationError

from csworkbench.common import clock
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope

from .models import ApiToken
from .scopes import all_scopes

PREFIX = "csw_"
BEGINNING = 12
MOST_TOKENS = 50
# The id of no workspace.
NOWHERE = 0
# ``last_used_at`` is for people: a busy token writes its row no more often than this.
NOTED_EVERY = timedelta(minutes=1)


def digest_of(secret: str) -> str:
    """What is kept of a secret. It is random and long, so a plain digest cannot be guessed back."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def create_token(
    *, actor: Member, name: str, scopes: Sequence[str], expires_on: date | None = None
) -> tuple[ApiToken, str]:
    """Make a token; its secret is returned here and nowhere else. Raises ValidationError."""
    name = name.strip()
    known = {scope.key for scope in all_scopes()}
    running = ApiToken.objects.filter(workspace=actor.workspace_id, revoked_at=None)
    if not name:
        raise ValidationError({"name": "Say which system uses it."})
    if not scopes or not set(scopes) <= known:
        raise ValidationError({"scopes": "Choose what it may do."})
    if expires_on is not None and expires_on <= clock.today(actor.workspace.time_zone):
        raise ValidationError({"expires_on": "Choose a day to come."})
    if running.filter(name=name).exists():
        raise ValidationError({"name": "A running token has this name already. Revoke it, or choose another name."})
    if running.count() >= MOST_TOKENS:
        raise ValidationError(f"There are {MOST_TOKENS} running tokens. Revoke those that nobody uses.")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        workspace_id=actor.workspace_id,
        name=name,
        digest=digest_of(secret),
        beginning=secret[:BEGINNING],
        scopes=sorted(set(scopes)),
        author=actor,
        expires_on=expires_on,
    )
    return token, secret


def revoke_token(*, actor: Member, token: ApiToken) -> bool:
    """End a token at once; False when it was revoked before."""
    return bool(
        ApiToken.objects.filter(workspace=actor.workspace_id, pk=token.pk, revoked_at=None).update(
            revoked_at=clock.now(), revoked_by=actor
        )
    )


def authenticate(slug: str, secret: str) -> tuple[Workspace, ApiToken] | None:
    """The workspace and the token that a request names, or None: for a strange workspace as for a wrong secret.

    Opens the workspace for the look-up alone, so that a long upload holds no transaction.
    """
    digest = digest_of(secret)
    workspace = Workspace.objects.filter(slug=slug, is_active=True).first()
    # A strange workspace costs the same look-up: how long an answer takes tells nothing.
    pk = workspace.pk if workspace else NOWHERE
    with workspace_scope(pk):
        found = ApiToken.objects.filter(workspace=pk, digest=digest, revoked_at=None).first()
        if workspace is None or found is None or not secrets.compare_digest(found.digest, digest):
            return None
        if found.expires_on is not None and found.expires_on < workspace.today:
            return None
        now = clock.now()
        if found.last_used_at is None or found.last_used_at < now - NOTED_EVERY:
            ApiToken.objects.filter(workspace=workspace, pk=found.pk).update(last_used_at=now)
    return workspace, found
