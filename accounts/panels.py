"""The panels of the account page, registered by whoever owns them and loaded by address (seam 1).

A panel is a fragment of its own URL: the page shows a place for it with a link, htmx fills it, and without scripts
the link opens it as a page. So the account page stays small and one slow panel holds nothing up.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Panel:
    """One panel: ``key`` is the id of its element, ``name`` the URL name, called with workspace and account.

    ``lead`` says in a few words what is behind the link while it has not been loaded; ``place`` orders them.
    """

    key: str
    title: str
    name: str
    lead: str
    place: int


_panels: dict[str, Panel] = {}


def add_panel(panel: Panel) -> None:
    """Register a panel from any floor; registering it again replaces it."""
    _panels[panel.key] = panel


def all_panels() -> list[Panel]:
    """Every panel in its place."""
    return sorted(_panels.values(), key=lambda panel: panel.place)
