"""``demo``: two workspaces full of invented history and an empty third, to try the workbench with."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from csworkbench.common import words
from csworkbench.tenancy.models import Workspace
from priorities.demo.build import ACCOUNTS, build_demo
from priorities.demo.cast import VENDORS
from priorities.demo.erase import erase_workspace
from priorities.demo.logins import write_logins


class Command(BaseCommand):
    """Create the demo workspaces; all logins share one public password, so production refuses without ``--force``."""

    help = "Create the demo workspaces harborline, meridian and fjord (empty), with logins in DATA_DIR."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="only create what is missing; silent when all is there")
        parser.add_argument("--reset", action="store_true", help="delete the demo workspaces first, changes included")
        parser.add_argument("--force", action="store_true", help="even with HTTPS on or beside other workspaces")
        parser.add_argument(
            "--accounts", type=int, default=ACCOUNTS, help="accounts in each book (default %(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        slugs = [vendor.slug for vendor in VENDORS]
        present = set(Workspace.objects.filter(slug__in=slugs).values_list("slug", flat=True))
        logins = Path(settings.DATA_DIR) / "demo-logins.json"
        if options["once"] and not options["reset"] and len(present) == len(slugs):
            if not logins.exists():
                write_logins(logins, VENDORS)
            return
        if not options["force"]:
            self._refuse_production()
            self._refuse_company(slugs)
        if present and not (options["once"] or options["reset"]):
            raise CommandError(f"There is a demo already ({', '.join(sorted(present))}). --reset makes it anew.")
        if options["accounts"] < 1:
            raise CommandError("--accounts must be at least 1.")
        if options["reset"]:
            present -= {slug for slug in slugs if erase_workspace(slug)}
        self._build(present, options["accounts"])
        write_logins(logins, VENDORS)
        self.stdout.write(f"The logins are in {logins}.")

    def _refuse_production(self) -> None:
        if settings.HTTPS:
            raise CommandError(
                "HTTPS is on, so this looks like production: the demo's password is public. --force overrides."
            )

    def _refuse_company(self, slugs: list[str]) -> None:
        """The demo's password is public: it has no place beside real data."""
        others = Workspace.objects.exclude(slug__in=slugs).count()
        if others:
            raise CommandError(
                f"{words.count(others, 'other workspace')} here: the demo's password is public. --force overrides."
            )

    def _build(self, present: set[str], accounts: int) -> None:
        for vendor in VENDORS:
            if vendor.slug in present:
                continue
            start = time.monotonic()
            build_demo(vendor, accounts=accounts)
            size = f"{accounts} accounts" if vendor.pack else "no accounts"
            self.stdout.write(f"{vendor.name}: {size}, {len(vendor.people)} members ({time.monotonic() - start:.1f} s)")
