"""The kind ``usage``: when accounts last used each module, and how much in 30 days (USE-1); it moves forward only."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import ClassVar

from accounts.importing.makers import day, named
from accounts.models import Module, ModuleUse
from csworkbench.imports.cleaning import Directory, Whole
from csworkbench.imports.kinds import Context, Field
from csworkbench.imports.staging import Stage
from csworkbench.tenancy.models import Workspace

from .engine import Check, ChildKind
from .matching import Way
from .whose import account_fields

GROUP = "Use"
FIELDS: tuple[Field, ...] = (
    Field(
        "module",
        "Module",
        GROUP,
        {"module_id": "uuid"},
        named("module"),
        ("module name", "feature", "feature name", "product area", "app", "tool"),
        "A module of this workspace's products, by name.",
        "Cases",
    ),
    Field(
        "last_used_on",
        "Last used",
        GROUP,
        {"last_used_on": "date"},
        day,
        ("last used on", "last used at", "last use", "last activity", "last activity date", "last login",
         "last login date", "last seen", "usage date"),
        "The day of the last use. A day before the one that is known changes nothing.",
        "2026-11-20",
    ),
    Field(
        "uses_30_days",
        "Uses in 30 days",
        GROUP,
        {"uses_30_days": "integer"},
        lambda context: Whole(),
        ("uses", "usage", "usage count", "uses last 30 days", "usage last 30 days", "30 day usage", "events",
         "event count", "count", "total uses", "logins"),
        "How often in the 30 days before that.",
        "42",
    ),
)  # fmt: skip
# The day that is known, in the workspace's time zone.
KNOWN = "(c.last_used_at AT TIME ZONE %(zone)s)::date"


class Usage(ChildKind):
    """One row per account and module."""

    key: ClassVar[str] = "usage"
    label: ClassVar[str] = "Usage totals"
    about: ClassVar[str] = "When accounts last used each module, and how much. What is known already is never set back."
    noun: ClassVar[tuple[str, str]] = ("use of a module", "uses of modules")
    fields: ClassVar[tuple[Field, ...]] = (*account_fields(), *FIELDS)
    model = ModuleUse
    identity = ("module",)
    row_demands = frozenset({"module"})
    labels: ClassVar[dict[str, str]] = {"last_used_at": "Last used"}
    several = "''"
    keeps_new = True

    def context(self, workspace: Workspace) -> Context:
        known = super().context(workspace)
        modules = Module.objects.filter(workspace=workspace).values_list("pk", "name", "key")
        directory = Directory("module", ((pk, name, [key]) for pk, name, key in modules))
        return replace(known, directories={**known.directories, "module": directory})

    def identity_problems(self, chosen: AbstractSet[str], context: Context) -> list[str]:
        found = [] if "module" in chosen else ["Choose the column that names the module."]
        if not {"last_used_on", "uses_30_days"} & chosen:
            found.append("Choose the column with the day of the last use, or the one with the number of uses.")
        return found

    def values(self, stage: Stage) -> dict[str, str]:
        values = {"module_id": "s.module_id"}
        if stage.has("last_used_on"):
            values["last_used_at"] = (
                f"CASE WHEN c.last_used_at IS NULL OR s.last_used_on > {KNOWN}"
                " THEN s.last_used_on::timestamp AT TIME ZONE %(zone)s END"
            )
        said = "s.uses_30_days" if stage.has("uses_30_days") else "NULL::integer"
        # A count of an earlier day is as old as that day. A new row without one starts with none, and says so.
        early = f"WHEN s.last_used_on < {KNOWN} THEN NULL " if stage.has("last_used_on") else ""
        values["uses_30_days"] = f"CASE WHEN c.id IS NULL THEN coalesce({said}, 0) {early}ELSE {said} END"
        return values

    def ways(self, stage: Stage) -> list[Way]:
        return [Way({"s.module_id": "c.module_id"}, ties="true")]

    def checks(self, stage: Stage) -> list[Check]:
        if not stage.has("last_used_on"):
            message = "'Nothing is known of this module at this account yet: the day of the last use is needed.'"
            return [Check("uses_30_days", "missing", "m.found IS NULL", message, matched=True)]
        late = "'This day is still to come.'"
        message = "'The day of the last use is missing, and nothing is known of it yet.'"
        return [
            Check("last_used_on", "not_yet", "s.last_used_on > %(today)s::date", late, "to_jsonb(s.last_used_on)"),
            Check("last_used_on", "missing", "m.found IS NULL AND s.last_used_on IS NULL", message, matched=True),
        ]
