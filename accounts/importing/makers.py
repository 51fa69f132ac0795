"""Cleaners that several fields share, made for the workspace of an import."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from csworkbench.imports.cleaning import Choice, Cleaner, Date, Lookup, Money, Text
from csworkbench.imports.kinds import Context

ACCOUNT, CONTACT, SUBSCRIPTION = "Account", "Primary contact", "Subscription"
MONTH_FIRST = {"US", "PR", "PH"}
Make = Callable[[Context], Cleaner]


def text(limit: int, *, repeats: bool = False) -> Make:
    return lambda context: Text(limit, repeats=repeats)


def choice(label: str, shown: Mapping[str, str], answers: Mapping[str, str]) -> Make:
    return lambda context: Choice(label, answers, shown)


def day(context: Context) -> Cleaner:
    return Date(month_first=context.workspace.phone_region in MONTH_FIRST)


def money(context: Context) -> Cleaner:
    return Money(context.workspace.currency)


def member(context: Context) -> Cleaner:
    return Lookup(context.members)


def named(directory: str) -> Make:
    return lambda context: Lookup(context.directories[directory])


def words(choices: list[tuple[str, str]]) -> dict[str, str]:
    """Choices of a model without the blank one."""
    return {str(value): str(word) for value, word in choices if value}
