"""Custom fields: what a workspace adds to its accounts, and how their values are kept and said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CharField, Count, F, Func, JSONField, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from csworkbench.tenancy.models import Member, Workspace

from .models import Account, CustomField
from .search import normalise_name

# Who gives accounts fields of the workspace's own, in the settings or while a sheet is imported.
EDITORS = ("admin", "ops")
MOST_FIELDS = 100
MOST_CHOICES = 100
KEY_LENGTH = 40
LABEL_LENGTH = CHOICE_LENGTH = 80
TEXT_LENGTH = 500
# Of a JSON number: what a browser and a sheet give back as they got it.
DIGITS, PLACES = 18, 6
MOST_NUMBER = 10 ** (DIGITS - PLACES) - 1
Sort = CustomField.Sort
Pairs = list[tuple[str, str, str]]


def active_fields(workspace: Workspace) -> list[CustomField]:
    """The fields that accounts of the workspace have now, by label."""
    return list(CustomField.objects.filter(workspace=workspace, is_active=True))


def filled_counts(workspace: Workspace) -> dict[str, int]:
    """Key → the number of accounts that have a value; keys without one are left out. One statement."""
    keys = Func(F("custom"), function="jsonb_object_keys", output_field=CharField())
    keys.set_returning = True
    counted = (
        Account.objects.filter(workspace=workspace)
        .exclude(custom={})
        .annotate(custom_key=keys)
        .values("custom_key")
        .annotate(accounts=Count("pk"))
        .order_by()
    )
    return dict(counted.values_list("custom_key", "accounts"))


def add_field(*, actor: Member, label: str, sort: str, choices: Iterable[str] = ()) -> CustomField:
    """Give the accounts of the actor's workspace a field; ValidationError, by field of the form, when it cannot be."""
    if not actor.has_role(*EDITORS):
        raise ValidationError("An admin or CS Ops adds fields: choose one that is there, or ask one of them.")
    workspace = actor.workspace
    with transaction.atomic():
        others = _held_fields(workspace)
        if sum(one.is_active for one in others) >= MOST_FIELDS:
            raise ValidationError(f"A workspace has at most {MOST_FIELDS} fields of its own. Retire one first.")
        if sort not in Sort.values:
            raise ValidationError({"sort": "Choose what the field holds."})
        return CustomField.objects.create(
            workspace=workspace,
            key=key_for(label, {one.key for one in others}),
            label=_checked_label(label, others),
            sort=sort,
            choices=checked_choices(choices) if sort == Sort.CHOICE else [],
        )


def change_field(*, actor: Member, field: CustomField, label: str, choices: Iterable[str] = ()) -> bool:
    """Rename a field or change what can be chosen; key and sort stay. Returns whether anything changed.

    A choice that is taken away stays where an account has it.
    """
    with transaction.atomic():
        others = [one for one in _held_fields(actor.workspace) if one.pk != field.pk]
        said = _checked_label(label, others)
        offered = checked_choices(choices) if field.sort == Sort.CHOICE else []
        if (said, offered) == (field.label, field.choices):
            return False
        field.label, field.choices = said, offered
        field.save(update_fields=["label", "choices"])
    return True


def retire_field(*, actor: Member, field: CustomField) -> bool:
    """Stop showing a field; its values are kept. Returns whether it was shown."""
    mine = CustomField.objects.filter(workspace=actor.workspace, pk=field.pk, is_active=True)
    return bool(mine.update(is_active=False))


def restore_field(*, actor: Member, field: CustomField) -> bool:
    """Show a retired field again, with the values it had. Returns whether it was retired."""
    with transaction.atomic():
        others = [one for one in _held_fields(actor.workspace) if one.pk != field.pk]
        if sum(one.is_active for one in others) >= MOST_FIELDS:
            raise ValidationError(f"A workspace has at most {MOST_FIELDS} fields of its own. Retire one first.")
        _checked_label(field.label, others)
        mine = CustomField.objects.filter(workspace=actor.workspace, pk=field.pk, is_active=False)
        return bool(mine.update(is_active=True))


