"""docker-compose.yml: the supervisor's parts, least secrets, restarts; its commands as plain processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml

from csworkbench import devservices
from csworkbench.devservices.binaries import find_postgres
from csworkbench.devservices.processes import free_port
from csworkbench.supervisor import commands, health
from csworkbench.supervisor.canary import fetch
from csworkbench.supervisor.run import WORKER_PATIENCE

CHECKOUT = Path(__file__).resolve().parents[2]
TEXT = (CHECKOUT / "docker-compose.yml").read_text()
VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")
RUNNING = ("postgres", "valkey", "web", "worker", "beat")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]


def filled(text: str, values: dict[str, str]) -> str:
    """`text` as compose fills it in; raises KeyError where it insists on a value."""

    def value(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        return values.get(name) or default if kind == "-" else values[name]

    return VARIABLE.sub(value, text)


def example() -> dict[str, str]:
    lines = (CHECKOUT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_parts_are_those_of_the_supervisor() -> None:
    assert set(SERVICES) == {*RUNNING, "migrate"}
    assert SERVICES["web"]["command"] == commands.web("0.0.0.0", 8000)
    assert SERVICES["worker"]["command"] == commands.worker()
    assert SERVICES["beat"]["command"] == commands.beat(Path("/data"))
    assert SERVICES["migrate"]["command"][1:] == commands.manage("migrate", "--no-input")[1:]
    remapped = commands.WORKER_ENVIRONMENT["REMAP_SIGTERM"]
    assert SERVICES["worker"]["environment"]["REMAP_SIGTERM"] == remapped


def test_the_image_by_itself_is_web() -> None:
    last = (CHECKOUT / "Dockerfile").read_text().strip().splitlines()[-1]
    assert json.loads(last.removeprefix("CMD ")) == commands.web("0.0.0.0", 8000)


@pytest.mark.parametrize("name", RUNNING)
def test_every_part_is_watched_and_restarted(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"]
    # Longer than the time a worker gives its running tasks.
    assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > WORKER_PATIENCE
    assert SERVICES[name]["logging"]["options"]["max-size"]


def test_migrate_runs_once_and_first() -> None:
    assert SERVICES["migrate"]["restart"] == "no"
    for name in ("web", "worker", "beat"):
        needs = SERVICES[name]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"
        assert {needs[service]["condition"] for service in ("postgres", "valkey")} == {"service_healthy"}


def test_secrets_reach_only_those_who_need_them() -> None:
    holders = {
        secret: {name for name, service in SERVICES.items() if secret in yaml.safe_dump(service)}
        for secret in ("POSTGRES_PASSWORD", "CSW_OWNER_PASSWORD")
    }
    assert holders == {"POSTGRES_PASSWORD": {"postgres"}, "CSW_OWNER_PASSWORD": {"postgres", "migrate"}}
    for name in ("web", "worker", "beat", "migrate"):
        assert "env_file" not in SERVICES[name]
    # Reachable from outside: web only, and that by default from this machine only.
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["web"]
    assert SERVICES["web"]["ports"][0].startswith("${BIND:-127.0.0.1}:")


def test_the_example_names_every_variable_and_no_secret() -> None:
    assert set(example()) == {name for name, _, _ in VARIABLE.findall(TEXT)}
    secrets = {name for name in example() if "PASSWORD" in name or "KEY" in name}
    assert not [name for name in secrets if example()[name]]
    # Left empty, each stops compose with a word.
    insisted = {name for name, kind, _ in VARIABLE.findall(TEXT) if kind == "?"}
    assert secrets <= insisted


def test_the_broker_keeps_its_messages_as_in_the_embedded_one() -> None:
    line = " ".join(SERVICES["valkey"]["command"])
    assert "--appendonly yes --appendfsync everysec" in line
    assert "--maxmemory-policy noeviction" in line


def test_images_have_a_version() -> None:
    for service in SERVICES.values():
        assert re.fullmatch(r"\S+:(?!latest)\w+", service["image"])


def test_nothing_secret_or_made_here_enters_the_image() -> None:
    ignored = (CHECKOUT / ".dockerignore").read_text().splitlines()
    assert {".*", "tests"} <= set(ignored)
    dockerfile = (CHECKOUT / "Dockerfile").read_text()
    assert dockerfile.index("USER workbench") > dockerfile.index("COPY . .")


@pytest.mark.parametrize(
    ("answer", "uptime", "age"),
    [
        ({"canary_age_seconds": 40}, 1000, 40),
        ({"canary_age_seconds": 90_000}, 20, 20),  # an old song, but this container is young
        ({"canary_age_seconds": None}, 400, 400),
        ({"canary_age_seconds": 900}, 1000, 900),
        ({"ready": False}, 1000, 0),
        (None, 1000, 0),
    ],
)
def test_the_age_of_the_canary_in_a_container(answer: dict[str, object] | None, uptime: float, age: float) -> None:
    assert health.canary_age(answer, uptime) == age


def test_deaf_work_ends_its_container_and_no_machine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ended: list[bool] = []
    monkeypatch.setattr(health, "end_container", lambda: ended.append(True))
    monkeypatch.setattr(health, "uptime_of", lambda pid: 3600.0)
    for age, code in ((10, 0), (200, 1), (301, 1)):
        monkeypatch.setattr(health, "fetch", lambda url, host=None, age=age: {"canary_age_seconds": age})
        assert health.main(["work", "http://web:8000"]) == code
    assert ended == [True]
    assert health.main(["nonsense"]) == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize("ours", [True, False])
def test_only_a_main_process_of_ours_is_asked_to_stop(ours: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    wait = "import time; time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", wait, "celery" if ours else "init"]) as process:
        monkeypatch.setattr(health, "MAIN_PROCESS", process.pid)
        until(lambda: wait in Path(f"/proc/{process.pid}/cmdline").read_text())
        health.end_container()
        time.sleep(0.2)
        assert (process.poll() is not None) is ours
        process.kill()


def test_uptime_is_counted_from_the_start_of_the_process() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        time.sleep(0.3)
        assert 0.2 < health.uptime_of(process.pid) < 5
        process.kill()


# -- The same entry points as plain processes


def until(condition: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A part of the deployment, stopped as a container is: SIGTERM, and SIGKILL after the grace period."""
    process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def deployment() -> Iterator[tuple[devservices.Throwaway, dict[str, str]]]:
    """A cluster prepared by the deployment's own script, and the values of a filled-in .env."""
    passwords = {"CSW_OWNER_PASSWORD": "owner0secret", "CSW_APP_PASSWORD": "app0secret"}
    with devservices.throwaway() as urls:
        server = urlsplit(urls.superuser)
        with psycopg.connect(urls.superuser, autocommit=True) as connection:
            for statement in ("DATABASE csworkbench", "ROLE csw_app", "ROLE csw_owner"):
                connection.execute(f"DROP {statement}".encode())
        subprocess.run(
            ["sh", CHECKOUT / "docs" / "deploy" / "create-roles.sh"],
            env={"PATH": f"{find_postgres()}:{os.environ['PATH']}", "POSTGRES_USER": "postgres"}
            | {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGPASSWORD": str(server.password)}
            | passwords,
            check=True,
        )
        values = example() | passwords
        values |= {"SECRET_KEY": "k" * 50, "EMAIL_URL": "consolemail://", "POSTGRES_PASSWORD": "unused"}
        yield urls, values | {"REDIS_PASSWORD": str(urlsplit(urls.redis).password)}


def environment_of(name: str, urls: devservices.Throwaway, values: dict[str, str], data: Path) -> dict[str, str]:
    """What the container would see, with the servers' names replaced by ours."""
    text = filled(json.dumps(SERVICES[name]["environment"]), values)
    for service, url in (("postgres:5432", urls.superuser), ("valkey:6379", urls.redis)):
        text = text.replace(f"@{service}", f"@127.0.0.1:{urlsplit(url).port}")
    found: dict[str, str] = json.loads(text)
    return {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"} | found | {"DATA_DIR": str(data)}


def test_the_role_of_the_application_owns_nothing(
    deployment: tuple[devservices.Throwaway, dict[str, str]],
) -> None:
    urls, values = deployment
    port = urlsplit(urls.superuser).port
    app = f"postgres://csw_app:{values['CSW_APP_PASSWORD']}@127.0.0.1:{port}/csworkbench"
    about = """
        SELECT bool_or(rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb),
               (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'csworkbench')
          FROM pg_roles WHERE rolname ~ '^csw_'
    """
    with psycopg.connect(app) as connection:
        assert connection.execute(about).fetchone() == (False, "csw_owner")


def test_migrate_web_worker_and_beat_work_as_plain_processes(
    deployment: tuple[devservices.Throwaway, dict[str, str]], tmp_path: Path
) -> None:
    urls, values = deployment
    port = free_port()

    def environment(name: str) -> dict[str, str]:
        return environment_of(name, urls, values, tmp_path)

    def command(name: str) -> list[str]:
        program, *rest = (word.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for word in SERVICES[name]["command"])
        rest = [word.replace("/data/", f"{tmp_path}/") for word in rest]
        return [sys.executable, *rest] if program == "python" else [sys.executable, "-m", program, *rest]

    migrated = subprocess.run(command("migrate"), cwd=CHECKOUT, env=environment("migrate"), check=False)
    assert migrated.returncode == 0
    with ExitStack() as stack:
        parts = {
            name: stack.enter_context(running(command(name), environment(name))) for name in ("web", "worker", "beat")
        }
        until(lambda: health.web_is_healthy(fetch(f"http://localhost:{port}/readyz")))
        song = [sys.executable, "-m", "celery", "-A", "csworkbench", "call", "common.canary"]
        subprocess.run(song, cwd=CHECKOUT, env=environment("beat"), check=True, stdout=subprocess.DEVNULL)
        # Under the name the health check of the worker uses.
        address = f"http://127.0.0.1:{port}/readyz"
        until(lambda: (fetch(address, "localhost") or {}).get("canary_age_seconds") is not None)
        assert [name for name, process in parts.items() if process.poll() is not None] == []
    assert -signal.SIGKILL not in {process.returncode for process in parts.values()}
