"""One hostile request at a time: sent through the whole middleware, rolled back, its answer judged."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client, RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, ClientHandler, encode_multipart

from csworkbench.tenancy.models import Member

from .world import FOREIGN, UUID_TEXT, Side, everything_of

# What is another one each time: tokens of forms, and the secret of a new API token.
TOKEN = re.compile(
    r"(csrfmiddlewaretoken\" value=\"|X-CSRFToken&quot;: &quot;|\"X-CSRFToken\": \"|class=\"secret\">)[\w-]+"
)
# Cookies that are a signature or a secret; what messages say is read on the page that shows them.
SIGNED = frozenset({"csrf", "session", "messages"})
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Visitor:
    """Somebody with a browser: a member of the own workspace, of both, or nobody."""

    name: str
    cookies: str = ""
    number: int = 0
    belongs_to_both: bool = False


ANONYMOUS = Visitor("anonymous")


def sign_in(name: str, member: Member, number: int, *, belongs_to_both: bool = False) -> Visitor:
    """A visitor whose session is kept in the database; call it where that may be committed."""
    client = Client()
    client.force_login(member.user)
    return Visitor(name, client.cookies.output(header="", sep=";").strip(), number, belongs_to_both)


@dataclass(frozen=True)
class Ask:
    """A request; ``data`` is the body of an unsafe one and the query of a safe one."""

    who: Visitor
    method: str
    path: str
    data: Mapping[str, str] = field(default_factory=dict)
    htmx: bool = False
    files: tuple[str, ...] = ()

    def __str__(self) -> str:
        body = f" {dict(self.data)}" if self.data else ""
        return f"{self.who.name} {'htmx ' if self.htmx else ''}{self.method} {self.path}{body}"

    @property
    def said(self) -> str:
        """Everything the request itself contains, which an answer may repeat."""
        return f"{self.path} {' '.join(self.data.values())}".lower()


@dataclass(frozen=True)
class Answer:
    """What came back, and what the transaction held at that moment."""

    status: int
    text: str
    location: str
    error: str
    foreign_changed: bool
    own_rows: list[str]

    @cached_property
    def lowered(self) -> str:
        return self.text.lower()

    def like(self, *mine: str) -> tuple[int, str]:
        """Status and bytes without tokens and without the identifiers of the request itself."""
        text = TOKEN.sub(r"\1", self.text)
        for one in mine:
            text = text.replace(one, "…")
        return self.status, text


class Browser:
    """Sends requests inside a transaction that is rolled back, so that each starts from the same rows."""

    def __init__(self, own: Side, foreign: Side) -> None:
        self.own, self.foreign = own, foreign
        self.asked = 0
        self._factory = RequestFactory()
        self.handler = ClientHandler(enforce_csrf_checks=False)
        self._errors: list[str] = []
        # Pages that redirects led to, by visitor, address and message; clear it to see one anew.
        self.followed: dict[tuple[str, str, str], str] = {}
        with transaction.atomic():
            self.before = everything_of(foreign)
            transaction.set_rollback(True)

    def ask(self, ask: Ask, *, keep_rows: bool = False) -> Answer:
        """Send one request; ``keep_rows`` reads the own workspace's rows before they are rolled back."""
        with transaction.atomic():
            response = self._send(ask)
            followed = self._follow(ask, response) if ask.method in UNSAFE else ""
            answer = Answer(
                status=response.status_code,
                text=f"{text_of(response)}\n{followed}",
                location=response.headers.get("Location", ""),
                error=" ".join(self._errors),
                foreign_changed=self._wrote() and everything_of(self.foreign) != self.before,
                own_rows=everything_of(self.own) if keep_rows else [],
            )
            transaction.set_rollback(True)
        self._errors.clear()
        return answer

    def _send(self, ask: Ask, cookies: str = "") -> HttpResponseBase:
        self.asked += 1
        extra: dict[str, Any] = {"HTTP_COOKIE": cookies or ask.who.cookies}
        if ask.htmx:
            extra |= {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "board"}
        if ask.method in UNSAFE:
            request = self._factory.generic(ask.method, ask.path, *body_of(ask), **extra)
        else:
            request = self._factory.generic(ask.method, ask.path, QUERY_STRING=urlencode(ask.data), **extra)
        got_request_exception.connect(self._note)
        try:
            return self.handler(request.environ)
        finally:
            got_request_exception.disconnect(self._note)

    def _follow(self, ask: Ask, response: HttpResponseBase) -> str:
        """The page a redirect leads to, with the message it carries; only within the own workspace, and each once."""
        location = response.headers.get("Location", "")
        if response.status_code != 302 or not location.startswith("/w/"):
            return ""
        kept = "; ".join(f"{name}={morsel.value}" for name, morsel in response.cookies.items() if morsel.value)
        if (ask.who.name, location, kept) not in self.followed:
            path, _, query = location.partition("?")
            again = Ask(ask.who, "GET", path, dict(parse_qsl(query)))
            self.followed[ask.who.name, location, kept] = text_of(self._send(again, f"{ask.who.cookies}; {kept}"))
        return self.followed[ask.who.name, location, kept]

    def _note(self, **kwargs: Any) -> None:
        kind, error, _ = sys.exc_info()
        self._errors.append(f"{getattr(kind, '__name__', kind)}: {error}"[:300])

    @staticmethod
    def _wrote() -> bool:
        """Whether the transaction has written anything at all: PostgreSQL gives it a number only then."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
            return bool(cursor.fetchone()[0])


def body_of(ask: Ask) -> tuple[bytes, str]:
    """The body of an unsafe request and its content type; a file is a small sheet."""
    if not ask.files:
        return urlencode(ask.data).encode(), "application/x-www-form-urlencoded"
    files = {name: SimpleUploadedFile("book.csv", b"Account,Segment\nPlain words,Plain\n") for name in ask.files}
    return encode_multipart(BOUNDARY, {**ask.data, **files}), MULTIPART_CONTENT


def text_of(response: HttpResponseBase) -> str:
    """Body and headers as text; a spreadsheet is unpacked."""
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b"\n".join(archive.read(name) for name in archive.namelist())
    cookies = "\n".join(str(morsel.value) for name, morsel in response.cookies.items() if name not in SIGNED)
    return f"{body.decode('utf-8', 'replace')}\n{headers}\n{cookies}"


def leaks(ask: Ask, answer: Answer, foreign: Side) -> list[str]:
    """What of the foreign workspace an answer contains that the request did not."""
    found = []
    text = answer.lowered
    if ask.who.belongs_to_both:  # the switch names the workspaces of the user
        text = text.replace(foreign.workspace.name, "").replace(foreign.slug, "")
    if FOREIGN in text and FOREIGN not in ask.said:
        at = text.index(FOREIGN)
        found.append(f"{ask}: {answer.status} shows {text[max(at - 40, 0) : at + 30]!r}")
    if foreign.slug in text and foreign.slug not in ask.said:
        found.append(f"{ask}: {answer.status} names the other workspace")
    ids = {one for one in UUID_TEXT.findall(text) if one in foreign.ids and one not in ask.said}
    if ids:
        found.append(f"{ask}: {answer.status} contains identifiers {sorted(ids)[:3]}")
    if answer.foreign_changed:
        found.append(f"{ask}: {answer.status} changed the other workspace")
    if answer.status >= 500:
        found.append(f"{ask}: {answer.status} {answer.error}")
    pointing = {one for line in answer.own_rows for one in UUID_TEXT.findall(line) if one in foreign.ids}
    if pointing:
        found.append(f"{ask}: {answer.status} own rows now point at {sorted(pointing)[:3]}")
    return found
