"""``import_sheet``: what the Imports page does, from a shell."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from csworkbench.imports import services
from csworkbench.imports.kinds import Context, Kind, all_kinds, kind_called
from csworkbench.imports.models import Import, ImportRow
from csworkbench.imports.reader.layout import normalise
from csworkbench.imports.reading import RefusedFile
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import Actor, workspace_scope

ROLES = ("ops", "lead", "admin")
NEW = "new:"
APPLIED, REFUSED, WITH_REJECTS = 0, 2, 3
PIECE = 1024 * 1024


class Command(BaseCommand):
    """Read, compare and apply one sheet; the same steps, rows and history as in the browser."""

    help = (
        "Import a sheet. Exit code 0: applied, or a dry run without rejects; 2: the file was refused; "
        "3: applied or dry-run with rejects."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", required=True, metavar="SLUG")
        parser.add_argument("--kind", required=True, choices=[kind.key for kind in all_kinds()])
        parser.add_argument("--as", required=True, dest="email", metavar="EMAIL", help="the member who imports")
        parser.add_argument("--sheet", default="", metavar="NAME", help="the sheet that holds the table")
        parser.add_argument("--header-row", type=int, metavar="N", help="the row of column titles, counted from 1")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            type=pair,
            metavar="TITLE=FIELD",
            help="what a column is, a blank FIELD for “do not import”, new:text, new:number, new:date or new:yes_no for"
            " a custom field; may be given again, for one column too",
        )
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            type=pair,
            dest="constants",
            metavar="FIELD=VALUE",
            help="what every row says; may be given again",
        )
        parser.add_argument("--dry-run", action="store_true", help="compare only; the import stays for approval")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["file"].is_file():
            raise CommandError(f"There is no file {options['file']}.")
        member = find_member(options["workspace"], options["email"])
        try:
            table = table_of(member, options)
            one = run(member, options["kind"], options["file"], table, dry_run=options["dry_run"])
        except RefusedFile as refused:  # too big to be stored
            one = Import(file_name=options["file"].name, state=Import.State.REFUSED)
            one.error_code, one.error = refused.code, refused.message
            report = counts_of(one) | {"import_id": None, "problems": [refusal_of(one)]}
        else:
            with workspace_scope(member.workspace_id, actor=Actor("member", member.pk, member.user_id)):
                one = Import.objects.get(workspace=member.workspace_id, pk=one.pk)
                report = report_of(one)
        self.stdout.write(json.dumps(report, ensure_ascii=False) if options["as_json"] else in_words(one, report))
        if code := exit_code(one):
            sys.exit(code)


def find_member(slug: str, email: str) -> Member:
    """The member who imports; CommandError when there is none or the role does not allow it."""
    workspace = Workspace.objects.filter(slug=slug, is_active=True).first()
    if workspace is None:
        raise CommandError(f"There is no workspace “{slug}”.")
    with workspace_scope(workspace.pk):
        member = (
            Member.objects.select_related("workspace", "user")
            .filter(workspace=workspace, user__email=email.strip().lower(), is_active=True)
            .first()
        )
    if member is None:
        raise CommandError(f"{email} is not a member of {workspace.name}.")
    if not member.has_role(*ROLES):
        raise CommandError(f"{member.name} may not import: the role CS Ops, team lead or admin is needed.")
    return member


def pair(text: str) -> tuple[str, str]:
    """``LEFT=RIGHT`` of an argument."""
    left, equals, right = text.rpartition("=")
    if not equals or not left.strip():
        raise ArgumentTypeError(f"{text!r} is not NAME=VALUE.")
    return left.strip(), right.strip()


def table_of(member: Member, options: dict[str, Any]) -> dict[str, Any]:
    """What the arguments say of the file's table; new custom fields are made, once."""
    kind = kind_called(options["kind"])
    table: dict[str, Any] = {"sheet": options["sheet"]} if options["sheet"] else {}
    if options["header_row"]:
        table["header_row"] = options["header_row"]
    with workspace_scope(member.workspace_id, actor=Actor("member", member.pk, member.user_id)):
        context = kind.context(member.workspace)
        columns: dict[str, list[str]] = {}
        for title, key in options["map"]:
            fields = columns.setdefault(normalise(title), [])
            if key.startswith(NEW):
                fields.append(custom_field(kind, context, member, title, key.removeprefix(NEW)))
            elif key:
                fields.append(known(key, context))
        constants = {known(key, context): value for key, value in options["constants"]}
    if columns or constants:
        table |= {"columns": columns, "constants": constants}
    return table


