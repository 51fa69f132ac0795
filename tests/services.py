"""The throw-away services of a test run, started once and inherited by xdist's processes through the environment."""

from __future__ import annotations

import atexit
import os
from contextlib import ExitStack


def start() -> None:
    """Start PostgreSQL and Valkey unless the environment names servers; they stop when this process ends.

    Called by the settings, because pytest-django reads those before any hook of a conftest runs.
    """
    # Playwright keeps an event loop in the thread of the test; the ORM calls around it are synchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ:
        return
    from csworkbench import devservices

    stack = ExitStack()
    services = stack.enter_context(devservices.throwaway())
    atexit.register(stack.close)
    os.environ["DATABASE_URL"] = services.app
    os.environ["DATABASE_OWNER_URL"] = services.owner
    os.environ["REDIS_URL"] = services.redis
