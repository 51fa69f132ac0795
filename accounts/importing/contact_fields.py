"""Fields of the primary contact."""

from __future__ import annotations

from csworkbench.imports.cleaning import Email, FullName, Phone
from csworkbench.imports.kinds import Field

from .makers import CONTACT, text

FIELDS: tuple[Field, ...] = (
    Field(
        "first_name",
        "First name",
        CONTACT,
        {"first_name": "text"},
        text(80, repeats=True),
        ("poc first name", "contact first name", "primary contact first name", "given name"),
        "",
        "Dmitri",
    ),
    Field(
        "last_name",
        "Last name",
        CONTACT,
        {"last_name": "text"},
        text(80, repeats=True),
        ("poc last name", "contact last name", "primary contact last name", "surname", "family name"),
        "",
        "Haddad",
    ),
    Field(
        "contact",
        "Primary contact",
        CONTACT,
        {"first_name": "text", "last_name": "text"},
        lambda context: FullName(),
        (
            "poc",
            "poc name",
            "contact",
            "contact name",
            "primary contact name",
            "main contact",
            "main point of contact",
        ),
        "First and last name in one column.",
        "Dmitri Haddad",
        alternative=True,
    ),
    Field(
        "contact_title",
        "Contact's title",
        CONTACT,
        {"contact_title": "text"},
        text(120, repeats=True),
        ("title", "job title", "poc title", "contact title"),
        "",
        "Office manager",
    ),
    Field(
        "email",
        "Email",
        CONTACT,
        {"email": "text"},
        lambda context: Email(),
        (
            "e mail",
            "email address",
            "poc email",
            "poc email address",
            "contact email",
            "primary contact email",
        ),
        "",
        "dmitri.haddad@example.org",
        telling=True,
    ),
    Field(
        "phone",
        "Phone",
        CONTACT,
        {"phone": "text", "phone_extension": "text"},
        lambda context: Phone(context.workspace.phone_region),
        (
            "phone number",
            "poc phone",
            "poc phone number",
            "contact phone",
            "telephone",
            "primary contact phone",
        ),
        "Any usual way to write it, with an extension or without.",
        "+1 952 088 0003 ext 12",
    ),
)
