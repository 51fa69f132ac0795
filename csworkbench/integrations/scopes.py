"""What a token may be allowed to do, registered by whoever answers such requests (seam 2)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """One permission: ``key`` stands in the token, ``label`` on the page."""

    key: str
    label: str


_scopes: dict[str, Scope] = {}


def add_scope(scope: Scope) -> None:
    """Register a permission from any floor; registering it again replaces it."""
    _scopes[scope.key] = scope


def all_scopes() -> list[Scope]:
    """Every permission by its key."""
    return [_scopes[key] for key in sorted(_scopes)]
