"""Goal templates: what onboarding aims at on each instance, kept by CS Ops and admins (USE-3)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.computing import mark_book
from accounts.conditions import Tree, in_words, validate
from accounts.facts import context_for
from accounts.models import GoalTemplate, Instance
from csworkbench.tenancy.models import Member, Workspace

MOST_GOALS = 40
COLUMNS = ("label", "instance", "place", "reached_when")


def add_goal(
    *, actor: Member, label: str, instance: Instance | None, place: int, reached_when: Tree | None
) -> GoalTemplate:
    """Add a goal to the records that open from now on; raises ``ValidationError`` for one that is there."""
    if GoalTemplate.objects.filter(workspace=actor.workspace_id).count() >= MOST_GOALS:
        raise ValidationError(f"There are {MOST_GOALS} goals already, which is the most.")
    made = GoalTemplate(
        workspace=actor.workspace, label=label.strip(), instance=instance, place=place, reached_when=reached_when
    )
    _save(made)
    return made


def change_goal(*, actor: Member, template: GoalTemplate, **values: Any) -> bool:
    """Change a goal; returns whether anything did. A changed test counts at once, in running records too."""
    changed = [name for name in COLUMNS if name in values and getattr(template, name) != values[name]]
    if not changed:
        return False
    for name in changed:
        setattr(template, name, values[name])
    _save(template, changed)
    if "reached_when" in changed and template.reached_when is not None:
        mark_book(actor.workspace)
    return True


def switch_goal(*, actor: Member, template: GoalTemplate, is_active: bool) -> bool:
    """Use a goal in new records, or stop; records that have it keep it."""
    changed = GoalTemplate.objects.filter(workspace=actor.workspace_id, pk=template.pk, is_active=not is_active).update(
        is_active=is_active
    )
    template.is_active = is_active
    return bool(changed)


def _save(template: GoalTemplate, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            template.save(update_fields=fields)
    except IntegrityError:
        where = f"on {template.instance.name}" if template.instance else "on every instance"
        raise ValidationError({"label": f"There is such a goal {where} already."}) from None


class TestWording:
    """How the ledger tells of a changed test."""

    __test__ = False  # no test of the test runner

    def __init__(self, workspace: Workspace) -> None:
        self.context = context_for(workspace)

    def __call__(self, before: Any, after: Any) -> list[tuple[str, str, str]]:
        return [("Reached by itself when", self._say(before), self._say(after))]

    def _say(self, tree: Any) -> str:
        if tree is None:
            return "never"
        return "an unknown test" if validate(tree) else in_words(tree, self.context)
