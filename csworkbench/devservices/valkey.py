"""One Valkey server on loopback behind a password: append-only where data is kept, memory only in tests."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import time
from pathlib import Path

from csworkbench.devservices.binaries import ServicesError
from csworkbench.devservices.processes import RunAs, is_alive, open_log, start
from csworkbench.devservices.state import ServiceState

START_TIMEOUT = 30.0
STOP = signal.SIGTERM


def url(state: ServiceState) -> str:
    """The redis:// URL of the server that `state` describes."""
    return f"redis://:{state.passwords['valkey']}@127.0.0.1:{state.port}/0"


def answers(state: ServiceState) -> bool:
    """Whether the server of `state` runs, knows our password and has finished loading."""
    return is_alive(state.pid) and _ping(state)


def start_valkey(
    program: Path, data: Path, run_as: RunAs, state: ServiceState, *, durable: bool
) -> subprocess.Popen[bytes]:
    """Start the server in `data` on `state.port` and fill in `state`; raises ServicesError."""
    if not data.exists():
        data.mkdir(mode=0o700)
        run_as.own(data)
    log = data.with_name("valkey.log")
    with open_log(log) as lines:
        process = start(
            [program, "-"],
            run_as,
            log=lines,
            at_our_death=STOP if durable else signal.SIGKILL,
            configuration=_configuration(data, state, durable=durable),
        )
    state.pid = process.pid
    deadline = time.monotonic() + START_TIMEOUT
    while not _ping(state):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            last = log.read_text(errors="replace")[-800:].strip()
            raise ServicesError(f"Valkey did not start; the end of {log}:\n{last}")
        time.sleep(0.02)
    state.ready = True
    return process


def _configuration(data: Path, state: ServiceState, *, durable: bool) -> str:
    quoted = str(data).replace("\\", "\\\\").replace('"', '\\"')
    settings = {
        "port": str(state.port),
        "bind": "127.0.0.1",
        "requirepass": state.passwords["valkey"],
        "dir": f'"{quoted}"',
        "daemonize": "no",
        # A broker that forgets messages to make room loses work without a word.
        "maxmemory-policy": "noeviction",
        "save": '""',
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
    }
    return "".join(f"{name} {value}\n" for name, value in settings.items())


def _ping(state: ServiceState) -> bool:
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", state.port), timeout=5) as connection,
    ):
        connection.sendall(f"AUTH {state.passwords['valkey']}\r\nPING\r\n".encode())
        reply = b""
        while reply.count(b"\n") < 2 and (part := connection.recv(256)):
            reply += part
        return reply.endswith(b"+PONG\r\n")
    return False
