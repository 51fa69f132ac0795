"""The embedded services as one handle: attach to running ones or start them, and stop what was started."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from csworkbench.devservices import postgres, valkey
from csworkbench.devservices.binaries import ServicesError
from csworkbench.devservices.placement import Placement, place, settle
from csworkbench.devservices.processes import free_port, is_alive, stop, wait_until_gone
from csworkbench.devservices.state import Home, ServiceState, State

CHECKOUT = Path(__file__).resolve().parent.parent.parent
POSTGRES, VALKEY = "postgres", "valkey"
LOG_LIMIT = 5_000_000  # bytes; a bigger log is set aside at the next start
STOP_TIMEOUT = 20.0  # seconds
START_ATTEMPTS = 3
THROWAWAY_PREFIX = "csw-throwaway-"


def default_data_dir() -> Path:
    """DATA_DIR, by default `.data` in the checkout."""
    return Path(os.environ.get("DATA_DIR") or CHECKOUT / ".data").resolve()


class Services:
    """The servers of one data folder, for this process; a context manager that stops what it started.

    `wanted` names the servers to have, of "postgres" and "valkey".
    """

    def __init__(self, home: Home, *, durable: bool, wanted: frozenset[str]) -> None:
        self.home = home.path
        self._home = home
        self._durable = durable
        self._wanted = wanted
        self._owned: dict[str, subprocess.Popen[bytes]] = {}
        self._environment: dict[str, str | None] = {}
        self._placement: Placement | None = None
        self._state = State()

    @property
    def owned(self) -> frozenset[str]:
        """The servers this process started and will stop."""
        return frozenset(self._owned)

    @property
    def urls(self) -> dict[str, str]:
        """DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL of the embedded servers; those wanted only."""
        urls: dict[str, str] = {}
        if POSTGRES in self._wanted:
            found = postgres.urls(self._state.postgres)
            urls |= {"DATABASE_URL": found.app, "DATABASE_OWNER_URL": found.owner}
        if VALKEY in self._wanted:
            urls["REDIS_URL"] = valkey.url(self._state.valkey)
        return urls

    @property
    def superuser_url(self) -> str:
        """For backups and tests: the PostgreSQL superuser, database `postgres`."""
        return postgres.urls(self._state.postgres).superuser

    def bring_up(self) -> None:
        """Attach to what answers, start what does not; ServicesError leaves nothing of ours running."""
        if not self._wanted:
            return
        for name in [name for name, process in self._owned.items() if process.poll() is not None]:
            del self._owned[name]
        try:
            with self._home.lock():
                self._state = self._home.read()
                for name in sorted(self._wanted):
                    if not self._answers(name):
                        self._start(name)
        except BaseException:
            self.close()
            raise

    def publish(self) -> bool:
        """Set the environment variables of `urls` until `close`; True if one of them changed."""
        changed = {name: url for name, url in self.urls.items() if os.environ.get(name) != url}
        for name, url in changed.items():
            self._environment.setdefault(name, os.environ.get(name))
            os.environ[name] = url
        return bool(changed)

    def alive(self) -> bool:
        """Whether the processes of all wanted servers exist; cheap enough for every second."""
        if any(process.poll() is not None for process in self._owned.values()):
            return False
        return all(is_alive(self._of(name).pid) for name in self._wanted)

    def close(self) -> None:
        """Stop what this process started and put the environment back; a second time does nothing."""
        for name, value in self._environment.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self._environment.clear()
        if self._owned:
            with self._home.lock():
                if process := self._owned.pop(VALKEY, None):
                    stop(process, valkey.STOP, STOP_TIMEOUT)
                if process := self._owned.pop(POSTGRES, None):
                    stop(
                        process,
                        postgres.FAST_STOP if self._durable else postgres.IMMEDIATE_STOP,
                        STOP_TIMEOUT,
                    )

    def __enter__(self) -> Services:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _of(self, name: str) -> ServiceState:
        return self._state.postgres if name == POSTGRES else self._state.valkey

    def _answers(self, name: str) -> bool:
        return postgres.answers(self._state.postgres) if name == POSTGRES else valkey.answers(self._state.valkey)

    def _start(self, name: str) -> None:
        """Start one server on the port it had before, or another if that is taken. The lock is held."""
        placement = self._placement = self._placement or place(self._home)
        state, data = self._of(name), self.home / name
        # A server whose starter was killed is on its way out; two in one folder would spoil the data.
        pid = (postgres.running_in(data) if name == POSTGRES else None) or state.pid
        if not wait_until_gone(pid, name, STOP_TIMEOUT):
            raise ServicesError(f"{name} (process {pid}) uses {data} but does not answer; stop it first.")
        _set_aside(data.with_name(f"{name}.log"))
        for attempt in range(1, START_ATTEMPTS + 1):
            state.port, state.pid, state.ready = free_port(state.port if attempt == 1 else 0), None, False
            # On disk before there is a cluster with these passwords.
            self._home.write(self._state)
            try:
                self._owned[name] = self._launch(name, placement, data, state)
            except ServicesError as error:
                # Between our look and the server's start another program may have taken the port.
                if attempt == START_ATTEMPTS or "in use" not in str(error):
                    raise
            else:
                self._home.write(self._state)
                return

    def _launch(self, name: str, placement: Placement, data: Path, state: ServiceState) -> subprocess.Popen[bytes]:
        programs, run_as = placement.programs, placement.run_as
        if name == POSTGRES:
            return postgres.start_postgres(programs.postgres, data, run_as, state, durable=self._durable)
        return valkey.start_valkey(programs.valkey, data, run_as, state, durable=self._durable)


def ensure(durable: bool = True, data_dir: Path | None = None) -> Services:
    """The services for this process: attached to running ones, else started here and stopped by `close()`.

    Sets DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL; a server the environment already names is not
    started. `durable=False` trades safety for speed: only for data that may be lost. Raises ServicesError,
    saying what to do.
    """
    wanted = {POSTGRES} if not os.environ.get("DATABASE_URL") else set()
    wanted |= {VALKEY} if not os.environ.get("REDIS_URL") else set()
    folder = (data_dir or default_data_dir()).resolve()
    home = settle(folder) if wanted else Home(folder)
    services = Services(home, durable=durable, wanted=frozenset(wanted))
    services.bring_up()
    services.publish()
    return services


@dataclass(frozen=True)
class Throwaway:
    """Connection URLs of a throw-away PostgreSQL (superuser, owner role, application role) and Valkey."""

    superuser: str
    owner: str
    app: str
    redis: str


@contextmanager
def throwaway() -> Iterator[Throwaway]:
    """A PostgreSQL and a Valkey in a temporary folder, gone afterwards; the environment is left alone.

    Ready in about 1 s. They die with the process (and thread) that called: with several test processes, call
    it in the one that starts the others.
    """
    parent = Path(tempfile.gettempdir())
    _sweep(parent)
    folder = Path(tempfile.mkdtemp(prefix=f"{THROWAWAY_PREFIX}{os.getpid()}-", dir=parent))
    if os.geteuid() == 0:
        folder.chmod(0o711)  # the servers' account passes through
    home = settle(folder)
    try:
        with Services(home, durable=False, wanted=frozenset({POSTGRES, VALKEY})) as services:
            services.bring_up()
            urls = services.urls
            yield Throwaway(services.superuser_url, urls["DATABASE_OWNER_URL"], urls["DATABASE_URL"], urls["REDIS_URL"])
    finally:
        for made in {folder, home.path}:
            shutil.rmtree(made, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove what killed test sessions left."""
    for folder in parent.glob(f"{THROWAWAY_PREFIX}*"):
        pid = folder.name.removeprefix(THROWAWAY_PREFIX).partition("-")[0]
        if pid.isdigit() and not is_alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _set_aside(log: Path) -> None:
    with contextlib.suppress(OSError):
        if log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
