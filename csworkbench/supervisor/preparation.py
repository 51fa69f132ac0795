"""Before the parts run: the lock of the data folder, a free port, static files, whether there is a demo."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import select
import socket
from ipaddress import ip_address
from pathlib import Path

PORTS_TRIED = 50


class AlreadyRunning(RuntimeError):
    """Another supervisor serves this data folder; the message says where."""


class RunLock:
    """One supervisor for each data folder, held for life; the kernel releases it even after kill -9."""

    def __init__(self, data: Path) -> None:
        self._file = data / "run.lock"
        self._descriptor = -1

    def take(self) -> None:
        """Take the lock or raise AlreadyRunning."""
        self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(self._describe_holder()) from None
        self.note("")

    def note(self, url: str) -> None:
        """Leave the address for whoever comes second."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, json.dumps({"pid": os.getpid(), "url": url}).encode(), 0)

    def _describe_holder(self) -> str:
        try:
            holder = json.loads(self._file.read_text())
        except (OSError, ValueError):
            holder = {}
        where = holder.get("url") or "an address it will print when it is up"
        return f"Already running at {where} (process {holder.get('pid', 'unknown')})."


def free_web_port(host: str, wanted: int) -> int:
    """`wanted` or the next port nobody listens on; raises OSError if PORTS_TRIED in a row are taken."""
    error: OSError | None = None
    for port in range(wanted, wanted + PORTS_TRIED):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as taken:
                error = taken
                continue
            return port
    raise error or OSError(f"no free port from {wanted}")


def address(host: str, port: int) -> str:
    """The URL for a browser on this machine when web listens on `host`."""
    try:
        number = ip_address(host)
    except ValueError:
        return f"http://{host}:{port}"
    if number.is_unspecified or number.is_loopback:
        return f"http://localhost:{port}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Terminal:
    """The terminal we were started from. Closed, it tells its first process only, which may be a `make` that waits."""

    def __init__(self) -> None:
        self._watched = select.poll()
        if os.isatty(0):
            self._watched.register(0, 0)

    def gone(self) -> bool:
        """Whether there was a terminal and it was closed."""
        return bool(self._watched.poll(0))


class StaticFiles:
    """Whether the collected static files match their sources: collecting takes seconds, looking does not."""

    def __init__(self, checkout: Path, data: Path) -> None:
        self._checkout = checkout
        self._stamp = data / "static.collected"

    def stale(self) -> bool:
        """Whether the sources changed since `mark`."""
        return not self._stamp.exists() or self._stamp.read_text() != self._fingerprint()

    def mark(self) -> None:
        """Remember the sources as collected."""
        self._stamp.write_text(self._fingerprint())

    def _fingerprint(self) -> str:
        # The lock file stands for the libraries' own static files.
        files = [self._checkout / "uv.lock", self._checkout / "csworkbench" / "settings.py"]
        for place in ("static", "*/static", "*/*/static"):
            for folder in self._checkout.glob(place):
                files += (path for path in folder.rglob("*") if path.is_file())
        digest = hashlib.sha256()
        for path in sorted(files):
            about = path.stat()
            digest.update(f"{path}\0{about.st_size}\0{about.st_mtime_ns}\n".encode())
        return digest.hexdigest()


def has_demo(checkout: Path) -> bool:
    """Whether the checkout brings the `demo` command."""
    places = ("*/management/commands/demo.py", "*/*/management/commands/demo.py")
    return any(next(checkout.glob(place), None) for place in places)
