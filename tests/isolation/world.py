"""Two workspaces alike, filled from the model registry: every text of the foreign one is a canary."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from accounts.models import Account
from accounts.search import normalise_name
from csworkbench.common import clock
from csworkbench.tenancy.models import Member, Role, User, Workspace
from csworkbench.tenancy.scope import Actor, workspace_scope
from priorities import pipeline

OWN, FOREIGN = "zqxowndata", "zqxcanary"
OWN_SLUG, FOREIGN_SLUG = "own-side", "far-side"
ROLES = tuple(Role.values)
# Rows of each table: the first goes with the CSM, the second with the lead, and so on round.
ROWS = 2
UUID_TEXT = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
# Models whose rows come from triggers of other tables, so that none is written by hand.
BY_TRIGGER = {"tenancy.historyentry", "accounts.dirtyaccount"}

TextOf = Callable[[], str]
ALWAYS: dict[str, Any] = {"fact": "stage", "op": "is_not", "value": "churned"}


def a_definition(text: TextOf) -> dict[str, Any]:
    step = {"key": "reach-out", "action": "task", "title": text(), "details": text(), "kind": "check_in"}
    return {"trigger": ALWAYS, "cause": text(), "cooldown_days": 0, "steps": [step | {"due_business_days": 1}]}


def some_rules(text: TextOf) -> list[dict[str, Any]]:
    return [{"key": text(), "name": text(), "when": ALWAYS, "level": 2}]


def some_sections(text: TextOf) -> list[dict[str, Any]]:
    asked = [
        {"key": "industry", "label": text(), "help": text(), "prefill": "account.industry"},
        {"key": "main_contact", "label": text(), "sort": "contact", "prefill": "contact.primary"},
        {"key": "tools", "label": text(), "sort": "choices", "choices": [text(), text()]},
    ]
    return [{"key": "background", "title": text(), "questions": asked}]


def some_answers(text: TextOf) -> dict[str, Any]:
    entry = {"source": "fact", "from": "account.industry", "at": "2026-11-02T15:00:00+00:00"}
    return {"industry": entry | {"value": text()}}


def some_measures(text: TextOf) -> list[dict[str, Any]]:
    """Measured by the step, so that the pages have points to explain."""
    banded = {"fact": "tier", "weight": 10, "bands": [{"op": "is", "value": 1, "points": 80}], "otherwise": 30}
    return [banded | {"key": "tier", "label": text(), "unknown": None}]


def a_person(text: TextOf) -> dict[str, str]:
    return {name: text() for name in ("first_name", "last_name", "title", "phone")}


def a_report(text: TextOf) -> dict[str, Any]:
    """Of a drop: reasons with values of the file, and what was learned of it."""
    problems = {"account_unknown": {"rows": 1, "values": {text(): [1, 2]}}}
    # The source names accounts by itself: this one was removed since.
    counted = {"account": str(uuid4()), "name": text(), "product": text(), "said": 5, "ours": 4}
    said = {"ignored": [text()], "contracted": [counted], "error": text(), "error_code": "columns"}
    return {"rows": 3, "new": 2, "rejected": 1, "days": ["2026-11-01", "2026-11-02"], "problems": problems} | said


def a_problem(text: TextOf) -> dict[str, Any]:
    said = {"field": "name", "column": text(), "code": "unknown", "message": text(), "value": text()}
    return said | {"row": 2, "rows": 1, "suggestions": [text()]}


def a_fix(text: TextOf) -> dict[str, Any]:
    return {"field": "name", "value": text(), "row": None, "use": text()}


# Values that a generated one would not do for: ``model.field`` → (row number, a fresh text) → value.
SHAPES: dict[str, Callable[[int, TextOf], Any]] = {
    "accounts.contact.is_primary": lambda row, text: True,
    "accounts.account.health": lambda row, text: "red",
    "accounts.account.custom": lambda row, text: {"field_1": text(), "field_2": text()},
    "accounts.customfield.key": lambda row, text: f"field_{row + 1}",
    "accounts.customfield.is_active": lambda row, text: row == 0,
    "accounts.accountpriority.matched": lambda row, text: [],
    "accounts.goaltemplate.reached_when": lambda row, text: {"fact": "stage", "op": "is", "value": "churned"},
    "accounts.subtype.condition": lambda row, text: ALWAYS,
    "accounts.offer.condition": lambda row, text: ALWAYS,
    # No module is owned, so both fit; the second was put away, so that it can be brought back.
    "accounts.candidate.state": lambda row, text: ("open", "dismissed")[row],
    "accounts.candidate.rests_until": lambda row, text: clock.now().date() + timedelta(days=30),
    "accounts.scorecard.audience": lambda row, text: ALWAYS if row == 0 else None,
    "accounts.scorecard.measures": lambda row, text: some_measures(text),
    # Between its neighbours, so that it can move up and down; the second is switched off.
    "accounts.scorecard.is_active": lambda row, text: row == 0,
    "accounts.scorecard.green_from": lambda row, text: 70,
    "accounts.scorecard.yellow_from": lambda row, text: 40,
    "accounts.healthoverride.expires_on": lambda row, text: clock.now().date() + timedelta(days=30),
    # What the source says of the contact of the row.
    "accounts.difference.field": lambda row, text: ("title", "last_name")[row],
    "accounts.difference.source": lambda row, text: "lms",
    # The second was decided a moment ago, so that it can be taken back.
    "accounts.difference.decision": lambda row, text: ("open", "kept")[row],
    "accounts.difference.decided_at": lambda row, text: (None, clock.now())[row],
    # Written down after it happened.
    "accounts.interaction.happened_at": lambda row, text: clock.now() - timedelta(days=row + 1),
    "accounts.interaction.needs_recap": lambda row, text: True,
    "accounts.difference.details": lambda row, text: a_person(text),
    "accounts.usagedrop.report": lambda row, text: a_report(text),
    # One success plan runs at a time; so another can be started.
    "accounts.plan.kind": lambda row, text: "retention",
    # Ours does it, so nobody of theirs.
    "accounts.planaction.contact": lambda row, text: None,
    "accounts.plangoal.target": lambda row, text: 100,
    # Two accounts, so both copies are current: one is filled in, the other is of the version that is a draft.
    "accounts.questionnaire.key": lambda row, text: text(),
    "accounts.questionnaire.state": lambda row, text: ("published", "draft")[row],
    "accounts.questionnaire.sections": lambda row, text: some_sections(text),
    "accounts.answers.sections": lambda row, text: some_sections(text),
    "accounts.answers.answers": lambda row, text: some_answers(text),
    # Within the months of the board; closed today, so that it can be taken back.
    "accounts.subscription.renews_on": lambda row, text: clock.now().date() + timedelta(days=40 + row),
    "accounts.renewaloutcome.decided_at": lambda row, text: clock.now(),
    "imports.import.kind": lambda row, text: "book",
    "imports.import.state": lambda row, text: ("applied", "ready")[row],
    "imports.import.layout": lambda row, text: {
        "columns": [text(), text()],
        "header_row": 1,
        "samples": [[text(), text()]],
    },
    "imports.import.mapping": lambda row, text: {"name": 0, "sf_id": 1},
    "imports.import.table": lambda row, text: {},
    "imports.import.constants": lambda row, text: {"segment": text()},
    "imports.import.fixes": lambda row, text: [a_fix(text)],
    # The second has more rows than a request makes a sheet of.
    "imports.import.counts": lambda row, text: {"new": (1, 60_000)[row], "rejected": 1, "crm": 1},
    "imports.import.finished_at": lambda row, text: clock.now(),
    "imports.import.problems": lambda row, text: [a_problem(text) | {"different": 1, "values": [a_problem(text)]}],
    "imports.import.compared_at": lambda row, text: clock.now(),
    "imports.importrow.verdict": lambda row, text: ("new", "rejected")[row],
    "imports.importrow.cells": lambda row, text: [text(), text()],
    "imports.importrow.problems": lambda row, text: [a_problem(text)],
    "imports.importrow.changes": lambda row, text: {"segment": [text(), text()]},
    "imports.importrow.held": lambda row, text: {"segment": [text(), text()]},
    "imports.importrow.kept_because": lambda row, text: [{"what": text(), "who": text(), "at": "2026-11-02"}],
    "playbooks.playbookversion.state": lambda row, text: "published" if row == 0 else "retired",
    "playbooks.playbookversion.definition": lambda row, text: a_definition(text),
    "playbooks.task.why_facts": lambda row, text: ["renews_on", "stage"],
    "playbooks.taskaction.verb": lambda row, text: "snooze",
    "playbooks.taskaction.before": lambda row, text: {"snooze_reason": text()},
    "playbooks.taskaction.after": lambda row, text: {},
    "priorities.ruleset.state": lambda row, text: "published" if row == 0 else "draft",
    "priorities.ruleset.rules": lambda row, text: some_rules(text),
    "tenancy.outgoingmail.state": lambda row, text: ("failed", "unknown")[row],
    "tenancy.invitation.roles": lambda row, text: ["csm"],
}


@dataclass
class Side:
    """One workspace with what it holds."""

    word: str
    slug: str
    workspace: Workspace
    members: dict[str, Member] = field(default_factory=dict)
    rows: dict[str, list[models.Model]] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    kinds: dict[str, str] = field(default_factory=dict)

    def pick(self, label: str, number: int = 0) -> models.Model:
        """A row of a model: the one that goes with the role of that number."""
        rows = self.rows[label.lower()]
        return rows[number % len(rows)]


def tenant_models() -> list[type[models.Model]]:
    """Models with a workspace, parents before children."""
    waiting = [model for model in apps.get_models() if any(one.name == "workspace" for one in model._meta.local_fields)]
    ordered: list[type[models.Model]] = []
    while waiting:
        ready = [model for model in waiting if not (parents_of(model) & set(waiting) - {model})]
        if not ready:
            raise RuntimeError(f"models that need each other: {waiting}")
        ordered += ready
        waiting = [model for model in waiting if model not in ready]
    return ordered


def parents_of(model: type[models.Model]) -> set[Any]:
    return {one.related_model for one in model._meta.local_fields if one.is_relation}


def found(word: str, slug: str) -> Side:
    """An empty workspace."""
    workspace = Workspace.objects.create(slug=slug, name=f"{word} workspace", time_zone="America/Chicago")
    return Side(word, slug, workspace)


def fill(side: Side) -> None:
    """A member per role, for each of them a row of every tenant model, and everything ranked by the pipeline."""
    numbers = count(1)

    def text() -> str:
        return f"{side.word}{next(numbers)}"

    with workspace_scope(side.workspace.pk, actor=Actor("import", cause=text())):
        for model in tenant_models():
            label = model._meta.label_lower
            if model is Member:
                side.rows[label] = list(make_members(side, text))
            elif label not in BY_TRIGGER:
                side.rows[label] = [make(model, side, row, text) for row in range(ROWS)]
        for account in Account.objects.filter(workspace=side.workspace):
            Account.objects.filter(pk=account.pk).update(segment=text(), search_name=normalise_name(account.name))
        pipeline.sweep(side.workspace)
        note_ids(side)


def make_members(side: Side, text: TextOf) -> Iterable[Member]:
    lead = None
    for role in ("lead", *(role for role in ROLES if role != "lead")):
        user = User(email=f"{text()}@example.org", name=text())
        user.set_unusable_password()
        user.save()
        member = Member.objects.create(
            workspace=side.workspace, user=user, name=text(), roles=[role], lead=lead, title=text(), phone=text()
        )
        lead = lead or member
        side.members[role] = member
    return [side.members[role] for role in ROLES]


def make(model: type[models.Model], side: Side, row: int, text: TextOf) -> models.Model:
    values = {
        one.name: value_of(one, side, row, text)
        for one in model._meta.local_fields
        if not (one.primary_key and not one.is_relation) and not leave_alone(one)
    }
    key = model._meta.pk
    if key is not None and key.is_relation:  # a row beside another one, made by its trigger
        return model._default_manager.update_or_create(**{key.name: values.pop(key.name)}, defaults=values)[0]
    return model._default_manager.create(**values)


def leave_alone(one: models.Field[Any, Any]) -> bool:
    """Moments and days that may be missing stay missing: the row is open, not closed or withdrawn."""
    named = f"{one.model._meta.label_lower}.{one.name}" in SHAPES
    return one.null and isinstance(one, models.DateField) and not named


def value_of(one: models.Field[Any, Any], side: Side, row: int, text: TextOf) -> Any:
    shape = SHAPES.get(f"{one.model._meta.label_lower}.{one.name}")
    if shape is not None:
        return shape(row, text)
    if one.is_relation:
        return related(one, side, row)
    if one.name == "time_zone":
        return ""
    if one.choices:
        return one.get_default() if one.has_default() else next(value for value, _ in one.flatchoices)
    if isinstance(one, models.CharField | models.TextField | models.FileField):
        return written(one, text)
    return plain(one, row, text)


def related(one: models.Field[Any, Any], side: Side, row: int) -> Any:
    target: Any = one.related_model
    if target is Workspace:
        return side.workspace
    if target is User:
        return side.members[ROLES[row]].user
    rows = side.rows.get(target._meta.label_lower, [])
    return rows[row] if row < len(rows) else None


def written(one: Any, text: TextOf) -> str:
    """A canary in the shape of the field; one too short for it gets none."""
    value = text()
    if isinstance(one, models.EmailField):
        return f"{value}@example.org"
    if isinstance(one, models.URLField):
        return f"https://{value}.example.org/"
    limit = one.max_length or 200
    return value if len(value) <= limit else "ZQX"[:limit]


def plain(one: models.Field[Any, Any], row: int, text: TextOf) -> Any:
    if isinstance(one, ArrayField):
        return [element(one.base_field, row, text)]
    if isinstance(one, models.JSONField):
        return {text(): text()}
    if isinstance(one, models.UUIDField):
        return uuid4()
    if isinstance(one, models.BooleanField):
        return one.get_default() if one.has_default() else False
    if isinstance(one, models.DateTimeField):
        return clock.now() + timedelta(days=row + 1)
    if isinstance(one, models.DateField):
        return date(2026, 1, 1) + timedelta(days=row)
    if isinstance(one, models.BinaryField):
        return text().encode()
    # Small counts and tiers have limits, so 1 to 3; unique numbers of a parent start again with each parent.
    return row % 3 + 1 if one.name == "tier" else row + 1


def element(base: Any, row: int, text: TextOf) -> Any:
    """What an array of a field holds."""
    if base.choices:
        return base.flatchoices[0][0]
    return 10 * row + 10 if isinstance(base, models.IntegerField) else written(base, text)


def note_ids(side: Side) -> None:
    """Remember every identifier of the workspace, and which model it belongs to; the scope must be open."""
    for model in tenant_models():
        of_the_side = model._default_manager.filter(workspace=side.workspace)
        side.kinds |= {str(key): model._meta.label_lower for key in of_the_side.values_list("pk", flat=True)}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(line, ' ') FROM ({ALL_ROWS}) x (line)", parameters_of(side))
        side.ids |= {one.lower() for one in UUID_TEXT.findall(cursor.fetchone()[0])}
    # A form's own key may be the same in two workspaces: it names no row.
    side.ids -= {str(getattr(row, "request_key", "")) for rows in side.rows.values() for row in rows}


def parameters_of(side: Side) -> dict[str, Any]:
    return {"id": side.workspace.pk, "users": [member.user_id for member in side.members.values()]}


ALL_ROWS = """
SELECT 'workspace ' || t::text FROM tenancy_workspace t WHERE id = %(id)s
UNION ALL SELECT 'user ' || t::text FROM tenancy_user t WHERE id = ANY(%(users)s)
""" + "".join(
    f"UNION ALL SELECT '{table} ' || t::text FROM \"{table}\" t WHERE workspace_id = %(id)s\n"
    for table in sorted(model._meta.db_table for model in tenant_models())
)


def everything_of(side: Side) -> list[str]:
    """All rows of a workspace and of its logins, sorted; changes the scope of the open transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.workspace_id', %s, true)", [str(side.workspace.pk)])
        cursor.execute(f"{ALL_ROWS} ORDER BY 1", parameters_of(side))
        return [line for (line,) in cursor.fetchall()]
