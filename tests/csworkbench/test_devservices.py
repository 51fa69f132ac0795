"""The embedded services started, attached to, stopped, killed, stale: real servers in temporary folders."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import psycopg
import pytest
import redis

from csworkbench import devservices
from csworkbench.devservices import binaries, placement, processes

CHECKOUT = Path(__file__).resolve().parents[2]
# Only Valkey is started then, which takes a twentieth of the time.
ELSEWHERE = {"DATABASE_URL": "postgres://elsewhere/db"}
OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DATA_DIR")

HOLD = """
import json, os, sys
from csworkbench import devservices
try:
    services = devservices.ensure(durable="durable" in sys.argv)
except devservices.ServicesError as error:
    print(json.dumps({"error": str(error)}), flush=True)
    sys.exit(1)
names = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
told = {"owned": sorted(services.owned), "home": str(services.home)}
told |= {name: os.environ.get(name) for name in names}
told["superuser"] = services.superuser_url if "postgres" in services._wanted else None
print(json.dumps(told), flush=True)
for line in sys.stdin:
    if line.strip() == "revive":
        services.bring_up()
        print(json.dumps({"owned": sorted(services.owned), "changed": services.publish()}), flush=True)
    else:
        break
services.close()
"""


class Holder:
    """A process that called `ensure` in `folder` and holds on until `close`."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if name not in OURS}
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, *arguments],
            cwd=CHECKOUT,
            env=inherited | {"DATA_DIR": str(folder)} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def told(self) -> dict[str, Any]:
        """What it says next, a JSON object; an error it was not expected to have fails the test."""
        found: dict[str, Any] = json.loads(_pipe(self.process.stdout).readline())
        assert "error" not in found, found
        return found

    @property
    def error(self) -> str:
        """The message it ended with."""
        return str(json.loads(_pipe(self.process.stdout).readline())["error"])

    def say(self, word: str) -> None:
        pipe = _pipe(self.process.stdin)
        pipe.write(f"{word}\n")
        pipe.flush()

    def close(self) -> None:
        if self.process.poll() is None:
            self.say("close")
        self.process.wait(30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that root's lesser account can enter; pytest's own are private, and every new session sees to that."""
    with tempfile.TemporaryDirectory(prefix="csw-test-", ignore_cleanup_errors=True) as made:
        path = Path(made)
        path.chmod(0o711)
        yield path


@pytest.fixture
def folder(place: Path) -> Path:
    """A data folder that does not exist yet."""
    return place / "data"


@pytest.fixture
def hold(folder: Path) -> Iterator[Callable[..., Holder]]:
    """Start holders; whatever the test did, they and their servers are gone afterwards."""
    holders: list[Holder] = []

    def start(*arguments: str, **environment: str) -> Holder:
        holders.append(Holder(folder, *arguments, **environment))
        return holders[-1]

    yield start
    for holder in holders:
        holder.kill()
    assert not wait_for_none(folder)


def serving(folder: Path) -> list[int]:
    """Processes whose command line names the folder, or who are the Valkey that its services.json names."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line, status = (entry / "cmdline").read_text(), (entry / "stat").read_text()
        except OSError:
            continue
        if str(folder) in line and status.rpartition(")")[2].split()[0] != "Z" and "devservices.ensure" not in line:
            found.append(int(entry.name))
    valkey = state(folder).get("valkey", {}).get("pid")
    return [*found, valkey] if processes.is_alive(valkey) else found


def wait_for_none(folder: Path, seconds: float = 20) -> list[int]:
    deadline = time.monotonic() + seconds
    while (left := serving(folder)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def state(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / "services.json").read_text())
    except FileNotFoundError:
        return {}
    return found


def ask(url: str, statement: str) -> Any:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def test_throwaway_gives_restricted_roles_and_leaves_nothing() -> None:
    before = dict(os.environ)
    started = time.monotonic()
    with devservices.throwaway() as urls:
        took = time.monotonic() - started
        assert ask(urls.superuser, "SHOW fsync") == "off"
        for url, may_create in ((urls.owner, True), (urls.app, False)):
            about = "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
            assert ask(url, about) is False
            assert ask(url, "SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user") is may_create
        owner_of = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        assert ask(urls.app, owner_of) == "csw_owner"
        assert redis.Redis.from_url(urls.redis).ping()
        folder = Path(ask(urls.superuser, "SHOW data_directory")).parent
        assert serving(folder)
    assert dict(os.environ) == before
    assert not folder.exists()
    assert not serving(folder)
    assert took < 10  # about 1 s on an idle machine


def test_throwaway_removes_what_a_killed_session_left(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = subprocess.Popen([sys.executable, "-c", "pass"])
    done.wait()
    left = place / f"csw-throwaway-{done.pid}-abc"
    kept = place / f"csw-throwaway-{os.getpid()}-abc"
    left.mkdir()
    kept.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    with devservices.throwaway():
        pass
    assert not left.exists()
    assert kept.exists()


def test_data_is_durable_private_and_survives_a_second_start(folder: Path, hold: Callable[..., Holder]) -> None:
    first = hold("durable")
    told = first.told
    assert told["owned"] == ["postgres", "valkey"]
    assert ask(told["superuser"], "SHOW fsync") == "on"
    assert redis.Redis.from_url(told["REDIS_URL"]).config_get("appendonly") == {"appendonly": "yes"}
    assert redis.Redis.from_url(told["REDIS_URL"]).config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
    ask(told["DATABASE_OWNER_URL"], "CREATE TABLE kept AS SELECT 42 AS answer")
    redis.Redis.from_url(told["REDIS_URL"]).set("kept", "42")
    assert stat.S_IMODE((folder / "services.json").stat().st_mode) == 0o600
    first.close()
    assert not serving(folder)

    again = hold("durable").told
    assert again == told  # the same ports and passwords, too
    assert ask(again["DATABASE_OWNER_URL"], "SELECT answer FROM kept") == 42
    assert redis.Redis.from_url(again["REDIS_URL"]).get("kept") == b"42"


def test_passwords_are_asked_for_and_never_shown(folder: Path, hold: Callable[..., Holder]) -> None:
    told = hold().told
    passwords = [password for part in state(folder).values() for password in part["passwords"].values()]
    assert len(set(passwords)) == 4
    lines = [Path(f"/proc/{pid}/cmdline").read_text() for pid in serving(folder)]
    assert len(lines) >= 2
    assert not [line for line in lines for password in passwords if password in line]
    address = told["superuser"].rpartition("@")[2]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgres://postgres:guess@{address}")
    port = told["REDIS_URL"].rpartition(":")[2]
    with pytest.raises(redis.exceptions.AuthenticationError):
        redis.Redis.from_url(f"redis://127.0.0.1:{port}").ping()
    # Root lends its servers a lesser account; anybody else's run as themselves.
    owners = {Path(f"/proc/{part['pid']}").stat().st_uid for part in state(folder).values()}
    assert owners == {(folder / "postgres").stat().st_uid}
    assert 0 not in owners


def test_a_second_process_attaches_and_leaves_the_services_running(hold: Callable[..., Holder]) -> None:
    owner = hold()
    told = owner.told
    second = hold()
    attached = second.told
    assert attached.pop("owned") == []
    assert attached == {name: value for name, value in told.items() if name != "owned"}
    second.close()
    assert ask(told["DATABASE_URL"], "SELECT 1") == 1


def test_two_simultaneous_starts_make_one_cluster(hold: Callable[..., Holder]) -> None:
    told = [holder.told for holder in (hold(), hold())]
    assert sorted(len(each["owned"]) for each in told) == [0, 2]
    assert told[0]["DATABASE_URL"] == told[1]["DATABASE_URL"]


def test_kill_of_the_parent_leaves_no_process_and_no_lasting_damage(folder: Path, hold: Callable[..., Holder]) -> None:
    first = hold("durable")
    told = first.told
    ask(told["DATABASE_OWNER_URL"], "CREATE TABLE kept AS SELECT 42 AS answer")
    assert len(serving(folder)) >= 2
    first.kill()
    # At once: the state is stale and the servers may still be on their way out.
    again = hold("durable").told
    assert again["owned"] == ["postgres", "valkey"]
    assert again["DATABASE_URL"] == told["DATABASE_URL"]
    assert ask(again["DATABASE_OWNER_URL"], "SELECT answer FROM kept") == 42


def test_a_pid_that_now_belongs_to_somebody_else_is_stale(folder: Path, hold: Callable[..., Holder]) -> None:
    first = hold(**ELSEWHERE)
    first.told  # noqa: B018 - waits until it is up
    first.close()
    remembered = state(folder)
    remembered["valkey"] |= {"pid": os.getpid(), "ready": True}
    (folder / "services.json").write_text(json.dumps(remembered))
    assert hold(**ELSEWHERE).told["owned"] == ["valkey"]


def test_an_attached_process_takes_over_when_the_owner_ends(hold: Callable[..., Holder]) -> None:
    owner = hold()
    told = owner.told
    second = hold()
    assert second.told["owned"] == []
    owner.close()
    second.say("revive")
    assert second.told == {"owned": ["postgres", "valkey"], "changed": False}
    assert ask(told["DATABASE_URL"], "SELECT 1") == 1


def test_a_crashed_server_is_revived_alone(folder: Path, hold: Callable[..., Holder]) -> None:
    holder = hold()
    told = holder.told
    before = state(folder)
    os.kill(before["valkey"]["pid"], signal.SIGKILL)
    assert wait_until(lambda: not processes.is_alive(before["valkey"]["pid"]))
    holder.say("revive")
    assert holder.told == {"owned": ["postgres", "valkey"], "changed": False}
    assert redis.Redis.from_url(told["REDIS_URL"]).ping()
    assert state(folder)["postgres"]["pid"] == before["postgres"]["pid"]


def test_a_taken_port_is_replaced(folder: Path, hold: Callable[..., Holder]) -> None:
    first = hold(**ELSEWHERE)
    first.told  # noqa: B018 - waits until it is up
    first.close()
    taken = state(folder)["valkey"]["port"]
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", taken))
        squatter.listen()
        told = hold(**ELSEWHERE).told
    assert f":{taken}/" not in told["REDIS_URL"]
    assert redis.Redis.from_url(told["REDIS_URL"]).ping()


def test_servers_named_by_the_environment_are_left_alone(folder: Path, hold: Callable[..., Holder]) -> None:
    both = hold(REDIS_URL="redis://elsewhere/0", **ELSEWHERE)
    told = both.told
    assert told["owned"] == []
    assert (told["DATABASE_URL"], told["REDIS_URL"]) == ("postgres://elsewhere/db", "redis://elsewhere/0")
    assert not folder.exists()
    one = hold(**ELSEWHERE).told
    assert one["owned"] == ["valkey"]
    assert one["DATABASE_URL"] == "postgres://elsewhere/db"
    assert not (folder / "postgres").exists()


def test_wrong_programs_are_named(hold: Callable[..., Holder], tmp_path: Path) -> None:
    assert str(tmp_path) in hold(PG_BIN=str(tmp_path)).error
    assert "REDIS_BIN" in hold(REDIS_BIN=str(tmp_path / "none")).error


def test_an_old_server_program_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("postgres", "initdb"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.14'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(devservices.ServicesError, match="version 15, 18 or later"):
        binaries.find_postgres()


def test_lost_passwords_are_said_and_the_cluster_is_kept(folder: Path, hold: Callable[..., Holder]) -> None:
    first = hold()
    first.told  # noqa: B018
    first.close()
    (folder / "services.json").unlink()
    assert "other passwords than services.json" in hold().error
    assert (folder / "postgres" / "PG_VERSION").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root borrows another account")
def test_root_in_a_private_folder_uses_a_namespace(folder: Path, hold: Callable[..., Holder]) -> None:
    folder.parent.chmod(0o700)
    if not processes.RunAs(namespace=True).can_use(folder.parent, []):
        pytest.skip("user namespaces are not allowed here")
    told = hold().told
    assert told["home"] == str(folder)
    assert ask(told["DATABASE_URL"], "SELECT 1") == 1
    assert (folder / "postgres").stat().st_uid == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root borrows another account")
def test_root_in_a_private_folder_without_namespaces_moves_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outside, private = folder.parent / "outside", folder.parent / "private"
    private.mkdir(mode=0o700)
    nobody = processes.candidate_accounts(folder)[:1]
    monkeypatch.setattr(placement, "candidate_accounts", lambda data: nobody)
    monkeypatch.setattr(placement, "RELOCATED", outside)
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    with devservices.ensure(durable=False, data_dir=private / "data") as services:
        assert outside in services.home.parents
        assert ask(services.urls["DATABASE_URL"], "SELECT 1") == 1
    assert "its data is in" in capsys.readouterr().err


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()
