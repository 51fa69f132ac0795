"""What a visitor finds on a page: its forms with their fields, and the query parameters of its links."""

from __future__ import annotations

from collections.abc import Callable
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


# Days that may not be to come, days that come later than others, and names that have to be somebody's.
BY_NAME: dict[str, Callable[[], str]] = {
    "phone": lambda: PLAUSIBLE["tel"],
    "validity_on": lambda: day(0),
    "measured_on": lambda: day(0),
    "ended_on": lambda: "",
    "renews_on": lambda: day(40),
    "target": lambda: "2",
    "payer_named": lambda: "",
    "billed_to": lambda: "",
    "decided_at": lambda: "",
    "parent": lambda: "",
}
# Boxes of a list of which at least one is wanted.
CHOSEN = {"chosen", "copied"}


def day(ahead: int) -> str:
    return (clock.now() + timedelta(days=ahead)).date().isoformat()


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
        if self.name == "phone" or (not self.value and self.name in BY_NAME):
            return BY_NAME[self.name]()
        if self.value or self.kind in {"hidden", "checkbox", "button"}:
            return self.value
        if self.options:
            # The first product is the one that is owned.
            among = reversed(self.options) if self.name == "product" else self.options
            return next((option for option in among if option), "")
        if self.kind == "date":
            return day(5)
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
        filled = {one.name: one.plausible() for one in self.fields.values() if one.sent or self._picked(one)}
        # Either one of ours or one of theirs does it.
        if {"member", "contact", "goal"} <= filled.keys():
            filled["member" if "contact" in changes else "contact"] = ""
        return filled | changes

    @staticmethod
    def _picked(one: Field) -> bool:
        return one.kind == "radio" or one.name in CHOSEN


class Page(HTMLParser):
    """Reads forms and links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.named: dict[str, Form] = {}
        self.links: set[str] = set()
        self._open: Form | None = None
        # Controls that stand before the form they belong to, by its id.
        self._early: dict[str, list[tuple[str, dict[str, str]]]] = {}
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
            for early in self._early.pop(given.get("id", ""), []):
                self._control(*early)
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
        if "form" in given and given["form"] not in self.named:
            self._early.setdefault(given["form"], []).append((tag, given))
            return
        owner = self.named.get(given["form"]) if "form" in given else self._open
        kind = given.get("type", "text") if tag == "input" else tag
        if owner is not None and (kind == "submit" or (tag == "button" and given.get("type", "submit") == "submit")):
            self._sending(owner, given.get("formaction", ""))
        one = Field(given.get("name", ""), kind, given.get("value", ""))
        if kind in {"checkbox", "radio"}:
            one.sent = "checked" in given
        if kind == "file":
            one.sent = False
        self._select = one if tag == "select" else self._select
        if owner is None or one.name in {"", "csrfmiddlewaretoken"}:
            return
        self._add(owner, one)

    @staticmethod
    def _add(owner: Form, one: Field) -> None:
        """A field of a form; boxes of one name are one field with options."""
        known = owner.fields.get(one.name)
        if known is None:
            owner.fields[one.name] = one
        elif one.kind in {"checkbox", "radio"}:
            known.options.append(one.value)
            if one.sent:
                known.value, known.sent = one.value, True

    def _sending(self, owner: Form, action: str) -> None:
        """A button that sends its form, or the same fields to an address of its own."""
        if action:
            self.forms.append(Form(owner.method, action, can_be_sent=True, fields=owner.fields))
        else:
            owner.can_be_sent = True

    @staticmethod
    def _option(select: Field, given: dict[str, str]) -> None:
        select.options.append(given.get("value", ""))
        if "selected" in given:
            select.value = given.get("value", "")


def forms_of(text: str) -> list[Form]:
    return Page(text).forms