def _held_fields(workspace: Workspace) -> list[CustomField]:
    """All fields of a workspace; who adds or renames one meanwhile waits for us."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    return list(CustomField.objects.filter(workspace=workspace))


def key_for(label: str, taken: Iterable[str]) -> str:
    """The key of a new field: ``Plan tier`` gives ``plan_tier``; letters first, at most 40 characters, unique."""
    known = set(taken)
    slug = normalise_name(label).replace(" ", "_")
    slug = slug if slug[:1].isalpha() else f"field_{slug}".rstrip("_")
    slug = slug[:KEY_LENGTH].rstrip("_")
    key, number = slug, 1
    while key in known:
        number += 1
        key = f"{slug[: KEY_LENGTH - len(str(number)) - 1]}_{number}"
    return key


def _checked_label(label: str, others: Sequence[CustomField]) -> str:
    said = " ".join(label.split())
    if not said:
        raise ValidationError({"label": "Write what the field is called."})
    if len(said) > LABEL_LENGTH:
        raise ValidationError({"label": f"At most {LABEL_LENGTH} characters fit."})
    if any(one.is_active and one.label.casefold() == said.casefold() for one in others):
        raise ValidationError({"label": f"There is a field called {said} already."})
    return said


def checked_choices(choices: Iterable[str]) -> list[str]:
    """Choices in the order given, without blanks and repetitions; ValidationError when none is left or fits."""
    kept: dict[str, str] = {}
    for choice in choices:
        said = " ".join(choice.split())
        if len(said) > CHOICE_LENGTH:
            raise ValidationError({"choices": f"“{said[:40]}…” is too long: at most {CHOICE_LENGTH} characters fit."})
        if said:
            kept.setdefault(said.casefold(), said)
    if not kept:
        raise ValidationError({"choices": "Write at least one thing to choose, each on a line of its own."})
    if len(kept) > MOST_CHOICES:
        raise ValidationError({"choices": f"At most {MOST_CHOICES} things to choose fit."})
    return list(kept.values())


def as_json(value: Any) -> Any:
    """A form's value as ``Account.custom`` keeps it: number, ISO date, text or truth value; None for a blank."""
    if value is None or value == "":
        return None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value


def merged(changes: Mapping[str, Any]) -> Combinable:
    """``Account.custom`` with some keys changed, for an UPDATE: whoever writes other keys at once keeps theirs.

    A value of None takes the key away.
    """
    given = {key: value for key, value in changes.items() if value is not None}
    gone = [key for key, value in changes.items() if value is None]
    custom: Combinable = F("custom")
    if given:
        custom = _JsonOperation(custom, Value(given, JSONField()), arg_joiner=" || ")
    if gone:
        keys = Cast(Value(gone, ArrayField(TextField())), ArrayField(TextField()))
        custom = _JsonOperation(custom, keys, arg_joiner=" - ")
    return custom


class _JsonOperation(Func):
    """Two JSON expressions with an operator of PostgreSQL between them."""

    template = "(%(expressions)s)"
    output_field = JSONField()


def in_words(field: CustomField | None, value: Any) -> str:
    """A kept value as a person says it; a value that does not suit its field is said as it is."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,}" if isinstance(value, int) else f"{value:,.{PLACES}f}".rstrip("0").rstrip(".")
    if field is not None and field.sort == Sort.DATE:
        try:
            day = date.fromisoformat(str(value))
        except ValueError:
            return str(value)
        return f"{day:%b} {day.day}, {day.year}"
    return str(value)


def values_of(account: Account, fields: Iterable[CustomField]) -> list[tuple[str, str]]:
    """``(label, value in words)`` of the fields that an account has a value in."""
    return [(one.label, in_words(one, account.custom[one.key])) for one in fields if one.key in account.custom]


class Wording:
    """Says what differs between two values of ``Account.custom``, with the fields of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.fields = {one.key: one for one in CustomField.objects.filter(workspace=workspace)}

    def __call__(self, before: Any, after: Any) -> Pairs:
        """``(label, before, after)`` for each field that differs, by label."""
        old, new = before or {}, after or {}
        keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        return sorted((self.label(key), self.say(key, old.get(key)), self.say(key, new.get(key))) for key in keys)

    def label(self, key: str) -> str:
        return self.fields[key].label if key in self.fields else key.replace("_", " ")

    def say(self, key: str, value: Any) -> str:
        return in_words(self.fields.get(key), value)
