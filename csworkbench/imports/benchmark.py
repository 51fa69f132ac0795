"""A book of xlsx from file to applied, against reading the sheet and COPY: what any import has to do at least.

A first import writes eleven rows for each row of the sheet — the account and the two beside it, its contact, its
subscription, a ledger entry and a mark for each of the three — so its floor has those inserts too, by hand.
"""

from __future__ import annotations

import csv
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter
from django.apps import apps
from django.test.utils import override_settings

from csworkbench.common.measuring import Measurement, counted_statements, timed
from csworkbench.tenancy.models import Member, User, Workspace
from csworkbench.tenancy.scope import Actor, workspace_scope

from . import services
from .cleaning.ids import suffix_of
from .kinds import kind_called
from .models import Import
from .reading import open_sheet
from .staging import Stage

BUDGET = 3.0
FIRST_BUDGET = 2.0
# Ten times the rows may take so many times as long per row.
GROWTH, GROWTH_BUDGET = 10, 1.25
MEMORY = 300 * 1024 * 1024
ROUNDS = 3
TITLES = (
    "Salesforce ID", "Account", "LMS ID", "Recurly ID", "MRR", "Tier", "Renewal date", "Product", "First name",
    "Last name", "Email", "Phone", "CSM",
)  # fmt: skip
CSMS = ("Quinn Abbott", "Farid Fontaine", "Ines Young", "Liam Lindqvist", "Tala Weiss", "Carla Xu", "Keiko Ueda")
PRODUCTS = ("Learning", "Compliance", "CRED SOFT", "CRED SERV")
FIRST, LAST = ("Dmitri", "Ines", "Mara", "Sven", "Rosa"), ("Haddad", "Tanaka", "Petrov", "Moreau", "Vargas")
PLACES, TRADES = ("Willow", "Summit", "Ñandú", "Mesa"), ("Urgent Care", "Wellness", "Dental Group", "Pediatrics")


# The cells of one sheet, c0 to c12, as a person would load them into an empty workspace with three statements.
BY_HAND = (
    """
    INSERT INTO accounts_account (id, workspace_id, sf_id, name, search_name, lms_id, billing_id, tier, owner_id,
        segment,
        growth_potential, stage, website, industry, time_zone, health, health_reason, declared_frequency)
    SELECT uuidv7(), %(workspace)s, c0, c1, lower(c1), lpad(replace(c2, '.0', ''), 7, '0'), c3, c5::float::smallint,
        m.id, '', '', 'adoption', '', '', '', 'undefined', '', ''
    FROM import_stage s JOIN tenancy_member m ON m.workspace_id = %(workspace)s AND m.name = c12
    """,
    """
    INSERT INTO accounts_contact (workspace_id, account_id, first_name, last_name, title, email, phone,
        phone_extension, is_primary, is_decision_maker, validity, dnc)
    SELECT %(workspace)s, a.id, c8, c9, '', c10,
        '+1' || right(regexp_replace(split_part(replace(c11, '.0', ''), ' ext', 1), '\\D', '', 'g'), 10),
        split_part(c11, ' ext ', 2), true, false, 'unknown', false
    FROM import_stage s JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.sf_id = c0 AND a.sf_id <> ''
    """,
    """
    INSERT INTO accounts_subscription (workspace_id, account_id, product_id, service_tier, mrr_minor, otr_minor,
        currency, renews_on, billed_to)
    SELECT %(workspace)s, a.id, p.id, '', round(c4::numeric * 100), 0, 'USD',
        CASE WHEN c6 LIKE '____-__-__' THEN c6::date ELSE to_date(c6, 'DD-Mon-YYYY') END, ''
    FROM import_stage s JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.sf_id = c0 AND a.sf_id <> ''
    JOIN accounts_product p ON p.workspace_id = %(workspace)s AND p.name = c7
    """,
)


@dataclass(frozen=True)
class Run:
    """What one import took: seconds, statements, the highest memory of this process in bytes."""

    one: Import
    seconds: float
    queries: int
    memory: int


