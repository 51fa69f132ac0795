"""How long the slowest refusal takes, and how much memory the child has at most, over every hostile file."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Iterator
from pathlib import Path

from csworkbench.common.measuring import Measurement, timed

from .hostile.files import HostileFile, hostile_files
from .reading import RefusedFile, open_sheet

SECONDS = 2.0
MEBIBYTES = 512
HINTS = frozenset({"salesforce id", "account"})


def bench_import_hostile(scale: int) -> Iterator[Measurement]:
    """Each hostile file read once, one after another; ``scale`` is the most files that are read.

    ``hostile_refusal`` is the slowest refusal, in seconds, against a floor of one second. ``hostile_memory`` is the
    peak of any child in MiB (in the place of the seconds) against 512; it is at least that of this process, in whose
    memory a child begins.
    """
    files = hostile_files()
    files = files[:: max(1, -(-len(files) // scale))]
    with tempfile.TemporaryDirectory() as folder:
        slowest = max(seconds_to_refuse(file, Path(folder) / "sheet") for file in files)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    yield Measurement("hostile_refusal", len(files), slowest, 1.0, SECONDS, 0)
    yield Measurement("hostile_memory", len(files), peak, float(MEBIBYTES), 1.0, 0)


def seconds_to_refuse(file: HostileFile, path: Path) -> float:
    """The seconds until the refusal of a file; 0 when it gives rows, which take what they take."""
    file.write(path)
    refused = False

    def read() -> None:
        nonlocal refused
        try:
            with open_sheet(path, HINTS) as reading:
                for _ in reading.blocks():
                    pass
        except RefusedFile:
            refused = True

    seconds = timed(read)
    return seconds if refused else 0.0
