"""The engine of kinds whose rows hang on an account: a declaration each, one way to compare and to write them all."""

# ruff: noqa: S608 - text from outside never reaches a statement: names come from this package, values are parameters

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from accounts.importing.near import suggest
from accounts.models import Product
from accounts.ownership import owned_by_crm
from csworkbench.imports.cleaning import Directory
from csworkbench.imports.kinds import Change, Context, Kind
from csworkbench.imports.staging import Stage
from csworkbench.tenancy.models import TenantModel, Workspace

from . import matching, problems, references, showing, writing
from .matching import Way
from .references import OWN, Reference
from .whose import ACCOUNT_KEYS

# One field, two columns: who owns the first owns the second.
BESIDE = {"phone": "phone_extension"}


@dataclass(frozen=True)
class Check:
    """What no row may say: SQL over ``s`` (and, ``matched``, over ``m``, ``a`` and ``c``) and why, under a field."""

    field: str
    code: str
    when: str
    message: str
    value: str = "'null'::jsonb"
    matched: bool = False


class ChildKind(Kind):
    """A kind of rows of one model, each belonging to an account.

    A subclass declares fields, the columns they fill, the ways to know a row again and what no row may say.
    """

    undo_by: ClassVar[Literal["account", "row"]] = "row"
    model: ClassVar[type[TenantModel]]
    # What the CRM owns of this model's rows, and which of them it knows: SQL over ``a`` and ``c``.
    entity: ClassVar[str] = ""
    known_to_crm: ClassVar[str] = "false"
    # Cells beside the account's own that name accounts.
    references: ClassVar[tuple[Reference, ...]] = ()
    # The field under which a row that is ambiguous or repeated is reported, by preference.
    identity: ClassVar[tuple[str, ...]]
    creates: ClassVar[bool] = True
    row_demands: ClassVar[frozenset[str]] = frozenset()
    # SQL over ``s`` of what tells rows about one thing apart: several systems may say something of one person.
    apart: ClassVar[str] = "true"
    # Whether what is written into new rows is kept with them, because machines change them without the ledger.
    keeps_new: ClassVar[bool] = False
    # SQL of what a message says when a row could be about several.
    several: ClassVar[str]

    def values(self, stage: Stage) -> dict[str, str]:
        """Column of the model → SQL over ``s`` and ``c``; NULL says nothing."""
        raise NotImplementedError

    def ways(self, stage: Stage) -> list[Way]:
        """How to know a row again, the surest way first."""
        raise NotImplementedError

    def checks(self, stage: Stage) -> list[Check]:
        """What no row may say, as far as the file gives the columns."""
        return []

    def identity_problems(self, chosen: AbstractSet[str], context: Context) -> list[str]:
        """Why the chosen fields cannot tell one row of an account from another."""
        raise NotImplementedError

    def fixed(self) -> dict[str, str]:
        """Columns that every new row gets: column → SQL."""
        return {}

    def check_together(self, stage: Stage) -> None:
        """Reject rows that cannot be applied together; ``import_match`` is complete."""

    def make_room(self, stage: Stage) -> None:
        """Write what has to give way before the rows are written."""

    def context(self, workspace: Workspace) -> Context:
        products = Product.objects.filter(workspace=workspace).values_list("pk", "name", "key")
        known = super().context(workspace)
        owned = {column for _, column in owned_by_crm(workspace, self.entity)} if self.entity else set()
        owned |= {BESIDE[name] for name in owned & set(BESIDE)}
        directories = {"product": Directory("product", ((pk, name, [key]) for pk, name, key in products))}
        return replace(
            known, directories={**known.directories, **directories}, crm_owned=known.crm_owned | frozenset(owned)
        )

    def options(self, context: Context) -> dict[str, Any]:
        credentialing = Product.objects.filter(workspace=context.workspace, is_credentialing=True)
        labels = {f"label_{one.key}": one.label for one in context.fields}
        return labels | {
            "account_fields": list(ACCOUNT_KEYS),
            "only_product": context.directories["product"].only,
            "credentialing": list(credentialing.values_list("pk", flat=True)),
            "currency": context.workspace.currency,
            "today": context.workspace.today,
            "zone": context.workspace.time_zone,
        }

    def demanded(self, chosen: AbstractSet[str]) -> frozenset[str]:
        return self.row_demands & chosen

    def mapping_problems(self, chosen: AbstractSet[str], context: Context) -> list[str]:
        found = []
        if not chosen & set(ACCOUNT_KEYS):
            found.append("Choose the column that says which account a row belongs to: one of its ids, or its name.")
        found += self.identity_problems(chosen, context)
        if not found and not chosen - set(ACCOUNT_KEYS):
            found.append("Choose at least one column beside those of the account.")
        return found

    def compare(self, stage: Stage, *, lock: bool) -> None:
        stage.run("ANALYZE import_stage")
        problems.gather(stage)
        self._place(stage, lock=lock)
        self._check(stage, matched=False)
        problems.reject(stage)
        if lock:
            self._hold_accounts(stage)
        ways, table = self.ways(stage), self._table
        matching.match(stage, table, ways)
        matching.note_ambiguous(stage, table, self._identity_field(stage), self.several)
        self._check(stage, matched=True)
        problems.reject(stage)
        matching.drop_rejected(stage)
        matching.report_twins(stage, ways, self._identity_field(stage), self.noun[0], self.apart)
        self.check_together(stage)
        self.decide(stage, lock=lock)

    def decide(self, stage: Stage, *, lock: bool) -> None:
        """The verdicts of the rows that were matched, with old → new."""
        values = self._values(stage)
        writing.give_verdicts(stage, values)
        if lock:
            self._hold_rows(stage)
        writing.write_changes(stage, values, with_new=self.keeps_new)

    def apply(self, stage: Stage) -> None:
        values = self._values(stage)
        self.make_room(stage)
        writing.update_rows(stage, values)
        if self.creates:
            writing.insert_rows(stage, self.model, values, self.fixed())

    def describe(self, changes: Iterable[Mapping[str, list[Any]]], context: Context) -> list[list[Change]]:
        return showing.Shown(self.model, self.labels_of(context), context).rows(list(changes))

    @property
    def _table(self) -> str:
        return self.model._meta.db_table

    def _values(self, stage: Stage) -> writing.Values:
        columns = self.values(stage)
        return writing.Values(self._table, columns, stage.crm_owned & frozenset(columns), self.known_to_crm)

    def _identity_field(self, stage: Stage) -> str:
        """The field of the file that tells rows apart."""
        return next((key for key in self.identity if problems.is_given(stage, key)), self.identity[0])

    def _place(self, stage: Stage, *, lock: bool) -> None:
        """Whose each row is; what an unclear cell may have meant is asked once, when a person can still answer."""
        named = [one for one in (OWN, *self.references) if one.ways(stage)]
        references.prepare_called(stage, named)
        for one in named:
            one.place(stage)
        stage.run(
            """
            UPDATE import_unfit u SET hint = p.id FROM import_account p
            WHERE p.row = u.row AND u.hint IS NULL AND u.problem ->> 'field' = ANY(%(account_fields)s)
            """
        )
        if not lock:
            ways = {way.field: way.name for one in named for way in one.ways(stage)}
            suggest(stage, ways)

    def _check(self, stage: Stage, *, matched: bool) -> None:
        rows = matching.matched(self._table) if matched else "FROM import_stage s"
        for check in self.checks(stage):
            if check.matched == matched:
                where = f"{rows} WHERE {check.when}"
                problems.note(stage, check.field, check.code, check.message, where, value=check.value)

    def _hold_accounts(self, stage: Stage) -> None:
        """One import at a time adds to an account: the second one sees what the first has made."""
        stage.run(
            """
            SELECT 1 FROM accounts_account a WHERE a.workspace_id = %(workspace)s
                AND a.id IN (SELECT id FROM import_account) ORDER BY a.id FOR NO KEY UPDATE
            """
        )

    def _hold_rows(self, stage: Stage) -> None:
        """Lock what would change, so that nobody edits it between the comparison and the write."""
        stage.run(
            f"""
            SELECT 1 FROM {self._table} c WHERE c.workspace_id = %(workspace)s
                AND c.id IN (SELECT target_id FROM import_verdict WHERE verdict = 'changed') ORDER BY c.id FOR UPDATE
            """
        )


def missing_ways(ways: Sequence[tuple[AbstractSet[str], str]], chosen: AbstractSet[str]) -> list[str]:
    """The reason when none of some sets of fields is chosen whole."""
    return [] if any(one <= chosen for one, _ in ways) else [f"Choose {' or '.join(text for _, text in ways)}."]
