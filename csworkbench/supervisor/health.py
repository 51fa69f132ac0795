"""Health checks of the containers: `python -m csworkbench.supervisor.health web|work URL`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from csworkbench.supervisor.canary import FRESH, SILENCE, fetch

MAIN_PROCESS = 1  # in its container


def web_is_healthy(answer: dict[str, object] | None) -> bool:
    """Whether web answers and reaches the database."""
    return answer is not None and answer.get("ready") is True


def canary_age(answer: dict[str, object] | None, uptime: float) -> float:
    """Seconds since work last flowed, but never more than this container is up; 0 where nobody knows."""
    if answer is None or "canary_age_seconds" not in answer:
        return 0
    age = answer["canary_age_seconds"]
    return min(float(age), uptime) if isinstance(age, int | float) else uptime


def uptime_of(pid: int) -> float:
    """Seconds since the process started."""
    started = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    return float(Path("/proc/uptime").read_text().split()[0]) - started


def end_container() -> None:
    """Ask the main process to stop, if it is ours: outside a container it is the whole machine's."""
    if "celery" in Path(f"/proc/{MAIN_PROCESS}/cmdline").read_text():
        os.kill(MAIN_PROCESS, signal.SIGTERM)


def main(arguments: list[str]) -> int:
    """0 healthy, 1 not, 2 for wrong arguments. Work that stopped for SILENCE seconds ends the container."""
    match arguments:
        case ["web", url]:
            return 0 if web_is_healthy(fetch(f"{url}/readyz")) else 1
        case ["work", url]:
            age = canary_age(fetch(f"{url}/readyz", host="localhost"), uptime_of(MAIN_PROCESS))
            if age > SILENCE:
                end_container()
            return 0 if age <= FRESH else 1
        case _:
            sys.stderr.write("usage: python -m csworkbench.supervisor.health web|work URL\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
