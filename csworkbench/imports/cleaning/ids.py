"""Identifiers of other systems: text, whatever a sheet made of them."""

from __future__ import annotations

import re
from itertools import product

from .base import BadCell, Cell, Cleaner, as_text

SF_SHAPE = re.compile(r"[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?")
SF_LOOSE = re.compile(r"[A-Za-z0-9]{18}")
DIGITS = re.compile(r"[0-9]{1,7}")
TEXT_ID = re.compile(r"[!-~]{1,50}")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
# Which of five characters are capitals, first character lowest, gives one character of the suffix.
SUFFIX = {"".join(bits): LETTERS[int("".join(reversed(bits)), 2)] for bits in product("01", repeat=5)}
CAPITALS = {code: "1" if chr(code).isupper() else "0" for code in range(128)}


def suffix_of(short: str) -> str:
    """The three characters that make a 15-character Salesforce id safe where case is lost."""
    bits = short.translate(CAPITALS)
    return SUFFIX[bits[:5]] + SUFFIX[bits[5:10]] + SUFFIX[bits[10:]]


def with_case_of_suffix(text: str) -> str | None:
    """The 18-character id that lost the case of its letters, restored from its suffix; None if it does not fit."""
    suffix = text[15:].upper()
    if any(character not in LETTERS for character in suffix):
        return None
    bits = "".join(f"{LETTERS.index(character):05b}"[::-1] for character in suffix)
    restored = "".join(
        letter.upper() if bit == "1" else letter.lower() for letter, bit in zip(text[:15], bits, strict=True)
    )
    return restored + suffix if suffix_of(restored) == suffix else None


class SalesforceId(Cleaner):
    """18 characters, case-sensitive; 15 are completed, anything else is refused."""

    def one(self, value: Cell) -> str | None:
        text = value.strip() if isinstance(value, str) else as_text(value)
        if not text:
            return None
        if SF_SHAPE.fullmatch(text):
            suffix = suffix_of(text[:15])
            if len(text) == 15:
                return text + suffix
            if text[15:] == suffix:
                return text
        if SF_LOOSE.fullmatch(text):
            restored = with_case_of_suffix(text)
            raise BadCell(
                "bad_sf_id",
                "The capitals of this Salesforce ID do not fit its last three characters: their case was lost.",
                [restored] if restored else [],
            )
        if len(text) < 15:
            raise BadCell("short_id", f"A Salesforce ID has 18 characters (or 15), this one {len(text)}.")
        raise BadCell("bad_sf_id", "A Salesforce ID has 18 letters and digits (or 15).")


class DigitsId(Cleaner):
    """Seven digits; a numeric cell has lost the leading zeros and gets them back."""

    def one(self, value: Cell) -> str | None:
        text = as_text(value)
        if DIGITS.fullmatch(text):
            return text.zfill(7)
        if not text:
            return None
        raise BadCell("bad_lms_id", "An LMS ID has seven digits.")


class TextId(Cleaner):
    """Any id without spaces, at most 50 characters."""

    clean_already = TEXT_ID.pattern
    longest = 50

    def one(self, value: Cell) -> str | None:
        text = as_text(value)
        if TEXT_ID.fullmatch(text):
            return text
        if not text:
            return None
        raise BadCell("bad_id", "This ID has a space or a special character, or more than 50 characters.")
