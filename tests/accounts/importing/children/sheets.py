"""Sheets of one kind, uploaded, compared and applied as people do, without the pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from csworkbench.imports import services
from csworkbench.imports.kinds import kind_called
from csworkbench.imports.models import Import, ImportRow
from csworkbench.tenancy.models import HistoryEntry, Member
from tests.csworkbench.imports.sheets import csv_bytes


class Sheets:
    """Imports of one kind by one member: ``compare(titles, *rows)`` and ``apply(titles, *rows)``."""

    def __init__(self, actor: Member, kind: str) -> None:
        self.actor, self.kind = actor, kind

    def compare(self, titles: Sequence[str], *rows: Sequence[Any]) -> Import:
        """Upload and compare; the import is ready, read or refused."""
        one = services.store_upload(
            actor=self.actor, kind=self.kind, name=f"{self.kind}.csv", pieces=[csv_bytes(titles, *rows)]
        )
        spool = services.examine(one.workspace_id, one.pk)
        if spool is not None:
            spool.close()
        one.refresh_from_db()
        return one

    def apply(self, titles: Sequence[str], *rows: Sequence[Any]) -> Import:
        """Upload, compare, approve and apply."""
        one = self.compare(titles, *rows)
        assert one.state == Import.State.READY, (one.state, one.error, one.mapping)
        return self.approve(one)

    def approve(self, one: Import) -> Import:
        services.approve(actor=self.actor, one=one)
        services.apply_import(one.workspace_id, one.pk)
        one.refresh_from_db()
        return one

    def undo(self, one: Import) -> Import:
        services.undo(actor=self.actor, one=one)
        services.undo_import(one.workspace_id, one.pk)
        one.refresh_from_db()
        return one

    def counts(self, titles: Sequence[str], *rows: Sequence[Any]) -> dict[str, int]:
        """What a sheet would do: verdict → rows, without zeros."""
        return said(self.compare(titles, *rows))

    def described(self, one: Import) -> dict[int, list[tuple[str, str, str]]]:
        """Row number → what people read of its changes."""
        kind = kind_called(self.kind)
        found = rows_of(one)
        words = kind.describe([row.changes for row in found.values()], kind.context(self.actor.workspace))
        return {
            number: [(change.label, change.old, change.new) for change in changes]
            for number, changes in zip(found, words, strict=True)
        }


def said(one: Import) -> dict[str, int]:
    """Verdict → rows, without zeros."""
    return {verdict: rows for verdict, rows in one.counts.items() if rows}


def rows_of(one: Import) -> dict[int, ImportRow]:
    return {row.number: row for row in ImportRow.objects.filter(import_batch=one).order_by("number")}


def codes(one: Import) -> dict[int, list[str]]:
    """Row number → codes of its problems."""
    return {
        number: [problem["code"] for problem in row.problems] for number, row in rows_of(one).items() if row.problems
    }


def problem(one: Import, row: int = 2) -> dict[str, Any]:
    """The only problem of a row."""
    (found,) = rows_of(one)[row].problems
    return dict(found)


def ledger(table: str) -> int:
    """Entries about a table: what applying twice must not add to."""
    return HistoryEntry.objects.filter(table_name=table).count()
