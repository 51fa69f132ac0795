"""How staged columns meet the tables: expressions shared by comparing and applying.

Aliases: ``s`` the staged row, ``a`` the account, ``c`` its primary contact, ``u`` its running subscription to the
row's product. Only columns that the file gives take part, and a blank cell never erases: a staged NULL says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models.fields import NOT_PROVIDED

from accounts.models import Account
from csworkbench.imports.staging import Stage

IDS = ("sf_id", "lms_id", "billing_id")  # strongest first: the match of a weaker one yields to a stronger one
# Ids that two accounts never share; by the others a row finds an account only when there is just one.
UNIQUE_IDS = frozenset(
    name for one in Account._meta.constraints if isinstance(one, models.UniqueConstraint) for name in one.fields
) & frozenset(IDS)
ACCOUNT = (
    *IDS, "name", "owner_id", "rsm_id", "fmc_lead_id", "instance_id", "tier", "segment", "stage", "health",
    "growth_potential", "declared_frequency", "website", "industry", "employees", "time_zone", "customer_since",
)  # fmt: skip
CONTACT = ("first_name", "last_name", "title", "email", "phone", "phone_extension")
SUBSCRIPTION = (
    "mrr_minor", "otr_minor", "renews_on", "starts_on", "service_tier", "contracted_users", "active_users", "billed_to",
)  # fmt: skip
# The day a value changed is kept beside it.
SINCE = {"stage": "stage_since", "health": "health_since"}


def product(stage: Stage) -> str:
    """The product of a row: its own, or the only one of the workspace when the file names none."""
    return "s.product_id" if stage.has("product_id") else "%(only_product)s::uuid"


def contracted(stage: Stage) -> str:
    """Contracted users, or providers where the product counts those (ACC-4)."""
    users, providers = stage.has("contracted_users"), stage.has("providers")
    if not (users and providers):
        return "s.contracted_users" if users else "s.providers"
    return (
        f"CASE WHEN {product(stage)} = ANY(%(credentialing)s) THEN coalesce(s.providers, s.contracted_users)"
        " ELSE coalesce(s.contracted_users, s.providers) END"
    )


def account_values(stage: Stage) -> dict[str, str]:
    """Column of the account → what the file says."""
    return {name: f"s.{name}" for name in ACCOUNT if stage.has(name)}


def contact_values(stage: Stage) -> dict[str, str]:
    """Column of the primary contact → what the file says."""
    values = {name: f"s.{name}" for name in CONTACT if stage.has(name)}
    if stage.has("contact_title"):
        values["title"] = "s.contact_title"
    if "phone_extension" in values:
        # The same number without an extension does not say that there is none.
        values["phone_extension"] = (
            "CASE WHEN s.phone_extension = '' AND s.phone = c.phone THEN NULL ELSE s.phone_extension END"
        )
    return values


def subscription_values(stage: Stage) -> dict[str, str]:
    """Column of the subscription → what the file says."""
    values = {name: f"s.{name}" for name in SUBSCRIPTION if stage.has(name)}
    if stage.has("contracted_users") or stage.has("providers"):
        values["contracted_users"] = contracted(stage)
    return values


def sells(stage: Stage) -> bool:
    """Whether the rows are about subscriptions at all."""
    return stage.has("product_id") or bool(subscription_values(stage))


def differs(alias: str, values: dict[str, str]) -> str:
    """Whether any given value is not what the table has; a row that is missing differs in all."""
    return any_of(
        f"({value} IS NOT NULL AND {alias}.{name} IS DISTINCT FROM {value})" for name, value in values.items()
    )


def given(values: Iterable[str]) -> str:
    """Whether the row says anything in these columns."""
    return any_of(f"{value} IS NOT NULL" for value in values)


def any_of(conditions: Iterable[str]) -> str:
    return "(" + (" OR ".join(conditions) or "false") + ")"


def replaced(stage: Stage) -> str:
    """Whether the row names another person than the primary contact: both e-mail and name differ."""
    if not stage.has("email") or not (stage.has("first_name") or stage.has("last_name")):
        return "false"
    others = [f"lower(s.{name}) <> lower(c.{name})" for name in ("first_name", "last_name") if stage.has(name)]
    return f"coalesce(c.email <> '' AND s.email <> c.email AND {any_of(others)}, false)"


def old_and_new(alias: str, values: dict[str, str], prefix: str = "") -> list[str]:
    """Arguments of ``jsonb_build_object``: column, then [old, new] or NULL where the value stays."""
    arguments = []
    for name, value in values.items():
        pair = f"jsonb_build_array(to_jsonb({alias}.{name}), to_jsonb({value}))"
        arguments.append(f"'{prefix}{name}', CASE WHEN {differs(alias, {name: value})} THEN {pair} END")
    return arguments


def insert(model: type[models.Model], values: dict[str, str], source: str) -> tuple[str, dict[str, object]]:
    """``INSERT … SELECT`` of expressions (column → SQL), and its parameters: the model's defaults.

    A staged value that is NULL takes the default; so does a required column that the file does not give.
    """
    selected, parameters = dict(values), {}
    for field in model._meta.concrete_fields:
        name = str(field.column)
        value = values.get(name)
        if field.null or (value is None and field.db_default is not NOT_PROVIDED):
            continue
        if value is None or value.startswith(("s.", "CASE")):
            parameters[f"default_{name}"] = field.get_prep_value(field.get_default())
            selected[name] = f"coalesce({value}, %(default_{name})s)" if value else f"%(default_{name})s"
    names = ", ".join(f'"{name}"' for name in selected)
    chosen = ", ".join(selected.values())
    return f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {chosen} {source}', parameters
