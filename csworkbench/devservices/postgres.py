"""One PostgreSQL cluster on loopback: made once, started with sensible settings, two roles and a database."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from csworkbench.devservices.binaries import ServicesError
from csworkbench.devservices.processes import RunAs, is_alive, open_log, start
from csworkbench.devservices.state import ServiceState

DATABASE = "csworkbench"
OWNER, APP = "csw_owner", "csw_app"
START_TIMEOUT = 30.0  # seconds; recovery after a power cut replays the log first
# A clean stop writes a checkpoint; a throw-away cluster has nothing worth writing.
FAST_STOP, IMMEDIATE_STOP = signal.SIGINT, signal.SIGQUIT

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # TCP with a password only: no socket file, so no limit on the length of the data folder's path.
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    # A book may be imported a minute after the first start: statistics must not be a minute behind.
    "autovacuum_naptime": "15s",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "30min",
    # Fewer processes to start and stop.
    "io_method": "sync",
}


@dataclass(frozen=True)
class PostgresUrls:
    """Connection URLs of one cluster: the superuser's leads to `postgres`, the others to `csworkbench`."""

    superuser: str
    owner: str
    app: str


def urls(state: ServiceState) -> PostgresUrls:
    """The URLs of the cluster that `state` describes."""

    def url(role: str, database: str) -> str:
        return f"postgres://{role}:{state.passwords[role]}@127.0.0.1:{state.port}/{database}"

    return PostgresUrls(url("postgres", "postgres"), url(OWNER, DATABASE), url(APP, DATABASE))


def answers(state: ServiceState) -> bool:
    """Whether the server of `state` runs, is ours (it knows our password) and is prepared."""
    if not is_alive(state.pid) or not state.ready:
        return False
    try:
        with psycopg.connect(urls(state).app, connect_timeout=5):
            return True
    except psycopg.OperationalError:
        return False


def running_in(data: Path) -> int | None:
    """The process id in the lock file of the cluster, which a crash or a kill leaves behind."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int((data / "postmaster.pid").read_text().splitlines()[0])
    return None


def start_postgres(
    programs: Path, data: Path, run_as: RunAs, state: ServiceState, *, durable: bool
) -> subprocess.Popen[bytes]:
    """Start the cluster in `data` on `state.port`, made first if absent; fills in `state`.

    Raises ServicesError with the end of the log.
    """
    if not data.exists():
        _initialise(programs, data, run_as, state.passwords["postgres"], durable=durable)
    settings = SETTINGS | ({} if durable else THROWAWAY_SETTINGS)
    command: list[str | Path] = [programs / "postgres", "-D", data, "-p", str(state.port)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    log = data.with_name("postgres.log")
    with open_log(log) as lines:
        process = start(command, run_as, log=lines, at_our_death=FAST_STOP if durable else IMMEDIATE_STOP)
    state.pid = process.pid
    try:
        with _superuser_connection(process, state, log) as connection:
            _prepare(connection, state)
    except BaseException:
        process.send_signal(IMMEDIATE_STOP)
        process.wait()
        raise
    state.ready = True
    return process


def _initialise(programs: Path, data: Path, run_as: RunAs, password: str, *, durable: bool) -> None:
    # Under another name first: a cluster whose making was interrupted must not look finished.
    unfinished = data.with_name(f"{data.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    run_as.own(unfinished)
    with tempfile.NamedTemporaryFile("w", dir=data.parent, prefix=".pw-") as secret:
        secret.write(password)
        secret.flush()
        run_as.own(Path(secret.name))
        command: list[str | Path] = [programs / "initdb", "-D", unfinished, "-U", "postgres"]
        command += ["--auth=scram-sha-256", f"--pwfile={secret.name}", "-E", "UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        # One call for the whole file system takes a third of the time of one for each of a thousand files.
        method = "syncfs" if sys.platform.startswith("linux") else "fsync"
        command += [f"--sync-method={method}"] if durable else ["--no-sync"]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
            **run_as.options(signal.SIGKILL),
        )
    if done.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise ServicesError(f"initdb failed in {data}: {(done.stderr or done.stdout).strip()[-800:]}")
    unfinished.rename(data)


def _superuser_connection(
    process: subprocess.Popen[bytes], state: ServiceState, log: Path
) -> psycopg.Connection[tuple[object, ...]]:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        try:
            return psycopg.connect(urls(state).superuser, connect_timeout=5, autocommit=True)
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise ServicesError(
                    f"The PostgreSQL cluster beside {log} has other passwords than services.json there. "
                    "Restore that file, or move the postgres folder away to start afresh."
                ) from error
            if process.poll() is not None or time.monotonic() > deadline:
                last = log.read_text(errors="replace")[-800:].strip()
                raise ServicesError(f"PostgreSQL did not start; the end of {log}:\n{last}") from error
        time.sleep(0.03)


def _prepare(connection: psycopg.Connection[tuple[object, ...]], state: ServiceState) -> None:
    """The two roles and the database, each if absent: an interrupted first start is finished by the next."""
    for role, extra in ((OWNER, "CREATEDB"), (APP, "NOCREATEDB")):
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        statement = sql.SQL("{verb} ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE {extra} PASSWORD {password}")
        connection.execute(
            statement.format(
                verb=sql.SQL("ALTER" if known else "CREATE"),
                role=sql.Identifier(role),
                extra=sql.SQL(extra),
                password=sql.Literal(state.passwords[role]),
            )
        )
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
        )
