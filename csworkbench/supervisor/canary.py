"""Is work still flowing? A deaf worker lives on as a process; the age of the canary's song betrays it."""

from __future__ import annotations

import http.client
import json
import threading
import time
import urllib.error
import urllib.request

FRESH = 180.0  # seconds; it sings every minute
SILENCE = 300.0  # seconds without a fresh song before the worker is restarted
INTERVAL = 15.0
TIMEOUT = 5.0


class CanaryWatch:
    """Counts the silence by our own clock: after the machine slept the song is old, but the worker sound."""

    def __init__(self, now: float) -> None:
        self._heard_at = now

    def observe(self, answer: dict[str, object] | None, now: float) -> None:
        """Take in an answer of /readyz; None (it did not answer) says nothing about the worker."""
        age = answer.get("canary_age_seconds") if answer else None
        if answer is None or "canary_age_seconds" not in answer or (isinstance(age, int | float) and age <= FRESH):
            self._heard_at = now

    def worker_is_deaf(self, now: float) -> bool:
        """True once for each SILENCE without a fresh song; then the count begins again."""
        if now - self._heard_at <= SILENCE:
            return False
        self._heard_at = now
        return True


class Probe:
    """Asks /readyz in a thread of its own, so that a hanging web process cannot hold up the supervisor."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answer: dict[str, object] | None = None
        self.asked_at = 0.0
        self._thread: threading.Thread | None = None

    def ask_every(self, interval: float, now: float) -> bool:
        """Ask again if `interval` (s) has passed; True when `answer` is new (None: no answer in time)."""
        if self._thread is not None:
            if self._thread.is_alive():
                return False
            self._thread = None
            return True
        if now - self.asked_at >= interval:
            self.asked_at = now
            self._thread = threading.Thread(target=self._ask, daemon=True)
            self._thread.start()
        return False

    def _ask(self) -> None:
        self.answer = fetch(f"{self.url}/readyz")


def fetch(address: str, host: str | None = None) -> dict[str, object] | None:
    """The JSON object at an http address, whatever the status; None if there is none within TIMEOUT.

    `host` is the name to ask under, where the address is not one of ALLOWED_HOSTS.
    """
    request = urllib.request.Request(address, headers={"Host": host} if host else {})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as reply:  # noqa: S310 # nosec B310
            body = reply.read()
    except urllib.error.HTTPError as error:
        body = error.read()
    except (OSError, http.client.HTTPException):
        return None
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def wait_for_answer(address: str, seconds: float, stopping: threading.Event) -> bool:
    """Whether /readyz answers within `seconds`; False as soon as `stopping` is set."""
    deadline = time.monotonic() + seconds
    while not stopping.is_set() and time.monotonic() < deadline:
        if fetch(f"{address}/readyz") is not None:
            return True
        stopping.wait(0.1)
    return False
