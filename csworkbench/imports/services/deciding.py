"""What people decide about an import: its columns, that it goes ahead, that it does not."""

from __future__ import annotations

from collections.abc import Mapping

from csworkbench.common import clock, enqueue
from csworkbench.imports.kinds import kind_called
from csworkbench.imports.mapping import checked
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member

from .claiming import LEASE


class NotAllowed(Exception):
    """The import is no longer in a state for this; ``args[0]`` says so in words."""


def choose_columns(*, actor: Member, one: Import, mapping: Mapping[str, int]) -> list[str]:
    """Compare again with other columns. Returns why the choice cannot be imported, empty when it is under way."""
    kind = kind_called(one.kind)
    chosen = checked(mapping, kind, len(one.titles))
    problems = kind.mapping_problems(chosen, kind.context(actor.workspace))
    if problems:
        return problems
    _move(one, (Import.State.READ, Import.State.READY), Import.State.MAPPED, mapping=chosen)
    enqueue("imports.examine", workspace_id=one.workspace_id, import_id=str(one.pk))
    return []


def approve(*, actor: Member, one: Import, inline: bool = False) -> None:
    """Let a compared import be applied, by a worker, or by the caller at once when ``inline``."""
    held = {"claimed_until": clock.now() + LEASE, "attempts": 1} if inline else {}
    _move(one, (Import.State.READY,), Import.State.APPLYING, approved_by=actor, approved_at=clock.now(), **held)
    if not inline:
        enqueue("imports.apply", workspace_id=one.workspace_id, import_id=str(one.pk))


def cancel(*, actor: Member, one: Import) -> None:
    """Give up an import that nobody approved; nothing was written."""
    _move(one, Import.OPEN, Import.State.CANCELLED, finished_at=clock.now())


def _move(one: Import, before: tuple[str, ...], after: str, **changes: object) -> None:
    """Change the state only from where the person saw it; two approvals are one."""
    fresh: dict[str, object] = {"state": after, "claimed_until": None, "attempts": 0}
    moved = Import.objects.filter(workspace=one.workspace_id, pk=one.pk, state__in=before).update(**fresh | changes)
    if not moved:
        raise NotAllowed("Someone else was faster: this import has moved on.")
    one.refresh_from_db()


def refuse_columns(*, actor: Member, one: Import) -> None:
    """End an import whose columns nobody is there to choose (a command line), saying what is missing."""
    kind = kind_called(one.kind)
    problems = kind.mapping_problems(one.mapping, kind.context(actor.workspace))
    found = ", ".join(one.titles)
    error = f"{' '.join(problems)} Columns found: {found}."[:500]
    _move(one, (Import.State.READ,), Import.State.REFUSED, error_code="columns", error=error, finished_at=clock.now())
