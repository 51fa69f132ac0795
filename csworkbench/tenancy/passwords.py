"""Passwords people may not choose: breached ones, small steps from one, and the names of the place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from .models import Member, User, Workspace
from .scope import current_scope, user_scope

PRODUCT_WORDS = frozenset({"csworkbench", "workbench", "customersuccess"})
# Each row is one way a finger runs; both directions count.
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "012345678901234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
)
RUNS = ROWS + tuple(row[::-1] for row in ROWS)
RUN = 4
LEET = str.maketrans("034578@$+!|", "oeastbastil")
LEET_ONE = (str.maketrans("1", "i"), str.maketrans("1", "l"))
REMAINDER = 4

BREACHED = "This password is on the lists of breached ones, or one small step from it. Use four unrelated words."
NAMED = "This password is built from names anyone here knows. Use four unrelated words."


class BreachListValidator:
    """Refuse what a guesser tries first, without asking a service (ADM, reliability.md T18).

    Django's list of 20,000 breached passwords, looked up after undoing what people do to pass a check:
    capitals, ``p@55w0rd``, digits and marks around a word, a word written twice, two listed words in a row,
    keyboard runs. The names of the product, of the user and of the user's workspaces add nothing to a password either.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ``ValidationError`` (``password_breached`` or ``password_named``) for a guessable password."""
        words = breached()
        typed = unicodedata.normalize("NFKC", password).casefold()
        if is_poor(typed) or any(is_listed(reading, words) for reading in readings(typed)):
            raise ValidationError(BREACHED, code="password_breached")
        known = context_words(user)
        for reading in readings(typed):
            left = remainder(reading, known)
            if left != reading and (len(left) < REMAINDER or is_listed(left, words)):
                raise ValidationError(NAMED, code="password_named")

    def get_help_text(self) -> str:
        return "It must not be on the lists of breached passwords, nor a small step from one."


@cache
def breached() -> frozenset[str]:
    """Django's list of breached passwords, in lower case."""
    return frozenset(CommonPasswordValidator().passwords)


def is_poor(typed: str) -> bool:
    """Whether there is little in it to guess: no letters, few different characters, mostly runs of keys."""
    return (
        not re.search(r"[^\W\d_]", typed)
        or len(set(typed)) <= REMAINDER
        or len(without_runs(repeated_unit(typed))) < REMAINDER
    )


def readings(typed: str) -> Iterator[str]:
    """The password as a guesser reads it: as typed, without marks around it, leet undone, letters only."""
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", typed)
    seen = set()
    for text in (typed, repeated_unit(typed), core):
        for plain in (text, *(text.translate(one).translate(LEET) for one in LEET_ONE)):
            for reading in (plain, re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain), re.sub(r"[\W\d_]+", "", plain)):
                unit = repeated_unit(reading)
                if len(unit) >= REMAINDER and unit not in seen:
                    seen.add(unit)
                    yield unit


def repeated_unit(text: str) -> str:
    """The shortest piece whose repetition is the text: ``abcabc`` → ``abc``."""
    at = (text + text).find(text, 1)
    return text[:at] if 0 < at < len(text) else text


def is_listed(reading: str, words: frozenset[str]) -> bool:
    """Whether a reading is a breached password, or two of them in a row."""
    if reading in words:
        return True
    return any(reading[:cut] in words and reading[cut:] in words for cut in range(RUN, len(reading) - RUN + 1))


def without_runs(text: str) -> str:
    """The text without runs of four or more neighbouring keys, letters or digits."""
    kept, at = "", 0
    while at < len(text):
        length = run_length(text, at)
        kept, at = (kept, at + length) if length >= RUN else (kept + text[at], at + 1)
    return kept


def run_length(text: str, start: int) -> int:
    """How many characters from ``start`` follow one row of keys, the alphabet or the digits."""
    longest = 1
    for run in RUNS:
        length = 1
        while start + length < len(text) and text[start : start + length + 1] in run:
            length += 1
        longest = max(longest, length)
    return longest


def remainder(reading: str, known: frozenset[str]) -> str:
    """The letters left of a reading without the words everyone knows; the reading itself if it has none."""
    left = reading
    for word in sorted(known, key=len, reverse=True):
        left = left.replace(word, "")
    return reading if left == reading else re.sub(r"[\W\d_]+", "", left)


def context_words(user: User | None) -> frozenset[str]:
    """The names of product, user and workspaces, in lower case, of four letters or more."""
    names = [*PRODUCT_WORDS]
    if user is not None:
        names += [user.email.partition("@")[0], user.name]
    for workspace in workspaces_around(user):
        names += [workspace.slug, workspace.name]
    words = set()
    for name in names:
        parts = re.findall(r"[^\W\d_]+", name.casefold())
        words |= {*parts, "".join(parts)}
    return frozenset(word for word in words if len(word) >= REMAINDER)


def workspaces_around(user: User | None) -> list[Workspace]:
    """The open workspace (an invitation being accepted), or those the user belongs to."""
    scope = current_scope()
    if scope is not None and scope.workspace_id is not None:
        return list(Workspace.objects.filter(pk=scope.workspace_id))
    if user is None or user._state.adding:
        return []
    with user_scope(user.pk):
        mine = Member.objects.filter(user=user.pk, is_active=True)
        return list(Workspace.objects.filter(pk__in=mine.values_list("workspace_id", flat=True)))
