"""Old and new values of rows of an account as people read them, by what kind of column holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from accounts.models import Account, Contact, Module, Product
from csworkbench.common.words import SYMBOLS
from csworkbench.imports.kinds import Change, Context
from csworkbench.tenancy.models import Member


class Shown:
    """The words of one page of changes; names of accounts are read once."""

    def __init__(self, model: type[models.Model], labels: Mapping[str, str], context: Context) -> None:
        self.model = model
        self.labels = labels
        self.context = context
        self.accounts: dict[str, str] = {}
        self.contacts: dict[str, str] = {}

    def rows(self, changes: Sequence[Mapping[str, list[Any]]]) -> list[list[Change]]:
        """One list of changes per row."""
        self._read_accounts(changes)
        self._read_contacts(changes)
        return [
            [
                Change(self.label(column), self.text(column, pair[0]), self.text(column, pair[1]))
                for column, pair in row.items()
            ]
            for row in changes
        ]

    def label(self, column: str) -> str:
        if column in self.labels:
            return self.labels[column]
        field = self._field(column)
        return str(field.verbose_name).capitalize() if field is not None else column

    def text(self, column: str, value: Any) -> str:
        """A stored value in words; blank for nothing."""
        if value is None or value in ("", []):
            return ""
        field = self._field(column)
        if isinstance(field, ArrayField):
            words = {str(key): str(word) for key, word in field.base_field.flatchoices}
            return ", ".join(words.get(str(one), str(one)) for one in value)
        if isinstance(field, models.BooleanField):
            return "Yes" if value else "No"
        if isinstance(field, models.ForeignKey):
            return self._named(field.related_model, str(value))
        if isinstance(field, models.DateTimeField):
            return (
                datetime.fromisoformat(value).astimezone(ZoneInfo(self.context.workspace.time_zone)).date().isoformat()
            )
        if column.endswith("_minor"):
            return exact_money(int(value), self.context.workspace.currency)
        words = {str(key): str(word) for key, word in field.flatchoices} if field is not None else {}
        return words.get(str(value), str(value))

    def _field(self, column: str) -> Any:
        try:
            return self.model._meta.get_field(column.removesuffix("_id") if column != "sf_id" else column)
        except FieldDoesNotExist:
            return None

    def _named(self, model: Any, key: str) -> str:
        if model is Member:
            return self.context.members.name_of(key) or "someone who left"
        if model is Account:
            return self.accounts.get(key, "an account that is gone")
        if model is Contact:
            return self.contacts.get(key, "a contact who is gone")
        directory = {Product: "product", Module: "module"}.get(model, "")
        return self.context.directories[directory].name_of(key) if directory in self.context.directories else key

    def _read_accounts(self, changes: Sequence[Mapping[str, list[Any]]]) -> None:
        keys = self._keys_of(Account, changes)
        if keys:
            named = Account.objects.filter(workspace=self.context.workspace, pk__in=keys).values_list("pk", "name")
            self.accounts = {str(pk): name for pk, name in named}

    def _read_contacts(self, changes: Sequence[Mapping[str, list[Any]]]) -> None:
        keys = self._keys_of(Contact, changes)
        if keys:
            known = Contact.objects.filter(workspace=self.context.workspace, pk__in=keys)
            self.contacts = {str(one.pk): one.name for one in known}

    def _keys_of(self, related: type[models.Model], changes: Sequence[Mapping[str, list[Any]]]) -> set[str]:
        """The keys of rows of one model that the changes mention."""
        columns = [
            field.attname
            for field in self.model._meta.concrete_fields
            if isinstance(field, models.ForeignKey) and field.related_model is related
        ]
        return {str(value) for row in changes for column in columns for value in row.get(column, ()) if value}


def exact_money(minor: int, currency: str) -> str:
    """Minor units to the cent: a difference of cents must be seen."""
    sign = "−" if minor < 0 else ""
    amount = f"{abs(minor) // 100:,}.{abs(minor) % 100:02d}"
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{amount}" if symbol else f"{sign}{amount} {currency}"
