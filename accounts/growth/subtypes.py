"""Which subtypes an account has: its facts tell, a member may overrule (ACC-2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BooleanField, Case, CharField, ExpressionWrapper, Func, QuerySet, Value, When

from accounts.conditions import Problem, Tree, compile_condition, facts_of, validate
from accounts.facts import FactContext
from accounts.models import Account, Subtype
from csworkbench.tenancy.models import Workspace

# What is decided after the subtypes cannot decide about them: every pass would move them again.
DECIDED_LATER = ("subtype:", "candidate:", "upsell_candidates", "level", "score", "health", "relationship")
# An account that just came has no row of figures to write to unless its triggers ran; those always do.
WRITE = """
UPDATE accounts_accountfigures f SET subtypes = n.subtypes
FROM ({select}) AS n (account_id, subtypes)
WHERE f.workspace_id = %s AND f.account_id = n.account_id AND f.subtypes IS DISTINCT FROM n.subtypes
"""


def validate_condition(tree: Any, decided_later: Iterable[str] = DECIDED_LATER) -> list[Problem]:
    """Every problem of a condition that is tested before health and levels are known."""
    problems = validate(tree)
    if problems:
        return problems
    late = [key for key in facts_of(tree) if any(key == each or (each.endswith(":") and key.startswith(each))
                                                 for each in decided_later)]  # fmt: skip
    return [Problem("", f"{key} is only known afterwards") for key in late]


def active_subtypes(workspace: Workspace) -> list[Subtype]:
    """The subtypes a workspace tells apart, in their order."""
    return list(Subtype.objects.filter(workspace=workspace, is_active=True))


def with_subtypes(accounts: QuerySet[Account], conditions: Sequence[tuple[str, Tree]], context: FactContext) -> Any:
    """``accounts`` as rows of ``pk, keys of the subtypes whose condition holds``."""
    cases = [
        Case(
            When(ExpressionWrapper(compile_condition(tree, context), BooleanField()), then=Value(key)),
            default=None,
            output_field=CharField(),
        )
        for key, tree in conditions
    ]
    keys = Func(
        Func(*cases, template="ARRAY[%(expressions)s]::varchar[]"),
        Value(None),
        function="array_remove",
        output_field=ArrayField(CharField()),
    )
    return accounts.annotate(found=keys).values_list("pk", "found")


def classify(workspace: Workspace, context: FactContext, accounts: Sequence[UUID] | None = None) -> int:
    """Write the subtypes whose condition holds for all accounts or some; one statement. Returns the rows changed."""
    conditions = [(one.key, one.condition) for one in active_subtypes(workspace) if one.condition]
    queryset = Account.objects.filter(workspace=workspace).order_by()
    if accounts is not None:
        queryset = queryset.filter(pk__in=accounts)
    select, parameters = with_subtypes(queryset, conditions, context).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(WRITE.format(select=select), [*parameters, workspace.pk])
        return int(cursor.rowcount)


def names_of(account: Account, subtypes: Sequence[Subtype]) -> list[str]:
    """The names of an account's subtypes, those chosen by hand before those computed."""
    held = account.subtypes_chosen if account.subtypes_chosen is not None else account.figures.subtypes
    return [one.name for one in subtypes if one.key in set(held)]
