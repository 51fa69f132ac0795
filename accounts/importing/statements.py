"""How staged columns meet the tables: expressions shared by comparing and applying.

Aliases: ``s`` the staged row, ``a`` the account, ``c`` its primary contact, ``u`` its running subscription to the
row's product. Only columns that the file gives take part, and a blank cell never erases: a staged NULL says nothing.
So does a value that the CRM has the last word on, where the CRM knows the record: it is NULL in what is compared and
written, and shown as held.

A custom field is named ``custom.`` and its key: a part of the account's ``custom``, and JSON on both sides.
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
IDENTITY = frozenset({"email", "first_name", "last_name"})
CUSTOM, STAGED_CUSTOM = "custom.", "custom_"
# Staged columns that have another name than the column of the contact.
STAGED = {"title": "contact_title"}
# A file without any id: its accounts are known by their names as they are searched.
BY_NAME = "search_name"
# Whether the CRM knows the account: in a comparison, and when the matched rows are written.
KNOWN, WAS_KNOWN = "(a.sf_id <> '')", "m.crm_knows"
# PostgreSQL takes 100 arguments, two a pair.
PAIRS = 50
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


def identity(stage: Stage) -> list[str]:
    """The columns that say which account a row is about, the strongest first: ids, or the name alone."""
    return [name for name in IDS if stage.has(name)] or [BY_NAME]


def by_name(stage: Stage) -> bool:
    """Whether nothing but its name says which account a row is about."""
    return identity(stage) == [BY_NAME]


def field_of(column: str) -> str:
    """The field of the kind that fills an identifying column."""
    return "name" if column == BY_NAME else column


def account_values(stage: Stage) -> dict[str, str]:
    """Column of the account → what the file says. A name that identifies is no change of the name."""
    values = {name: f"s.{name}" for name in ACCOUNT if stage.has(name)}
    if by_name(stage):
        values.pop("name", None)
    return values | custom_values(stage)


def custom_values(stage: Stage) -> dict[str, str]:
    """``custom.key`` → what the file says, as JSON."""
    keys = [name.removeprefix(STAGED_CUSTOM) for name in stage.columns if name.startswith(STAGED_CUSTOM)]
    return {f"{CUSTOM}{key}": f"to_jsonb(s.{STAGED_CUSTOM}{key})" for key in keys}


def custom_object(values: dict[str, str]) -> str:
    """What the file says of custom fields as one JSON object, without those it says nothing of."""
    pairs = [f"'{name.removeprefix(CUSTOM)}', {value}" for name, value in values.items() if name.startswith(CUSTOM)]
    return f"jsonb_strip_nulls({json_object(pairs)})"


def json_object(pairs: list[str]) -> str:
    """A JSON object of ``'key', value`` pairs, however many."""
    parts = [f"jsonb_build_object({', '.join(pairs[at : at + PAIRS])})" for at in range(0, len(pairs), PAIRS)]
    return "(" + (" || ".join(parts) or "'{}'::jsonb") + ")"


def account_owned(stage: Stage, known: str = KNOWN) -> dict[str, str]:
    """Column of the account that the CRM may own → whether it owns that of the row's account."""
    return {name: known for name in account_values(stage) if name in stage.crm_owned}


def contact_owned(stage: Stage) -> dict[str, str]:
    """The same for the primary contact; where the CRM says who that is, a row cannot put another person there.

    Where it does not, the person of the row who takes the place of the one before comes with everything.
    """
    says_who = bool(stage.crm_owned & IDENTITY)
    known = f"{KNOWN} AND c.id IS NOT NULL"
    conditions = {}
    for name in contact_values(stage):
        owned = STAGED.get(name, name) in stage.crm_owned
        if owned:
            conditions[name] = f"({known})" if says_who else f"({known} AND NOT {replaced(stage)})"
        elif says_who:
            conditions[name] = f"({known} AND {replaced(stage)})"
    return conditions


def withheld(values: dict[str, str], owned: dict[str, str]) -> dict[str, str]:
    """The values without those that the CRM has the last word on."""
    return {
        name: f"CASE WHEN {owned[name]} THEN NULL ELSE {value} END" if name in owned else value
        for name, value in values.items()
    }


def held(alias: str, values: dict[str, str], owned: dict[str, str], prefix: str = "") -> tuple[str, list[str]]:
    """Whether a row says anything else than the CRM owns, and ``'column', [old, new]`` pairs of it."""
    others = {name: f"({condition} AND {differs(alias, {name: values[name]})})" for name, condition in owned.items()}
    pairs = [
        f"'{prefix}{name}', CASE WHEN {other} THEN {old_with_new(alias, name, values[name])} END"
        for name, other in others.items()
    ]
    return f"coalesce({any_of(others.values())}, false)", pairs


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
        f"({value} IS NOT NULL AND {kept(alias, name)} IS DISTINCT FROM {value})" for name, value in values.items()
    )


def kept(alias: str, name: str) -> str:
    """What the table has."""
    return f"({alias}.custom -> '{name.removeprefix(CUSTOM)}')" if name.startswith(CUSTOM) else f"{alias}.{name}"


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


def takes_place(stage: Stage) -> str:
    """Whether the row's person becomes the primary contact in place of another one."""
    if not stage.crm_owned & IDENTITY:
        return replaced(stage)
    return f"({replaced(stage)} AND NOT coalesce({KNOWN}, false))"


def old_with_new(alias: str, name: str, value: str) -> str:
    return f"jsonb_build_array(to_jsonb({kept(alias, name)}), to_jsonb({value}))"


def old_and_new(alias: str, values: dict[str, str], prefix: str = "") -> list[str]:
    """Arguments of ``jsonb_build_object``: column, then [old, new] or NULL where the value stays."""
    return [
        f"'{prefix}{name}', CASE WHEN {differs(alias, {name: value})} THEN {old_with_new(alias, name, value)} END"
        for name, value in values.items()
    ]


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
