"""Named writes over the scorecards of a workspace (HLT-1). Who measures by one is computed anew: the book is marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from accounts.computing import mark_book
from accounts.models import Scorecard
from csworkbench.common import clock
from csworkbench.tenancy.models import Member, Workspace

from ..definitions import EDITED, InvalidScorecard, validate_scorecard

MOST_SCORECARDS = 20
KEY_LENGTH = 40


class Stale(Exception):
    """Somebody else saved the scorecard meanwhile; ``current`` is what it is now."""

    def __init__(self, current: Scorecard) -> None:
        super().__init__(f"Scorecard {current.key} is at version {current.version}.")
        self.current = current


def save_scorecard(*, actor: Member, scorecard: Scorecard, version: int, values: Mapping[str, Any]) -> Scorecard:
    """Save ``values`` (any of ``EDITED``) over the version they were drawn from, as the next version.

    Saving what it says already changes nothing. ``Stale`` when somebody was faster, unless they saved just that;
    ``InvalidScorecard`` with every problem; ValidationError for a name that is taken.
    """
    with transaction.atomic():
        others = _held(actor.workspace)
        current = _mine(others, scorecard)
        wanted = {name: values.get(name, getattr(current, name)) for name in EDITED}
        if wanted == {name: getattr(current, name) for name in EDITED}:
            return current
        if current.version != version:
            raise Stale(current)
        _check(wanted, [other for other in others if other.pk != current.pk])
        for name, value in wanted.items():
            setattr(current, name, value)
        current.version += 1
        _stamp(current, actor, *EDITED, "version")
        if current.is_active:
            mark_book(actor.workspace)
    return current


def add_scorecard(*, actor: Member, values: Mapping[str, Any]) -> Scorecard:
    """Add a scorecard behind the others; it counts once it is activated. Raises as ``save_scorecard`` does."""
    with transaction.atomic():
        others = _held(actor.workspace)
        if len(others) >= MOST_SCORECARDS:
            raise ValidationError(f"A workspace has at most {MOST_SCORECARDS} scorecards. Change one that is there.")
        blank = Scorecard()
        wanted = {name: values.get(name, getattr(blank, name)) for name in EDITED}
        _check(wanted, others)
        return Scorecard.objects.create(
            workspace=actor.workspace,
            key=_key_for(wanted["name"], {other.key for other in others}),
            place=max((other.place for other in others), default=-1) + 1,
            is_active=False,
            changed_at=clock.now(),
            changed_by=actor,
            **wanted,
        )


def copy_scorecard(*, actor: Member, scorecard: Scorecard) -> Scorecard:
    """Copy one as a draft; a copy that nobody has changed yet is given again."""
    with transaction.atomic():
        others = _held(actor.workspace)
        original = _mine(others, scorecard)
        taken = {other.name.casefold(): other for other in others}
        number = 1
        while (name := _copy_name(original.name, number)).casefold() in taken:
            there = taken[name.casefold()]
            if not there.is_active and _same(there, original):
                return there
            number += 1
        return add_scorecard(actor=actor, values={field: getattr(original, field) for field in EDITED} | {"name": name})


def move_scorecard(*, actor: Member, scorecard: Scorecard, place: int) -> bool:
    """Put one at a place, counted from 0, in the order in which they are tried; returns whether anything moved."""
    with transaction.atomic():
        before = _held(actor.workspace)
        moved = _mine(before, scorecard)
        after = [each for each in before if each.pk != moved.pk]
        after.insert(min(max(place, 0), len(after)), moved)
        if [each.pk for each in after] == [each.pk for each in before]:
            return False
        for index, each in enumerate(after):
            if each.place != index:
                each.place = index
                each.save(update_fields=["place"])
        if [each.pk for each in after if each.is_active] != [each.pk for each in before if each.is_active]:
            mark_book(actor.workspace)
    return True


def activate_scorecard(*, actor: Member, scorecard: Scorecard) -> bool:
    """Let a scorecard count; returns whether it did not before. ``InvalidScorecard`` where a fact has gone."""
    return _switch(actor, scorecard, active=True)


def deactivate_scorecard(*, actor: Member, scorecard: Scorecard) -> bool:
    """Let a scorecard no longer count; it stays to be activated again. Returns whether it counted."""
    return _switch(actor, scorecard, active=False)


def _switch(actor: Member, scorecard: Scorecard, *, active: bool) -> bool:
    with transaction.atomic():
        others = _held(actor.workspace)
        current = _mine(others, scorecard)
        if current.is_active == active:
            return False
        if active:
            _check(
                {name: getattr(current, name) for name in EDITED}, [each for each in others if each.pk != current.pk]
            )
        current.is_active = active
        _stamp(current, actor, "is_active")
        mark_book(actor.workspace)
    return True


def _held(workspace: Workspace) -> list[Scorecard]:
    """All scorecards of a workspace in order; who writes one meanwhile waits for us."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    return list(Scorecard.objects.filter(workspace=workspace))


def _mine(all_of_them: Sequence[Scorecard], scorecard: Scorecard) -> Scorecard:
    return next(each for each in all_of_them if each.pk == scorecard.pk)


def _stamp(scorecard: Scorecard, actor: Member, *fields: str) -> None:
    scorecard.changed_at, scorecard.changed_by = clock.now(), actor
    scorecard.save(update_fields=[*fields, "changed_at", "changed_by"])


def _check(wanted: dict[str, Any], others: Sequence[Scorecard]) -> None:
    if isinstance(wanted["name"], str):
        wanted["name"] = " ".join(wanted["name"].split())
    problems = validate_scorecard(wanted)
    if problems:
        raise InvalidScorecard(problems)
    if any(other.name.casefold() == wanted["name"].casefold() for other in others):
        raise ValidationError({"name": f"There is a scorecard called {wanted['name']} already."})


def _same(copy: Scorecard, original: Scorecard) -> bool:
    return all(getattr(copy, field) == getattr(original, field) for field in EDITED if field != "name")


def _copy_name(name: str, number: int) -> str:
    end = " (copy)" if number == 1 else f" (copy {number})"
    return name[: 80 - len(end)] + end


def _key_for(name: str, taken: set[str]) -> str:
    slug = slugify(name)[:KEY_LENGTH].strip("-_") or "scorecard"
    key, number = slug, 1
    while key in taken:
        number += 1
        key = f"{slug[: KEY_LENGTH - len(str(number)) - 1]}-{number}"
    return key
