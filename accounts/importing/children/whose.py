"""The fields that say which account a row belongs to, and how their cells are read."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.importing.makers import ACCOUNT
from accounts.search import normalise_name
from csworkbench.imports.cleaning import BadCell, Cell, Clean, Cleaner, DigitsId, SalesforceId, Text, TextId
from csworkbench.imports.kinds import Field

ACCOUNT_KEYS = ("sf_id", "lms_id", "billing_id", "account_id", "account")


class AsWritten(Cleaner):
    """``(clean value, the cell as text)``: a correction is found again by what the cell says."""

    def __init__(self, cleaner: Cleaner) -> None:
        super().__init__()
        self.cleaner = cleaner
        self.text = Text(1000)

    def column(self, values: Sequence[Cell]) -> tuple[list[Clean], list[tuple[int, BadCell]]]:
        clean, bad = self.cleaner.column(values)
        return [
            None if found is None else (str(found), str(self.text.one(value)))
            for found, value in zip(clean, values, strict=True)
        ], bad


class AccountName(Cleaner):
    """``(name, name as it is searched)``."""

    def __init__(self) -> None:
        super().__init__()
        self.text = Text(200)

    def column(self, values: Sequence[Cell]) -> tuple[list[Clean], list[tuple[int, BadCell]]]:
        names, bad = self.text.column(values)
        return [None if name is None else (str(name), normalise_name(str(name))) for name in names], bad


def salesforce_field(prefix: str) -> Field:
    """The account's Salesforce ID; ``prefix`` comes before the label where "Salesforce ID" is another one."""
    return Field(
        "sf_id",
        f"{prefix}Salesforce ID",
        ACCOUNT,
        {"account_sf_id": "text", "account_sf_id_written": "text"},
        lambda context: AsWritten(SalesforceId()),
        ("sf account id", "salesforce account id", "salesforce account", "sfdc account id", "account sf id",
         "account salesforce id", "account id 18", "18 digit account id")
        + (() if prefix else ("sf id", "sfdc id")),
        "Of the account: 18 characters; upper and lower case count.",
        "001A6eEfujfoRnxICE",
        telling=True,
    )  # fmt: skip


OTHERS: tuple[Field, ...] = (
    Field(
        "lms_id",
        "LMS ID",
        ACCOUNT,
        {"account_lms_id": "text", "account_lms_id_written": "text"},
        lambda context: AsWritten(DigitsId()),
        ("lms", "lms account id", "lms number", "learning id", "account lms id"),
        "Of the account: seven digits.",
        "0000323",
    ),
    Field(
        "billing_id",
        "Recurly ID",
        ACCOUNT,
        {"account_billing_id": "text", "account_billing_id_written": "text"},
        lambda context: AsWritten(TextId()),
        ("recurly", "recurly account", "recurly account code", "billing id", "billing account",
         "billing account id", "account code"),
        "The account's id in the billing system.",
        "rec-468328",
    ),
    Field(
        "account_id",
        "Account ID",
        ACCOUNT,
        {"account_key": "text"},
        lambda context: TextId(),
        ("accountid", "account number", "account no", "company id", "customer id", "client id",
         "associated company id", "associated company ids", "associated company ids primary",
         "primary company id"),
        "Any of the account's ids, where the sheet does not say of which system.",
        "rec-468328",
        alternative=True,
    ),
    Field(
        "account",
        "Account",
        ACCOUNT,
        {"account_name": "text", "account_search": "text"},
        lambda context: AccountName(),
        ("account name", "company", "company name", "associated company", "associated company name",
         "associated company primary", "primary associated company", "customer",
         "customer name", "client", "client name", "organization", "organization name"),
        "The account's name, where no id is at hand and only one account has that name.",
        "Willow Urgent Care #24",
    ),
)  # fmt: skip


def account_fields(prefix: str = "") -> tuple[Field, ...]:
    """Every way to name the account of a row, the strongest first."""
    return (salesforce_field(prefix), *OTHERS)
