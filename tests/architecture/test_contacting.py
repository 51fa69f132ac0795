"""One gate before anybody is called or mailed: links to contacts are built there, and senders ask it (ACC-3)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pytest

from .house import Source, assert_none, product, sample
from .test_sql import names_of
from .test_templates import COMMENT, Page, pages

GATE = "accounts.people.contacting"
LINK = re.compile(r"(?<![\w-])(?:mailto|tel|sms|callto|sip|whatsapp):(?=[\w{+%\"'] ?)", re.IGNORECASE)
# Modules where such a scheme stands without building a link to a contact, and why.
READS_LINKS: dict[str, str] = {
    "csworkbench.imports.cleaning.reach": "takes the scheme off an address that a sheet has with it",
}
# What puts a mail on its way, by name.
SENDING = {
    "send_mail", "send_mass_mail", "EmailMessage", "EmailMultiAlternatives", "OutgoingMail", "queue_mail", "smtplib",
    "get_connection",
}  # fmt: skip
# Senders that never write to a contact, and to whom they write.
TO_OTHERS: dict[str, str] = {
    "csworkbench.tenancy": "invitations and notices to members, and the queue of mail itself",
    "csworkbench.imports.services.asking": "asks members who may approve an import",
}


def linking(sources: Sequence[Source], templates: Sequence[Page]) -> list[str]:
    """Links to call or mail somebody that are built outside the gate."""
    found = [
        f"{source.path}: {match[0]}"
        for source in sources
        if source.module != GATE and source.module not in READS_LINKS
        for match in LINK.finditer(source.text)
    ]
    return found + [
        f"{page.name}:{page.line_of(match.start())} {match[0]}"
        for page in templates
        for match in LINK.finditer(COMMENT.sub("", page.text))
    ]


def sending(sources: Sequence[Source], others: Mapping[str, str]) -> list[str]:
    """Modules that can send mail, write to somebody else than ``others`` say, and never ask the gate."""
    found = []
    for source in sources:
        if source.is_migration or any(source.module == one or source.module.startswith(f"{one}.") for one in others):
            continue
        used = sorted({name for name, _ in names_of(source)} & SENDING)
        if used and "contacting" not in source.text:
            found.append(f"{source.path} uses {', '.join(used)} and never asks {GATE}")
    return found


class TestTheHouse:
    def test_links_are_built_by_the_gate_alone(self) -> None:
        assert_none(linking(product(), pages()))

    def test_senders_ask_the_gate(self) -> None:
        assert_none(sending(product(), TO_OTHERS))

    def test_exceptions_are_still_needed(self) -> None:
        modules = {source.module: source for source in product()}
        assert_none(one for one in TO_OTHERS if not sending([modules[each] for each in modules if each == one or
                                                             each.startswith(f"{one}.")], {}))  # fmt: skip
        assert_none(one for one in READS_LINKS if one not in modules or not LINK.search(modules[one].text))
        assert_none(one for one, why in (READS_LINKS | TO_OTHERS).items() if len(why) < 15)


class TestTheGuards:
    @pytest.mark.parametrize(
        "text",
        [
            '<a href="mailto:{{ contact.email }}">',
            "<a href='tel:{{ contact.phone }}'>",
            '<a href="sms:+19294753141">',
        ],
    )
    def test_a_link_of_its_own_is_reported(self, text: str) -> None:
        assert len(linking([], [Page("sample.html", text)])) == 1

    @pytest.mark.parametrize("text", ['link = f"mailto:{contact.email}"', "link = 'tel:' + phone"])
    def test_a_module_that_builds_one_is_reported(self, text: str) -> None:
        assert len(linking([sample("playbooks.mail", text)], [])) == 1

    @pytest.mark.parametrize("text", ["<p>Hotel: two rooms</p>", '<a href="{{ contact|mail_link }}">', "tel : none"])
    def test_other_words_are_not(self, text: str) -> None:
        assert linking([], [Page("sample.html", text)]) == []

    def test_a_sender_that_asks_nobody_is_reported(self) -> None:
        text = "from django.core.mail import send_mail\nsend_mail('Hello', 'x', None, [contact.email])"
        assert len(sending([sample("playbooks.mail", text)], TO_OTHERS)) == 1
        asked = f"from accounts.people.contacting import may_be_mailed\n{text}"
        assert sending([sample("playbooks.mail", asked)], TO_OTHERS) == []
        assert sending([sample("csworkbench.tenancy.mailer", text)], TO_OTHERS) == []
