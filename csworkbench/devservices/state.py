"""What is remembered about the embedded services between processes: services.json and its lock, mode 0600."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from csworkbench.devservices.binaries import ServicesError


@dataclass
class ServiceState:
    """One server: port, process, passwords of its roles; port and passwords outlive it."""

    port: int = 0
    pid: int | None = None
    ready: bool = False
    passwords: dict[str, str] = field(default_factory=dict)

    def with_passwords(self, *roles: str) -> ServiceState:
        """Itself, with a random password for every role that has none yet."""
        for role in roles:
            # Safe in a URL and on a line of a configuration file.
            self.passwords.setdefault(role, secrets.token_urlsafe(24))
        return self


@dataclass
class State:
    """The content of services.json."""

    postgres: ServiceState = field(default_factory=ServiceState)
    valkey: ServiceState = field(default_factory=ServiceState)


class Home:
    """The folder that holds the data folders, the logs and services.json."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = path / "services.json"

    def make(self) -> None:
        """Create the folder; raises ServicesError if that is not possible."""
        try:
            # Uploads live here too. Root's servers have another account and must pass through.
            self.path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ServicesError(
                f"The data folder {self.path} cannot be made: {error.strerror}. Set DATA_DIR."
            ) from error

    def read(self) -> State:
        """The state, with new passwords if there is none; ServicesError if it belongs to another user."""
        try:
            found = json.loads(self.file.read_text())
        except FileNotFoundError:
            found = {}
        except PermissionError as error:
            raise ServicesError(
                f"{self.file} belongs to another user, who started the services first. "
                "Continue as that user, or set DATA_DIR to a folder of your own."
            ) from error
        except ValueError as error:
            raise ServicesError(f"{self.file} is damaged: {error}") from error
        postgres = ServiceState(**found.get("postgres", {})).with_passwords("postgres", "csw_owner", "csw_app")
        valkey = ServiceState(**found.get("valkey", {})).with_passwords("valkey")
        return State(postgres, valkey)

    def write(self, state: State) -> None:
        """Replace services.json in one step."""
        draft = self.file.with_suffix(".draft")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(state), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.file)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Alone among processes that start or stop services here; waits for its turn."""
        try:
            descriptor = os.open(self.path / "services.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ServicesError(
                f"{self.path} is not writable for this user: {error.strerror}. Set DATA_DIR."
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
