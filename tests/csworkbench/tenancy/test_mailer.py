"""Handing a message to a mail server that answers, refuses, hangs or goes away at each step."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail as django_mail

from csworkbench.tenancy.mailer import deliver, message_for, message_id, plain_text
from csworkbench.tenancy.models import OutgoingMail

from .smtp_sink import Sink, running


def a_mail(**fields: Any) -> OutgoingMail:
    defaults = {"key": "invitation:1", "to": "rosa@example.org", "subject": "Hello Rosa", "text": "Text\n.\nend"}
    return OutgoingMail(workspace_id=7, **defaults | fields)


@pytest.fixture
def smtp(settings: Any) -> Any:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 0.5
    settings.DEFAULT_FROM_EMAIL = "CS Workbench <workbench@example.org>"
    return settings


def send(settings: Any, sink: Sink, **fields: Any) -> tuple[str, str]:
    settings.EMAIL_PORT = sink.port
    outcome = deliver(message_for(a_mail(**fields)))
    return outcome.kind, outcome.detail


class TestDelivery:
    def test_the_message_arrives_as_written(self, smtp: Any) -> None:
        with running() as sink:
            assert send(smtp, sink, html="<p>Hello</p>") == ("sent", "")
        message = sink.messages[0]
        assert (message["To"], message["From"]) == ("rosa@example.org", "CS Workbench <workbench@example.org>")
        assert message["Subject"] == "Hello Rosa"
        assert message["Message-ID"] == message_id(a_mail())
        assert message["Auto-Submitted"] == "auto-generated"
        text, html = message.iter_parts()
        assert text.get_content().splitlines() == ["Text", ".", "end"]
        assert html.get_content().strip() == "<p>Hello</p>"

    def test_the_message_id_comes_from_workspace_and_key(self) -> None:
        assert message_id(a_mail()) == message_id(a_mail(to="other@example.org"))
        assert message_id(a_mail()) != message_id(a_mail(key="invitation:2"))
        assert message_id(a_mail()).endswith("@example.org>")

    @pytest.mark.parametrize(
        ("step", "reply", "kind"),
        [
            ("connect", "421 busy", "later"),
            ("connect", "554 go away", "later"),
            ("connect", "hang", "later"),
            ("connect", "drop", "later"),
            ("mail", "451 local error", "later"),
            ("mail", "552 too much", "failed"),
            ("mail", "hang", "later"),
            ("mail", "drop", "later"),
            ("rcpt", "450 greylisted", "later"),
            ("rcpt", "550 no such mailbox", "failed"),
            ("rcpt", "hang", "later"),
            ("rcpt", "drop", "later"),
            ("data", "451 not now", "later"),
            ("data", "554 no", "failed"),
            ("message", "452 disk full", "later"),
            ("message", "554 looks like spam", "failed"),
            ("message", "hang", "unknown"),
            ("message", "drop", "unknown"),
        ],
    )
    def test_what_an_answer_or_silence_means(self, smtp: Any, step: str, reply: str, kind: str) -> None:
        with running(**{step: reply}) as sink:
            got, detail = send(smtp, sink)
        assert got == kind
        if reply[0].isdigit() and step != "connect":
            assert detail == reply

    def test_nobody_listening_is_tried_later(self, smtp: Any) -> None:
        with running() as sink:
            port = sink.port
        smtp.EMAIL_PORT = port
        assert deliver(message_for(a_mail())).kind == "later"

    def test_a_wrong_password_is_ours_to_repair(self, smtp: Any) -> None:
        smtp.EMAIL_HOST_USER, smtp.EMAIL_HOST_PASSWORD = "workbench", "wrong"
        with running() as sink:
            assert send(smtp, sink)[0] == "later"
        assert sink.messages == []

    def test_a_header_that_would_inject_another_is_final(self, smtp: Any) -> None:
        with running() as sink:
            assert send(smtp, sink, subject="Hello\r\nBcc: everyone@example.org")[0] == "failed"
        assert sink.messages == []


class TestOtherBackends:
    def test_mail_may_go_to_files(self, settings: Any, tmp_path: Any) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
        settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
        assert deliver(message_for(a_mail())).kind == "sent"
        assert "Hello Rosa" in next((tmp_path / "mail").iterdir()).read_text()

    def test_and_to_memory_in_tests(self) -> None:
        assert deliver(message_for(a_mail())).kind == "sent"
        assert django_mail.outbox[0].subject == "Hello Rosa"


def test_plain_text_escapes_nothing() -> None:
    context = {"email": "o'neill@example.org", "request": None, "current_site": None}
    assert "o'neill@" in plain_text("account/email/unknown_account_message.txt", context)
