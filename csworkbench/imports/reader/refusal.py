"""Why a file is refused, in words for the person who sent it, and the limits of the child process."""

from __future__ import annotations

import resource

MEGABYTE = 1024 * 1024
MAX_BYTES = 20 * MEGABYTE
MAX_ENTRIES = 200
MAX_UNPACKED = 200 * MEGABYTE
MAX_RATIO = 100
MAX_COLUMNS = 256
MAX_ROWS = 1_050_000
MEMORY = 1536 * MEGABYTE
CPU_SECONDS = 60


class Refusal(Exception):
    """The file cannot be imported; ``code`` for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def confine() -> None:
    """Bound this process: memory, processor time, no files written, no core dump of a customer's data."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
