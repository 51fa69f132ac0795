"""The supervisor: prepare, start the parts, keep them running, stop them in order."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from csworkbench import devservices
from csworkbench.devservices.embedded import CHECKOUT
from csworkbench.devservices.processes import follow_parent
from csworkbench.supervisor import commands
from csworkbench.supervisor.canary import INTERVAL, CanaryWatch, Probe, wait_for_answer
from csworkbench.supervisor.children import Child, run_once, stop_all
from csworkbench.supervisor.output import Output, welcome
from csworkbench.supervisor.preparation import (
    AlreadyRunning,
    RunLock,
    StaticFiles,
    Terminal,
    address,
    free_web_port,
    has_demo,
)

TICK = 0.2
WEB_START = 60.0  # seconds until the first answer
SERVICES_PAUSE = 5.0  # seconds between attempts to bring dead services back
# A worker has 20 s for running tasks by itself before it gives them back; killing must come after.
WORKER_PATIENCE = 25.0


class Stopped(Exception):
    """Somebody asked for the end while we were still preparing."""


class Supervisor:
    """Everything `make run` starts, in one data folder."""

    def __init__(self, data: Path, output: Output) -> None:
        self._data = data
        self._output = output
        self._host = os.environ.get("HOST") or "127.0.0.1"
        self._site: dict[str, str] = {}
        self._stopping, self._hurry = threading.Event(), threading.Event()
        self._children: list[Child] = []
        self._services_due = 0.0
        self._terminal: Terminal | None = None

    def run(self) -> int:
        """Until a signal; returns the exit code. Whatever happens, no process stays."""
        self._data.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        lock = RunLock(self._data)
        lock.take()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as under nohup
            signal.signal(signal.SIGHUP, self._on_signal)
            self._terminal = Terminal()
        with devservices.ensure(data_dir=self._data) as services:
            try:
                self._serve(lock)
                self._watch(services)
            except Stopped:
                pass
            finally:
                if self._children:
                    self._output.line("run", "stopping")
                stop_all(self._children, self._hurry)
        self._output.line("run", "stopped")
        return 0

    def _on_signal(self, number: int, frame: object) -> None:
        # The second Ctrl-C is from somebody who will not wait.
        if self._stopping.is_set():
            self._hurry.set()
        self._stopping.set()

    def _serve(self, lock: RunLock) -> None:
        """Everything up to the welcome; web answers once the tables are there, the demo may take longer."""
        wanted = int(os.environ.get("PORT") or 8000)
        self._prepare("migrate", "--no-input", "--verbosity", "0")
        static = StaticFiles(CHECKOUT, self._data)
        if static.stale():
            self._prepare("collectstatic", "--no-input", "--verbosity", "0")
            static.mark()
        port = free_web_port(self._host, wanted)
        if port != wanted:
            self._output.line("run", f"port {wanted} is taken, using {port}")
        url = address(self._host, port)
        # What mails from the worker link to; an installation behind a proxy says what it is called.
        self._site = {"SITE_URL": os.environ.get("SITE_URL") or url}
        lock.note(url)
        web = self._child("web", commands.as_module(commands.web(self._host, port)))
        self._start(web)
        if has_demo(CHECKOUT):
            if not (self._data / "demo-logins.json").exists():
                self._output.line("run", f"{url} is starting; the demo workspaces are made now (under a minute)")
            self._prepare("demo", "--once", needed=False)
        self._worker = self._child(
            "worker",
            commands.as_module(commands.worker()),
            patience=WORKER_PATIENCE,
            extra=commands.WORKER_ENVIRONMENT,
        )
        self._beat = self._child("beat", commands.as_module(commands.beat(self._data)))
        self._start(self._worker)
        self._start(self._beat)
        self._probe = Probe(url)
        if wait_for_answer(self._probe.url, WEB_START, self._stopping):
            self._output.block(welcome(url, self._data / "demo-logins.json"))
        elif not self._stopping.is_set():
            self._output.line("run", f"{url} does not answer yet; see the lines of web above")

    def _prepare(self, *arguments: str, needed: bool = True) -> None:
        """Run a management command; raises Stopped on a signal, SystemExit if a needed one fails."""
        child = self._child("setup", commands.manage(*arguments), restarts=False)
        code = run_once(child, self._stopping)
        if code is None:
            raise Stopped
        if code != 0:
            self._output.line("run", f"`manage.py {' '.join(arguments)}` failed with exit code {code}")
            if needed:
                raise SystemExit(1)

    def _watch(self, services: devservices.Services) -> None:
        canary = CanaryWatch(time.monotonic())
        while not self._stopping.wait(TICK) and not (self._terminal and self._terminal.gone()):
            now = time.monotonic()
            self._keep_services(services, now)
            for child in self._children:
                child.tick()
            if self._probe.ask_every(INTERVAL, now):
                canary.observe(self._probe.answer, now)
            if canary.worker_is_deaf(now):
                self._output.line("run", "no sign of work for 5 minutes: worker and beat are restarted")
                self._worker.restart()
                self._beat.restart()

    def _keep_services(self, services: devservices.Services, now: float) -> None:
        """Bring PostgreSQL and Valkey back if one died, or if the command that had started them is over."""
        if services.alive() or now < self._services_due:
            return
        self._output.line("run", "PostgreSQL or Valkey is gone and is started again")
        try:
            services.bring_up()
        except devservices.ServicesError as error:
            self._output.line("run", str(error))
            self._services_due = time.monotonic() + SERVICES_PAUSE
            return
        if services.publish():  # on another port
            for child in self._children:
                child.environment |= services.urls
                child.restart()

    def _child(
        self,
        name: str,
        command: list[str],
        *,
        restarts: bool = True,
        patience: float = 20.0,
        extra: dict[str, str] | None = None,
    ) -> Child:
        environment = os.environ | {"PYTHONUNBUFFERED": "1", "DATA_DIR": str(self._data)}
        environment |= self._site | (extra or {})
        # Without bytecode on disk every start of every part compiles the libraries anew.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return Child(
            name,
            command,
            folder=CHECKOUT,
            environment=environment,
            output=self._output,
            restarts=restarts,
            patience=patience,
        )

    def _start(self, child: Child) -> None:
        if self._stopping.is_set():
            raise Stopped
        self._children.append(child)
        child.start()


def main(arguments: Sequence[str] = ()) -> int:
    """Run until a signal; 1 with a message if that is not possible.

    `--until-parent-ends`: stop, too, when whoever started us is killed, as `make` may be.
    """
    if "--until-parent-ends" in arguments:
        follow_parent(signal.SIGTERM)
    output = Output()
    try:
        return Supervisor(devservices.default_data_dir(), output).run()
    except (AlreadyRunning, devservices.ServicesError, OSError) as error:
        output.line("run", str(error))
        return 1
