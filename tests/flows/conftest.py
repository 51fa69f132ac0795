"""The whole product as processes — web, worker, beat — over its own database, driven by a real browser."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from psycopg import sql

from tests.conftest import drop_database

CHECKOUT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PASSWORD = "lantern-quartz-harbour-42"
START_LIMIT = 120.0


@dataclass(frozen=True)
class Stack:
    """A running installation and the environment its commands need."""

    address: str
    environment: dict[str, str]
    seeded: dict[str, Any]

    def manage(self, *arguments: str) -> str:
        """Run one management command to its end and return what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=CHECKOUT, env=self.environment, capture_output=True, text=True, timeout=240, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def python(self, module: str) -> str:
        """Run one module against the stack's database and return what it printed."""
        command = [sys.executable, "-m", module]
        done = subprocess.run(
            command, cwd=CHECKOUT, env=self.environment, capture_output=True, text=True, timeout=240, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Migrated, seeded and serving; ended by process id afterwards."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    folder = tmp_path_factory.mktemp("stack")
    name = f"flows_{os.getpid()}"
    owner = os.environ["DATABASE_OWNER_URL"]
    with psycopg.connect(owner, autocommit=True) as maintenance:
        maintenance.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": other_database(os.environ["DATABASE_URL"], name),
        "DATABASE_OWNER_URL": other_database(owner, name),
        "REDIS_URL": os.environ["REDIS_URL"].rsplit("/", 1)[0] + "/5",
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "csworkbench.settings",
        "ADMIN_PASSWORD": PASSWORD,
        "LOG_LEVEL": "WARNING",
        "DEBUG": "",
    }
    prepared = Stack(f"http://127.0.0.1:{port}", environment, {})
    prepared.manage("migrate", "--verbosity", "0")
    prepared.manage("collectstatic", "--noinput", "--verbosity", "0")
    seeded = json.loads(prepared.python("tests.flows.seed"))
    processes = start_processes(port, environment, folder)
    try:
        wait_until_ready(prepared.address, processes)
        yield Stack(prepared.address, environment, seeded)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
        with psycopg.connect(owner, autocommit=True) as maintenance:
            drop_database(maintenance, name)


def other_database(url: str, name: str) -> str:
    """The same server and role, another database."""
    return f"{url.rsplit('/', 1)[0]}/{name}"


def start_processes(port: int, environment: dict[str, str], folder: Path) -> list[subprocess.Popen[bytes]]:
    """The same entry points as in production."""
    commands = [
        ["gunicorn", "csworkbench.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "8"],
        ["celery", "-A", "csworkbench", "worker", "--concurrency", "1", "--loglevel", "WARNING"],
        ["celery", "-A", "csworkbench", "beat", "--loglevel", "WARNING", "--schedule", str(folder / "beat")],
    ]
    started: list[subprocess.Popen[bytes]] = []
    for command in commands:
        log = (folder / f"{command[0]}-{len(started)}.log").open("wb")
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", *command], cwd=CHECKOUT, env=environment, stdout=log, stderr=subprocess.STDOUT
            )
        )
    return started


def wait_until_ready(address: str, processes: list[subprocess.Popen[bytes]]) -> None:
    """Until the readiness page answers, or a process has ended."""
    end = time.monotonic() + START_LIMIT
    while time.monotonic() < end:
        ended = [process.args for process in processes if process.poll() is not None]
        assert not ended, f"ended early: {ended}"
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError("the stack did not come up")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking", "--disable-sync"]
        )
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A fresh browser profile that fails the test on any script error or content-security violation."""
    context = browser.new_context(base_url=stack.address, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    yield opened
    context.close()
    assert complaints == []


def sign_in(page: Page, email: str) -> None:
    """Through the sign-in form, as a person does."""
    page.goto("/auth/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/w/**")
