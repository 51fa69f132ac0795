"""One child process: its group, log lines, restarts with growing pauses, orderly or forced end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from csworkbench.devservices.processes import bound_child
from csworkbench.supervisor.output import Output

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 10.0  # seconds before a restart
STEADY = 30.0  # seconds of life after which the pause begins at the first again


class Child:
    """A command that is kept running between `start` and `ask_to_stop`, or runs once if `restarts` is False.

    It leads a session of its own, so that Ctrl-C reaches only us, and gets SIGTERM if we are killed.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        output: Output,
        restarts: bool = True,
        patience: float = 20.0,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.environment = dict(environment)
        self.patience = patience  # seconds between asking and killing
        self.started = 0.0
        self.code: int | None = None
        self._folder = folder
        self._restarts = restarts
        self._output = output
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._kill_at: float | None = None
        self._start_at: float | None = None
        self._again = False
        self._pause = 0.0

    @property
    def running(self) -> bool:
        """Whether the process exists."""
        return self._process is not None

    @property
    def pid(self) -> int | None:
        """The process id, which is also the id of its group."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process and the thread that passes its lines on."""
        self._process = subprocess.Popen(
            self.command,
            cwd=self._folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            # Safe beside our threads: it only calls into the kernel.
            preexec_fn=bound_child(signal.SIGTERM),  # noqa: PLW1509
        )
        self._kill_at = self._start_at = self.code = None
        self.started = time.monotonic()
        self._reader = threading.Thread(target=self._pass_on, args=(self._process,), daemon=True)
        self._reader.start()

    def restart(self) -> None:
        """Stop the process in order, then start it again at once."""
        self.ask_to_stop()
        self._again = True

    def ask_to_stop(self) -> None:
        """SIGTERM to the process; `tick` kills the whole group when patience ends. No restart follows."""
        self._start_at, self._again = None, False
        if self._process is not None and self._kill_at is None:
            self._kill_at = time.monotonic() + self.patience
            # Not Popen.terminate, which would reap a process that has just ended: see _has_ended.
            os.kill(self._process.pid, signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to the whole group."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def tick(self) -> None:
        """Notice an end, kill what outstays its patience, restart what is due. For several calls a second."""
        now = time.monotonic()
        if self._process is None:
            if self._start_at is not None and now >= self._start_at:
                self.start()
        elif _has_ended(self._process.pid):
            self._bury(self._process, now)
        elif self._kill_at is not None and now >= self._kill_at:
            self._output.line(self.name, f"did not stop within {self.patience:.0f} s and is killed")
            self._kill_at = now + self.patience
            self.kill()

    def _bury(self, process: subprocess.Popen[str], now: float) -> None:
        self.kill()  # what the process left behind in its group
        self.code = process.wait()
        self._process = None
        if self._reader is not None:
            self._reader.join(1.0)  # its last words come before what we say about it
        if self._kill_at is not None or not self._restarts:
            self._start_at = now if self._again else None
            self._kill_at, self._again, self._pause = None, False, 0.0
            return
        lived = now - self.started
        self._pause = FIRST_PAUSE if lived > STEADY else min(max(self._pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
        self._start_at = now + self._pause
        self._output.line(self.name, f"ended after {lived:.0f} s ({_in_words(self.code)}); again in {self._pause:g} s")

    def _pass_on(self, process: subprocess.Popen[str]) -> None:
        if process.stdout is not None:
            with process.stdout as lines:
                for line in lines:
                    self._output.line(self.name, line.rstrip("\n"))


def run_once(child: Child, stopping: threading.Event) -> int | None:
    """Run the child to its end; its exit code, or None if `stopping` was set and it was stopped."""
    child.start()
    while child.running:
        if stopping.is_set():
            child.ask_to_stop()
        time.sleep(0.05)
        child.tick()
    return None if stopping.is_set() else child.code


def stop_all(children: Sequence[Child], hurry: threading.Event) -> None:
    """Stop the children together; once `hurry` is set they are killed."""
    for child in children:
        child.ask_to_stop()
    while any(child.running for child in children):
        for child in children:
            if hurry.is_set():
                child.kill()
            child.tick()
        time.sleep(0.05)


def _has_ended(pid: int) -> bool:
    # Seen but not yet reaped: until then nobody else can get its number, which names the group to clear.
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _in_words(code: int) -> str:
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
