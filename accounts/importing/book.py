"""The kind ``book``: accounts with primary contact, owner, product, money and renewal (IMP-1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, ClassVar

from django.core.exceptions import ValidationError

from accounts import custom
from accounts.models import Instance, Product
from accounts.ownership import Entity, owned_by_crm
from csworkbench.common import words as say
from csworkbench.imports.cleaning import Directory
from csworkbench.imports.kinds import Change, Context, Field, Kind
from csworkbench.imports.staging import Stage
from csworkbench.tenancy.models import Member, Workspace

from . import applying, comparing
from .account_fields import FIELDS as ACCOUNT_FIELDS
from .contact_fields import FIELDS as CONTACT_FIELDS
from .custom_fields import SORTS, fields_of
from .makers import SUBSCRIPTION
from .statements import CUSTOM, IDS, STAGED, STAGED_CUSTOM
from .subscription_fields import FIELDS as SUBSCRIPTION_FIELDS

NAMED = {
    "owner_id": "member",
    "rsm_id": "member",
    "fmc_lead_id": "member",
    "instance_id": "instance",
    "product": "product",
}
NO_ID = (
    "Choose the column that holds an id: Salesforce ID, LMS ID or Recurly ID."
    " Without one, choose the account and at least one column beside it."
)
MONEY = {"mrr_minor", "otr_minor"}


class Book(Kind):
    """One row per account, or per account and product."""

    key: ClassVar[str] = "book"
    label: ClassVar[str] = "Book"
    about: ClassVar[str] = "Accounts with their CSM, primary contact, product, money and renewal. New ones are created."
    noun: ClassVar[tuple[str, str]] = ("account", "accounts")
    undo_by = "account"
    sorts: ClassVar[Mapping[str, str]] = SORTS
    labels: ClassVar[Mapping[str, str]] = {
        "title": "Contact's title",
        "phone_extension": "Extension",
        "product": "Product",
    }
    fields: ClassVar[tuple[Field, ...]] = (*ACCOUNT_FIELDS, *CONTACT_FIELDS, *SUBSCRIPTION_FIELDS)

    def context(self, workspace: Workspace) -> Context:
        instances = Instance.objects.filter(workspace=workspace).values_list("pk", "name", "key")
        products = Product.objects.filter(workspace=workspace).values_list("pk", "name", "key")
        directories = {
            "instance": Directory("instance", ((pk, name, [key]) for pk, name, key in instances)),
            "product": Directory("product", ((pk, name, [key]) for pk, name, key in products)),
        }
        return replace(
            super().context(workspace),
            directories=directories,
            fields=(*self.fields, *fields_of(workspace)),
            crm_owned=owned_columns(workspace),
        )

    def new_field(self, *, actor: Member, label: str, sort: str) -> str:
        if sort not in self.sorts:
            raise ValidationError(f"A column cannot become a field of the sort “{sort}”.")
        made = custom.add_field(actor=actor, label=" ".join(label.split())[: custom.LABEL_LENGTH], sort=sort)
        return f"{STAGED_CUSTOM}{made.key}"

    def options(self, context: Context) -> dict[str, Any]:
        credentialing = Product.objects.filter(workspace=context.workspace, is_credentialing=True)
        return {
            "only_product": context.directories["product"].only,
            "credentialing": list(credentialing.values_list("pk", flat=True)),
            "currency": context.workspace.currency,
            "today": context.workspace.today,
        }

    def demanded(self, chosen: AbstractSet[str]) -> frozenset[str]:
        """What the file identifies its accounts by: the strongest id that it has, or the name."""
        return frozenset([name for name in (*IDS, "name") if name in chosen][:1])

    def mapping_problems(self, chosen: AbstractSet[str], context: Context) -> list[str]:
        problems = []
        ids = chosen & set(IDS)
        if not ids and ("name" not in chosen or chosen == {"name"}):
            problems.append(NO_ID)
        elif not chosen - ids:
            problems.append("Choose at least one column beside the ids.")
        if "contact" in chosen and {"first_name", "last_name"} & chosen:
            problems.append("The primary contact's name is in one column or in two: choose one way.")
        about = {one.key for one in self.fields if one.group == SUBSCRIPTION and one.key != "product"}
        if about & chosen and "product" not in chosen and context.directories["product"].only is None:
            named = ", ".join(one.label for one in self.fields if one.key in about & chosen)
            problems.append(f"Choose the column that names the product, or leave out {named}.")
        return problems

    def compare(self, stage: Stage, *, lock: bool) -> None:
        comparing.compare(stage, lock=lock)

    def apply(self, stage: Stage) -> None:
        applying.apply(stage)

    def describe(self, changes: Iterable[Mapping[str, list[Any]]], context: Context) -> list[list[Change]]:
        labels = self.labels_of(context)
        return [[self._change(key, pair, labels, context) for key, pair in row.items()] for row in changes]

    def _change(self, key: str, pair: list[Any], labels: Mapping[str, str], context: Context) -> Change:
        if key.startswith(CUSTOM):
            name = key.removeprefix(CUSTOM)
            said = ["" if value is None else custom.in_words(None, value) for value in pair]
            return Change(labels.get(STAGED_CUSTOM + name, name.replace("_", " ")), said[0], said[1])
        column = key.removeprefix("contact.")
        old, new = (self._shown(column, value, context) for value in pair)
        return Change(labels.get(column, column), old, new)

    def _shown(self, column: str, value: Any, context: Context) -> str:
        if value is None or value == "":
            return ""
        if column in MONEY:
            return say.money(value, context.workspace.currency)
        if column in NAMED:
            noun = NAMED[column]
            directory = context.members if noun == "member" else context.directories[noun]
            return directory.name_of(str(value)) or "someone who left"
        return str(value)


def owned_columns(workspace: Workspace) -> frozenset[str]:
    """The staged columns that the CRM has the last word on."""
    owned = owned_by_crm(workspace, Entity.ACCOUNT, Entity.CONTACT)
    columns = {STAGED.get(column, column) if entity == Entity.CONTACT else column for entity, column in owned}
    return frozenset(columns | ({"phone_extension"} if "phone" in columns else set()))
