"""Handing one message to the mail server, and what may be concluded from its answer or its silence."""

from __future__ import annotations

import contextlib
import hashlib
import smtplib
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any, Literal

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address
from django.template import Context
from django.template.loader import get_template

from .models import OutgoingMail


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt: ``later`` was surely not sent, ``unknown`` may have been."""

    kind: Literal["sent", "later", "failed", "unknown"]
    detail: str = ""


SENT = Outcome("sent")


def message_for(mail: OutgoingMail) -> EmailMultiAlternatives:
    """The message of a row: plain text, HTML if there is any, and always the same Message-ID."""
    headers = {"Message-ID": message_id(mail), "Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(mail.subject, mail.text, settings.DEFAULT_FROM_EMAIL, [mail.to], headers=headers)
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def plain_text(template: str, context: dict[str, Any]) -> str:
    """A template as plain text: nothing is escaped, because nothing reads it as HTML."""
    found = get_template(template).template  # type: ignore[attr-defined]
    return str(found.render(Context(context, autoescape=False))).strip()


def message_id(mail: OutgoingMail) -> str:
    """Derived from the key, so that a mail sent again by a person can be recognised as the same one."""
    digest = hashlib.sha256(f"{mail.workspace_id}:{mail.key}".encode()).hexdigest()[:32]
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{digest}@{domain}>"


def deliver(message: EmailMultiAlternatives) -> Outcome:
    """Send one message now; never raises. Call it outside any transaction: it talks to the network."""
    backend = get_connection()
    try:
        backend.open()
    except Exception as error:  # nothing was sent; even a refused password is ours to repair, not this mail's end
        return Outcome("later", words(error))
    try:
        if isinstance(backend, EmailBackend):
            return converse(backend.connection, message)  # type: ignore[arg-type]
        backend.send_messages([message])
        return SENT
    except Exception as error:  # a file that cannot be written, a message that cannot be encoded
        return refused(error)
    finally:
        close(backend)


def converse(server: smtplib.SMTP, message: EmailMultiAlternatives) -> Outcome:
    """The SMTP dialogue in its steps: silence means "not sent" until DATA, "unknown" from DATA on."""
    body = message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
    try:
        server.ehlo_or_helo_if_needed()
        code, answer = server.mail(sanitize_address(message.from_email, "utf-8"))
        if code == 250:
            code, answer = server.rcpt(sanitize_address(message.to[0], "utf-8"))
        if code not in {250, 251}:
            return by_code(code, answer)
    except Exception as error:  # time-outs and dropped lines alike
        return refused(error)
    try:
        code, answer = server.data(body)
    except smtplib.SMTPDataError as error:
        return by_code(error.smtp_code, error.smtp_error)
    except Exception as error:  # the message may be on its way
        return Outcome("unknown", f"No answer after the message was handed over: {words(error)}")
    return SENT if code == 250 else by_code(code, answer)


def refused(error: Exception) -> Outcome:
    """An error before anything was handed over: final if the server said so or the message is at fault."""
    if isinstance(error, smtplib.SMTPResponseException):
        return by_code(error.smtp_code, error.smtp_error)
    if isinstance(error, (OSError, smtplib.SMTPException)):
        return Outcome("later", words(error))
    return Outcome("failed", words(error))


def by_code(code: int, answer: bytes | str) -> Outcome:
    """4xx asks to come back, 5xx is final; an answer outside the protocol is tried again."""
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return Outcome("failed" if 500 <= code < 600 else "later", f"{code} {text}".strip())


def words(error: Exception) -> str:
    """An error as a line for people."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def close(backend: object) -> None:
    """Hang up; a server that has gone already is no news."""
    with contextlib.suppress(Exception):  # the outcome is known by now
        backend.close()  # type: ignore[attr-defined]
