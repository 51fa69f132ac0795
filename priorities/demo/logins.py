"""The logins somebody who tries the demo needs: one for each role of each workspace, in a file only its owner reads."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from csworkbench.tenancy.models import Role

from .cast import PASSWORD, Vendor

SHOWN = (Role.CSM, Role.LEAD, Role.OPS, Role.FINANCE, Role.ADMIN)


def logins_of(vendors: Iterable[Vendor]) -> list[dict[str, str]]:
    """``workspace`` (its name), ``role``, ``email`` and ``password``; the first person of each role."""
    return [
        {
            "workspace": vendor.name,
            "role": str(role.label),
            "email": vendor.address(person),
            "password": PASSWORD,
        }
        for vendor in vendors
        for role in SHOWN
        for person in [next((one for one in vendor.people if one.role == role), None)]
        if person is not None
    ]


def write_logins(file: Path, vendors: Iterable[Vendor]) -> None:
    """Replace the file in one step; readable by its owner only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        json.dump(logins_of(vendors), handle, indent=2)
    draft.replace(file)
