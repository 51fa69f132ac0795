"""What a visitor finds on a page: its forms with their fields, and the query parameters of its links."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

from csworkbench.common import clock

PLAUSIBLE = {
    "email": "new.person@example.org",
    "number": "1",
    "url": "https://www.example.org/",
    "tel": "+13125550123",
    "text": "Plain",
    "search": "Plain",
    "textarea": "Plain",
}


@dataclass
class Field:
    """A named control: what would be sent, and what else could be chosen."""

    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)
    sent: bool = True

    def plausible(self) -> str:
        """Its value, or one that a person might enter."""
        if self.name == "phone":
            return PLAUSIBLE["tel"]
        if self.value or self.kind in {"hidden", "checkbox", "button"}:
            return self.value
        if self.options:
            return next((option for option in self.options if option), "")
        if self.kind == "date":
            return (clock.now() + timedelta(days=5)).date().isoformat()
        return PLAUSIBLE.get(self.kind, "")


@dataclass
class Form:
    """One form of a page."""

    method: str
    action: str
    can_be_sent: bool = False
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the fields that take a file."""
        return tuple(one.name for one in self.fields.values() if one.kind == "file")

    def data(self, **changes: str) -> dict[str, str]:
        """What a browser would send, after a person filled in the blanks."""
        return {one.name: one.plausible() for one in self.fields.values() if one.sent or one.kind == "radio"} | changes


class Page(HTMLParser):
    """Reads forms and links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.named: dict[str, Form] = {}
        self.links: set[str] = set()
        self._open: Form | None = None
        self._select: Field | None = None
        self.feed(text)

    @property
    def parameters(self) -> set[str]:
        """Names of query parameters in links and searching forms."""
        found = {name for link in self.links for name, _ in parse_qsl(urlsplit(link).query, keep_blank_values=True)}
        return found | {name for form in self.forms if form.method == "get" for name in form.fields}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("method", "get").lower(), given.get("action", ""))
            self.forms.append(self._open)
            self.named[given.get("id", "")] = self._open
        elif tag == "a":
            self.links.add(given.get("href", ""))
        elif tag == "option" and self._select is not None:
            self._option(self._select, given)
        elif tag in {"input", "select", "textarea", "button"} and "disabled" not in given:
            self._control(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None

    def _control(self, tag: str, given: dict[str, str]) -> None:
        owner = self.named.get(given["form"]) if "form" in given else self._open
        kind = given.get("type", "text") if tag == "input" else tag
        if owner is not None and (kind == "submit" or (tag == "button" and given.get("type", "submit") == "submit")):
            owner.can_be_sent = True
        one = Field(given.get("name", ""), kind, given.get("value", ""))
        if kind in {"checkbox", "radio"}:
            one.sent = "checked" in given
        if kind == "file":
            one.sent = False
        self._select = one if tag == "select" else self._select
        if owner is None or one.name in {"", "csrfmiddlewaretoken"}:
            return
        known = owner.fields.get(one.name)
        if known is None:
            owner.fields[one.name] = one
        elif kind in {"checkbox", "radio"}:
            known.options.append(one.value)
            if one.sent:
                known.value, known.sent = one.value, True

    @staticmethod
    def _option(select: Field, given: dict[str, str]) -> None:
        select.options.append(given.get("value", ""))
        if "selected" in given:
            select.value = given.get("value", "")


def forms_of(text: str) -> list[Form]:
    return Page(text).forms
