"""How web, worker and beat are started: the same entry points here and in docker-compose.yml."""

from __future__ import annotations

import sys
from pathlib import Path

from csworkbench.celery import QUEUES

WORKER_ENVIRONMENT = {
    # Of a worker asked to stop, running tasks get its soft-shutdown time (20 s) to finish, the rest goes back
    # to the queue. Without the remapping, what still runs at the end waits for the visibility timeout.
    "REMAP_SIGTERM": "SIGQUIT",
    # About root: messages are JSON, never pickles, and root is who asked.
    "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
}
CELERY = ["celery", "--quiet", "-A", "csworkbench"]


def web(host: str, port: int) -> list[str]:
    """gunicorn on `host`:`port`; two processes of eight threads."""
    options = ["--worker-class", "gthread", "--workers", "2", "--threads", "8", "--timeout", "60"]
    options += ["--graceful-timeout", "15", "--no-control-socket", "--log-level", "warning"]
    return ["gunicorn", "csworkbench.wsgi", "--bind", f"{host}:{port}", *options]


def worker() -> list[str]:
    """One Celery worker of two processes for every queue."""
    options = ["--concurrency", "2", "--queues", ",".join(QUEUES), "--loglevel", "WARNING"]
    # Workers need not know of each other; the chatter would keep the broker busy.
    return [*CELERY, "worker", *options, "--without-gossip", "--without-mingle"]


def beat(folder: Path) -> list[str]:
    """The clock; its file of last runs is in `folder`, and losing it does no harm."""
    return [*CELERY, "beat", "--loglevel", "WARNING", "--schedule", str(folder / "celerybeat-schedule")]


def manage(*arguments: str) -> list[str]:
    """A management command."""
    return [sys.executable, "manage.py", *arguments]


def as_module(command: list[str]) -> list[str]:
    """The command run by this very interpreter, whatever the PATH says."""
    return [sys.executable, "-m", *command]