def bench_import_book(scale: int) -> Iterator[Measurement]:
    """Three imports of ``scale`` rows × 13 columns, each from the upload to the last committed row.

    ``import_book`` brings a changed book (every tenth MRR differs), ``import_book_again`` the same book once more,
    ``import_book_first`` one of which nothing is known yet.
    """
    with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder):
        member, by_hand = make_workspace(), make_workspace()
        book, changed = Path(folder) / "book.xlsx", Path(folder) / "changed.xlsx"
        write_sheet(book, scale, tenth=0)
        write_sheet(changed, scale, tenth=1)
        whole_floor = floor_seconds(by_hand, book, BY_HAND)
        first = run(member, book)
        floors, tenth, again = [], [], []
        for _ in range(ROUNDS):
            floors.append(floor_seconds(member, book))
            tenth.append(run(member, changed))
            again.append(run(member, changed))
            tenth.append(run(member, book))
        tenths = {"changed": -(-scale // 10)}
        yield measured("import_book", scale, tenth, min(floors), BUDGET, tenths)
        yield measured("import_book_again", scale, again, min(floors), BUDGET, {"unchanged": scale})
        yield measured("import_book_first", scale, [first], whole_floor, FIRST_BUDGET, {"new": scale})


def bench_import_growth(scale: int) -> Iterator[Measurement]:
    """A first import of ``10 * scale`` rows of csv beside one of ``scale``: seconds per ``scale`` rows."""
    with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder):
        runs = []
        for rows in (scale, scale * GROWTH):
            path = Path(folder) / "book.csv"
            write_csv(path, rows)
            runs.append(run(make_workspace(), path))
        few, many = runs
        sound = all(each.one.counts["new"] == each.one.rows for each in runs) and many.memory <= MEMORY
        yield Measurement(
            "import_growth",
            scale * GROWTH,
            many.seconds / GROWTH,
            few.seconds,
            GROWTH_BUDGET,
            many.queries,
            sound=sound,
        )


def measured(
    name: str, scale: int, runs: list[Run], floor: float, budget: float, expected: dict[str, int]
) -> Measurement:
    """The best of some runs; sound when each did what it should in the memory it may have."""
    best = min(runs, key=lambda each: each.seconds)
    sound = all(each.one.counts[verdict] == rows for each in runs for verdict, rows in expected.items())
    fits = all(each.memory <= MEMORY for each in runs)
    return Measurement(name, scale, best.seconds, floor, budget, best.queries, sound=sound and fits)


def run(member: Member, path: Path) -> Run:
    """Upload, read, compare, approve, apply, as the command line does."""
    reset_peak()
    found: list[Import] = []
    with counted_statements() as statements:
        seconds = timed(lambda: found.append(import_once(member, path)))
    return Run(found[0], seconds, len(statements), peak())


def import_once(member: Member, path: Path) -> Import:
    workspace_id, actor = member.workspace_id, Actor("member", member.pk, member.user_id)
    with workspace_scope(workspace_id, actor=actor):
        one = services.store_upload(actor=member, kind="book", name=path.name, pieces=pieces_of(path), inline=True)
    spool = services.examine(workspace_id, one.pk, held=True)
    with workspace_scope(workspace_id, actor=actor):
        one.refresh_from_db()
        services.approve(actor=member, one=one, inline=True)
    services.apply_import(workspace_id, one.pk, spool, held=True)
    if spool is not None:
        spool.close()
    with workspace_scope(workspace_id, actor=actor):
        one.refresh_from_db()
    return one


def floor_seconds(member: Member, path: Path, statements: tuple[str, ...] = ()) -> float:
    """Read the sheet in the child process, COPY its cells into a temporary table, and run statements on them."""

    hints = kind_called("book").context(member.workspace).hints

    def floor() -> None:
        with open_sheet(path, hints) as reading, workspace_scope(member.workspace_id):
            columns = {f"c{at}": "text" for at in range(len(TITLES))}
            stage = Stage(member.workspace_id, columns)
            stage.fill(
                "".join(
                    "\t".join((str(number), "\\N", "\\N", *map(str, row))) + "\n"
                    for number, row in zip(block.numbers, block.rows(), strict=True)
                ).encode()
                for block in reading.blocks()
            )
            for statement in statements:
                stage.run(statement)

    return timed(floor)


def make_workspace() -> Member:
    """A workspace with products and members; the one of CS Ops is returned."""
    workspace = Workspace.objects.create(slug=f"bench-{random.randrange(10**9)}", name="Import benchmark")  # noqa: S311
    catalogue = apps.get_model("accounts", "Product")
    with workspace_scope(workspace.pk):
        for name in PRODUCTS:
            catalogue.objects.create(workspace=workspace, key=name.lower().replace(" ", "-"), name=name)
        for name in (*CSMS, "Olive Ops"):
            address = f"{name.lower().replace(' ', '.')}@{workspace.slug}.example.org"
            user = User.objects.create(email=address, name=name)
            member = Member.objects.create(workspace=workspace, user=user, name=name, roles=["ops"])
    return member


def write_sheet(path: Path, scale: int, *, tenth: int) -> None:
    """The same book for the same scale, as untidy as books are; ``tenth`` is added to every tenth MRR."""
    chance = random.Random(1)  # noqa: S311
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("Accounts")
    sheet.write_row(0, 0, TITLES)
    for number in range(1, scale + 1):
        cells = row_of(number, chance)
        if number % 10 == 1:
            cells[4] += tenth
        for at, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(number, at, cell)
            else:
                sheet.write(number, at, cell)
    book.close()


def write_csv(path: Path, scale: int) -> None:
    """The same book as text."""
    chance = random.Random(1)  # noqa: S311
    with path.open("w", newline="") as file:
        target = csv.writer(file)
        target.writerow(TITLES)
        target.writerows(row_of(number, chance) for number in range(1, scale + 1))


def row_of(number: int, chance: random.Random) -> list[Any]:
    """One row; numbers and dates come as text now and then, phones in four ways."""
    short = f"001{number:012d}"
    day = date(2027, 1, 1) + timedelta(days=chance.randrange(400))
    first, last = chance.choice(FIRST), chance.choice(LAST)
    phone = f"{chance.randrange(200, 999)}{chance.randrange(2_000_000, 9_999_999)}"
    phones = (int("1" + phone), f"({phone[:3]}) {phone[3:6]}-{phone[6:]}", f"+1{phone} ext 12", f"+1{phone}")
    return [
        short + suffix_of(short),
        f"{chance.choice(PLACES)} {chance.choice(TRADES)} #{number}",
        number if number % 3 == 0 else f"{number:07d}",
        f"rec-{number:07d}",
        chance.randrange(5_000, 900_000) / 100,
        chance.randrange(1, 4),
        f"{day:%d-%b-%Y}" if number % 5 == 0 else day,
        chance.choice(PRODUCTS),
        first,
        last,
        f"{first}.{last}{number}@example.org".lower(),
        phones[number % 4],
        chance.choice(CSMS),
    ]


def pieces_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1024 * 1024):
            yield piece


def reset_peak() -> None:
    """Start counting this process's highest memory anew (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    """The highest resident memory since then, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024
