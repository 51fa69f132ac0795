"""Taking back what an import wrote."""

from __future__ import annotations

from uuid import UUID

from csworkbench.imports.models import Import

from .claiming import claim


def undo_import(workspace_id: int, import_id: UUID) -> None:
    """Undo what is not undone yet; safe to call again at any moment, by anyone."""
    claim(workspace_id, import_id, Import.State.UNDOING)
