"""Where the services live and as whom they run: root needs a lesser account that can enter the folder."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from csworkbench.devservices.binaries import Programs, ServicesError, find_programs
from csworkbench.devservices.processes import RunAs, candidate_accounts
from csworkbench.devservices.state import Home

# Not /var/tmp, which is swept by age, and not /tmp, which is emptied at boot.
RELOCATED = Path("/var/lib/csworkbench")


@dataclass(frozen=True)
class Placement:
    """Programs to start and the account to start them as."""

    programs: Programs
    run_as: RunAs


def settle(wanted: Path) -> Home:
    """The home when `wanted` was asked for: itself, or a place in /var/lib if only root can enter it."""
    home = Home(wanted)
    home.make()
    # Once something was started there it stays there.
    if os.geteuid() != 0 or home.file.exists() or _account(find_programs(), wanted) is not None:
        return home
    moved = Home(RELOCATED / hashlib.sha256(str(wanted).encode()).hexdigest()[:12])
    moved.make()
    sys.stderr.write(
        f"PostgreSQL does not run as root, and no lesser account can enter {wanted}: its data is in {moved.path}\n"
    )
    return moved


def place(home: Home) -> Placement:
    """Programs and account for the servers in `home`; raises ServicesError if no account can use both."""
    programs = find_programs()
    if RELOCATED in home.path.parents:
        programs = programs.copied_to(home.path)
    run_as = _account(programs, home.path)
    if run_as is None:
        raise ServicesError(
            f"PostgreSQL does not run as root, and no other account can both enter {home.path} and run "
            f"{programs.postgres}/postgres. Move the checkout out of a private home folder (to /srv or "
            "/opt), start as an ordinary user, or set DATABASE_URL and REDIS_URL to running servers."
        )
    return Placement(programs, run_as)


def _account(programs: Programs, home: Path) -> RunAs | None:
    needed: Sequence[Path] = [programs.postgres / "postgres", programs.postgres / "initdb", programs.valkey]
    existing = [folder for folder in (home / "postgres", home / "valkey") if folder.exists()]
    accounts = candidate_accounts(existing[0] if existing else home / "postgres")
    if os.geteuid() != 0:
        return accounts[0]
    return next((account for account in accounts if account.can_use(home, needed)), None)
