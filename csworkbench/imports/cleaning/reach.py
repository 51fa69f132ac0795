"""How a person or a company is reached: e-mail, phone, web."""

from __future__ import annotations

import re

import phonenumbers

from .base import BadCell, Cell, Cleaner, as_text

EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
EXTENSION = re.compile(r"[\s,;]*(?:extension|ext|x|#)\s*[.:]?\s*(\d{1,10})\s*$", re.IGNORECASE)
# North America by far the most: ten digits, or eleven after a 1, however they are grouped.
AMERICAN = re.compile(
    r"\s*\+?\s*(?:1[\s.-]*)?\(?([2-9]\d{2})\)?[\s.-]*(\d{3})[\s.-]*(\d{4})"
    r"(?:[\s,;]*(?:extension|ext|x|#)\s*[.:]?\s*(\d{1,10}))?\s*",
    re.IGNORECASE,
)
# No number is longer, and the patterns try every blank of a longer cell against every other.
LONGEST_PHONE = 100
INTERNATIONAL = re.compile(r"\+[1-9]\d{7,14}")
AMERICANS = {"US", "CA", "PR"}
WEB = re.compile(r"(?:https?://)?((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24})(:\d+)?(/\S*)?", re.IGNORECASE)


class Email(Cleaner):
    """An address in lower case."""

    clean_already = EMAIL.pattern
    longest = 254

    def one(self, value: Cell) -> str | None:
        text = str(value).strip().lower().removeprefix("mailto:")
        if len(text) <= 254 and EMAIL.fullmatch(text):
            return text
        if not text:
            return None
        raise BadCell("bad_email", f"“{as_text(value)}” is not an e-mail address.")


class Phone(Cleaner):
    """``(E.164 number, extension)``; possible numbers are taken, whether or not anyone answers there."""

    def __init__(self, region: str) -> None:
        super().__init__()
        self.region = region

    def one(self, value: Cell) -> tuple[str, str] | None:
        text = value if isinstance(value, str) else as_text(value)
        if len(text) > LONGEST_PHONE and len(text := as_text(text)) > LONGEST_PHONE:
            raise self._bad(text)
        if (self.region in AMERICANS or text.startswith("+1")) and (found := AMERICAN.fullmatch(text)):
            return f"+1{found[1]}{found[2]}{found[3]}", found[4] or ""
        text = as_text(text)
        if not text:
            return None
        extension = ""
        if found := EXTENSION.search(text):
            extension, text = found[1], text[: found.start()]
        return self._number(text), extension

    def _number(self, text: str) -> str:
        if text.startswith("+1"):
            raise self._bad(text)
        try:
            # Sheets drop the plus of an international number as they drop a leading zero.
            number = phonenumbers.parse(text, self.region)
        except phonenumbers.NumberParseException:
            raise self._bad(text) from None
        if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
            raise self._bad(text)
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if not INTERNATIONAL.fullmatch(written):
            raise self._bad(text)
        return written

    def _bad(self, text: str) -> BadCell:
        return BadCell("bad_phone", f"“{text}” is not a phone number.")


class Website(Cleaner):
    """An address with its scheme."""

    def one(self, value: Cell) -> str | None:
        text = as_text(value)
        if not text:
            return None
        if len(text) > 190 or not WEB.fullmatch(text):
            raise BadCell("bad_website", f"“{text}” is not a web address.")
        return text if text.lower().startswith(("http://", "https://")) else f"https://{text}"