def known(key: str, context: Context) -> str:
    """A field that exists; CommandError with all of them otherwise."""
    if key not in context.keys:
        raise CommandError(f"There is no field “{key}”. There are: {', '.join(context.keys)}.")
    return key


def custom_field(kind: Kind, context: Context, member: Member, title: str, sort: str) -> str:
    """The custom field that is called like the column, made where there is none."""
    if sort not in kind.sorts:
        raise CommandError(f"A column of this kind cannot become a new field of the sort “{sort}”.")
    called = {normalise(one.label): one.key for one in context.fields}
    try:
        return called.get(normalise(title)) or kind.new_field(actor=member, label=title, sort=sort)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error


def run(member: Member, kind: str, file: Path, table: dict[str, Any], *, dry_run: bool) -> Import:
    """Store, read, compare and, unless it is a dry run or needs a second person, approve and apply."""
    workspace_id = member.workspace_id
    with workspace_scope(workspace_id, actor=Actor("member", member.pk, member.user_id)):
        one = services.store_upload(
            actor=member, kind=kind, name=file.name, pieces=pieces_of(file), inline=True, table=table
        )
    spool = services.examine(workspace_id, one.pk, held=True)
    try:
        with workspace_scope(workspace_id, actor=Actor("member", member.pk, member.user_id)):
            one.refresh_from_db()
            if one.state == Import.State.READ:
                services.refuse_columns(actor=member, one=one)
            elif one.state == Import.State.READY and not dry_run and services.may_approve(member, one):
                services.approve(actor=member, one=one, inline=True)
        if one.state == Import.State.APPLYING:
            services.apply_import(workspace_id, one.pk, spool, held=True)
    finally:
        if spool is not None:
            spool.close()
    return one


def pieces_of(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            yield piece


def exit_code(one: Import) -> int:
    if one.state == Import.State.REFUSED:
        return REFUSED
    return WITH_REJECTS if one.counts.get("rejected") or one.counts.get("conflict") else APPLIED


def report_of(one: Import) -> dict[str, Any]:
    """What the import came to, with every problem of every row."""
    rows = ImportRow.objects.filter(workspace=one.workspace_id, import_batch=one).exclude(problems=[])
    problems: list[dict[str, Any]] = [
        {"row": number} | {name: problem.get(name) for name in ("column", "value", "code", "message", "suggestions")}
        for number, found in rows.order_by("number").values_list("number", "problems").iterator()
        for problem in found
    ]
    if one.state == Import.State.REFUSED:
        problems.insert(0, refusal_of(one))
    return counts_of(one) | {"problems": problems}


def counts_of(one: Import) -> dict[str, Any]:
    """The import in figures."""
    return {
        "import_id": str(one.pk),
        "state": one.state,
        "rows": one.rows,
        "new": one.counts.get("new", 0),
        "changed": one.counts.get("changed", 0),
        "unchanged": one.counts.get("unchanged", 0),
        "rejected": one.counts.get("rejected", 0) + one.counts.get("conflict", 0),
        "duplicates": one.counts.get("duplicate", 0),
    }


def refusal_of(one: Import) -> dict[str, Any]:
    """The reason of a refused file in the shape of a problem."""
    whole = {"row": None, "column": None, "value": None}
    return whole | {"code": one.error_code, "message": one.error, "suggestions": []}


def in_words(one: Import, report: dict[str, Any]) -> str:
    """The same for a person."""
    lines = [f"{one.file_name}: {one.get_state_display().lower()}"]
    if one.state == Import.State.READY and one.created_by_id:
        lines.append("Nothing has changed yet. It is approved on the Imports page.")
    if one.state != Import.State.REFUSED:
        counted = ("rows", "new", "changed", "unchanged", "rejected", "duplicates")
        lines.append(", ".join(f"{report[name]:,} {name}" for name in counted))
    for problem in report["problems"]:
        where = f"row {problem['row']}, {problem['column']}: " if problem["row"] else ""
        hint = f" Perhaps {', '.join(problem['suggestions'])}?" if problem["suggestions"] else ""
        lines.append(f"  {where}{problem['message']}{hint}")
    return "\n".join(lines)
