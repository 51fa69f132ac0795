"""Starting and stopping server processes: which account, bound to our own life, in a session of their own."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from typing import IO, Any

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
# Loaded before any fork: a child between fork and exec must not take the import lock.
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class RunAs:
    """The account of a server process. PostgreSQL refuses to run as root, so root lends it another one.

    `uid`/`gid` None: our own. `namespace`: our own files, but seen as user 1 inside a user namespace.
    """

    uid: int | None = None
    gid: int | None = None
    namespace: bool = False

    def own(self, path: Path) -> None:
        """Give `path` (a file or folder just made by us) to the account."""
        if self.uid is not None:
            os.chown(path, self.uid, -1 if self.gid is None else self.gid)

    def can_use(self, folder: Path, programs: Sequence[Path]) -> bool:
        """Whether the account may enter `folder` and run all of `programs`."""
        script = 'cd "$0" || exit 1; for p in "$@"; do "$p" --version || exit 1; done'
        try:
            done = subprocess.run(
                ["/bin/sh", "-c", script, str(folder), *map(str, programs)],
                check=False,
                **self.options(signal.SIGKILL),
                **_QUIET,
            )
        except (OSError, subprocess.SubprocessError):
            return False
        return done.returncode == 0

    def options(self, at_our_death: signal.Signals) -> dict[str, Any]:
        """Keyword arguments for subprocess: account, environment, and the signal to get when we die."""
        options: dict[str, Any] = {
            "cwd": "/",
            "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            # Away from the terminal: Ctrl-C must reach us, not the database.
            "start_new_session": True,
            "preexec_fn": bound_child(at_our_death, namespace=self.namespace),
        }
        if self.uid is not None:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options


_QUIET: dict[str, Any] = {
    "stdin": subprocess.DEVNULL,
    "stdout": subprocess.DEVNULL,
    "stderr": subprocess.DEVNULL,
}


def candidate_accounts(data: Path) -> list[RunAs]:
    """The accounts to try for a server, best first; an existing `data` folder keeps its owner."""
    if os.geteuid() != 0:
        return [RunAs()]
    if data.exists():
        owner = data.stat()
        return [RunAs(owner.st_uid, owner.st_gid) if owner.st_uid else RunAs(namespace=True)]
    nobody = pwd.getpwnam("nobody")
    return [RunAs(nobody.pw_uid, nobody.pw_gid), RunAs(namespace=True)]


def start(
    command: Sequence[str | Path],
    run_as: RunAs,
    *,
    log: IO[bytes],
    at_our_death: signal.Signals,
    configuration: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start a server; `configuration` goes to its standard input, where no other user can read a password."""
    stdin = subprocess.PIPE if configuration is not None else subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=stdin, stdout=log, stderr=log, **run_as.options(at_our_death))
    if configuration is not None and process.stdin is not None:
        # A server that died at once breaks the pipe; the caller sees that when it waits for the port.
        with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
            pipe.write(configuration.encode())
    return process


def open_log(path: Path) -> IO[bytes]:
    """Append to a log that only we may read: statements in it name people."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def stop(process: subprocess.Popen[bytes], how: signal.Signals, timeout: float) -> None:
    """Ask with `how`, wait `timeout` seconds, then kill the whole group."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def is_alive(pid: int | None) -> bool:
    """Whether a process (of any user) has this id and is not a zombie."""
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        # The state letter follows the closing bracket of the program's name.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not sys.platform.startswith("linux")


def wait_until_gone(pid: int | None, name: str, timeout: float) -> bool:
    """Wait up to `timeout` seconds for process `pid` to end, if it still is a `name`; False if it stays."""
    deadline = time.monotonic() + timeout
    while is_alive(pid) and _runs(pid, name):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def free_port(preferred: int = 0) -> int:
    """A port on loopback that nobody listens on, below the range outgoing connections take theirs from."""
    choices = SystemRandom().sample(range(20_000, 32_000), 50)
    for port in [preferred, *choices] if preferred else choices:
        with socket.socket() as probe:
            # As the servers do: a port in TIME_WAIT is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        chosen: int = probe.getsockname()[1]
        return chosen


def _runs(pid: int | None, name: str) -> bool:
    # After a reboot a remembered number may belong to anybody.
    with contextlib.suppress(OSError):
        return name in Path(f"/proc/{pid}/cmdline").read_text()
    return not sys.platform.startswith("linux")


def bound_child(at_our_death: signal.Signals, *, namespace: bool = False) -> Callable[[], None]:
    """A preexec_fn for subprocess: the child gets the signal when the calling thread dies.

    It runs after the change of account, which would clear the signal.
    """
    parent, uid, gid = os.getpid(), os.geteuid(), os.getegid()

    def prepare() -> None:
        if namespace:
            _enter_namespace(uid, gid)
        follow_parent(at_our_death)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return prepare


def follow_parent(signal_to_get: signal.Signals) -> None:
    """Get this signal when the parent (the thread that started us) dies, even by kill -9."""
    if sys.platform.startswith("linux"):
        _libc.prctl(PR_SET_PDEATHSIG, int(signal_to_get), 0, 0, 0)


def _enter_namespace(uid: int, gid: int) -> None:
    if _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not allowed here")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/gid_map").write_text(f"1 {gid} 1")
    Path("/proc/self/uid_map").write_text(f"1 {uid} 1")
