"""Columns that hold several fields at once: whoever knows the fields tells them apart, registered from above."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .models import Workspace

# (label, before, after) in words, for what differs between two values of the column.
Differences = Callable[[Any, Any], list[tuple[str, str, str]]]
Teller = Callable[[Workspace], Differences]
_tellers: dict[tuple[str, str], Teller] = {}


def tell_apart(table: str, column: str, teller: Teller) -> None:
    """Register who words the changes of a column in the ledger; ``teller`` is asked once for a page."""
    _tellers[table, column] = teller


def tellers_of(workspace: Workspace, mentioned: set[tuple[str, str]]) -> dict[tuple[str, str], Differences]:
    """The wording of the mentioned columns that hold several fields; reads only for those that are there."""
    return {which: teller(workspace) for which, teller in _tellers.items() if which in mentioned}
