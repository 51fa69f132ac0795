"""Sheets for tests, made on the spot: small, plausible, hostile."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from csworkbench.imports import services
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member

BOOK = ("Salesforce ID", "Account", "LMS ID", "MRR", "Renewal date", "Product", "First name", "Email", "CSM")
WILLOW = "001A6eEfujfoRnxICE"
NANDU = "001T1Nx4xyB7LQ4IBN"
SUMMIT = "001tpVLqPb5cMpkALE"


def row_of(sf_id: str = WILLOW, name: str = "Willow Urgent Care", **cells: Any) -> list[Any]:
    """A row under ``BOOK``; ``cells`` by the first word of the title in lower case."""
    plain = {
        "salesforce": sf_id,
        "account": name,
        "lms": f"{sum(map(ord, sf_id)):07d}",
        "mrr": 1000,
        "renewal": "2027-03-22",
        "product": "Compliance",
        "first": "Dmitri",
        "email": "dmitri.haddad@example.org",
        "csm": "Keiko Ueda",
    }
    return list((plain | cells).values())


def xlsx(path: Path, *rows: Sequence[Any], sheet: str = "Accounts") -> Path:
    """A workbook with one sheet; None leaves a cell empty."""
    book = xlsxwriter.Workbook(path)
    target = book.add_worksheet(sheet)
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                target.write_string(at, column, cell)
            elif cell is not None:
                target.write(at, column, cell)
    book.close()
    return path


def csv_bytes(*rows: Sequence[Any], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def book_csv(*rows: Sequence[Any], titles: Sequence[str] = BOOK) -> bytes:
    """A book as csv under its usual titles."""
    return csv_bytes(titles, *rows)


def upload(actor: Member, data: bytes, name: str = "book.csv", kind: str = "book", **table: Any) -> Import:
    """Store bytes, not read yet; ``table`` is what the sender says of it."""
    return services.store_upload(actor=actor, kind=kind, name=name, pieces=[data], table=table)


def examined(one: Import) -> Import:
    """Read and compare what was stored or chosen anew; the import is ready, read or refused."""
    spool = services.examine(one.workspace_id, one.pk)
    if spool is not None:
        spool.close()
    one.refresh_from_db()
    return one


def compared(actor: Member, data: bytes, name: str = "book.csv", kind: str = "book", **table: Any) -> Import:
    """Store and compare."""
    return examined(upload(actor, data, name, kind, **table))


def applied(actor: Member, data: bytes, name: str = "book.csv", kind: str = "book", **table: Any) -> Import:
    """Store, compare, approve and apply."""
    one = compared(actor, data, name, kind, **table)
    services.approve(actor=actor, one=one)
    services.apply_import(one.workspace_id, one.pk)
    one.refresh_from_db()
    return one
