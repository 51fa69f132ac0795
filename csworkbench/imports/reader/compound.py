"""The container of an old Excel workbook (.xls): what is in it, and whether it has a password.

Chains of sectors are followed here first, with an end to each: a chain that is a ring is a damaged file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .refusal import SAVE_AS, Refusal

HEADER = 512
FREE = 0xFFFFFFFA  # this and above are marks, not sectors
ENTRY = 128
MINI_CUTOFF = 4096
BOF, END_OF_GLOBALS, DATE_MODE, PASSWORD = (0x0009, 0x0209, 0x0409, 0x0809), 0x0A, 0x22, 0x2F
# Fonts, formats and names come in the globals; nobody has this many.
MAX_GLOBALS = 200_000


@dataclass(frozen=True)
class Stream:
    """One stream of the container: where it starts, its size, and whether it lies in the small sectors."""

    start: int
    size: int


def check_compound(path: Path) -> None:
    """Raise Refusal unless the file is a plain workbook of Excel 5 to 2003."""
    try:
        container = Compound(path.read_bytes())
    except (struct.error, IndexError, ValueError) as error:
        raise broken() from error
    names = set(container.streams)
    if "EncryptedPackage" in names or "EncryptionInfo" in names:
        raise with_password()
    book = container.streams.get("Workbook") or container.streams.get("Book")
    if book is None:
        what = "a Word document" if "WordDocument" in names else "another Office document"
        raise Refusal("wrong_type", f"The file is {what}, not a sheet. {SAVE_AS}")
    for kind, _ in container.globals(book):
        if kind == PASSWORD:
            raise with_password()


def counts_from_1904(path: Path) -> bool:
    """Whether the dates of a workbook count from 1904, as those of old Macintosh computers."""
    container = Compound(path.read_bytes())
    book = container.streams.get("Workbook") or container.streams.get("Book")
    if book is None:
        return False
    return any(kind == DATE_MODE and data[:2] == b"\x01\0" for kind, data in container.globals(book))


def with_password() -> Refusal:
    """A workbook with a password."""
    return Refusal("encrypted", "The workbook has a password. Remove it and upload the workbook again.")


def broken() -> Refusal:
    """A container that is damaged."""
    return Refusal("broken", "The workbook is damaged or incomplete. Open it in Excel and save it as .xlsx.")


class Compound:
    """A compound file in memory (20 MB at most): sectors, their chains, the streams of the root."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise broken()
        self.sector = 1 << shift
        self.count = max(0, len(data) // self.sector)
        fat_sectors, directory = struct.unpack_from("<I", data, 44)[0], struct.unpack_from("<I", data, 48)[0]
        mini_fat, _, difat, difats = struct.unpack_from("<IIII", data, 60)
        self.fat = self._fat(fat_sectors, difat, difats)
        self.streams, root = self._directory(self.chained(directory))
        mini = self.chained(mini_fat) if mini_fat < FREE else b""
        self.mini_fat = struct.unpack(f"<{len(mini) // 4}I", mini[: len(mini) // 4 * 4])
        self.mini = self.chained(root.start) if root is not None and root.start < FREE and mini else b""

    def _fat(self, sectors: int, difat: int, difats: int) -> tuple[int, ...]:
        listed = [number for number in struct.unpack_from("<109I", self.data, 76) if number < FREE]
        seen = 0
        while difat < FREE:
            seen += 1
            if seen > self.count:
                raise broken()
            block = self._sector(difat)
            numbers = struct.unpack(f"<{len(block) // 4}I", block)
            listed += [number for number in numbers[:-1] if number < FREE]
            difat = numbers[-1]
        if len(listed) > self.count + 1:
            raise broken()
        table = b"".join(self._sector(number) for number in listed)
        return struct.unpack(f"<{len(table) // 4}I", table)

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.sector
        block = self.data[start : start + self.sector]
        if not block:
            raise broken()
        # The last sector of a file may be cut short.
        return block.ljust(self.sector, b"\0")

    def chained(self, start: int) -> bytes:
        """The bytes of a chain of sectors; Refusal when it is a ring or leaves the file."""
        return b"".join(map(self._sector, self._chain(start, self.fat)))

    def _chain(self, start: int, table: tuple[int, ...]) -> Iterator[int]:
        seen = 0
        while start < FREE:
            seen += 1
            if seen > len(table) or start >= len(table):
                raise broken()
            yield start
            start = table[start]

    def _directory(self, data: bytes) -> tuple[dict[str, Stream], Stream | None]:
        streams: dict[str, Stream] = {}
        root = None
        for at in range(0, len(data) - ENTRY + 1, ENTRY):
            length, kind = struct.unpack_from("<HB", data, at + 64)
            name = data[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            stream = Stream(*struct.unpack_from("<II", data, at + 116))
            if kind == 5:
                root = root or stream
            elif kind == 2:
                streams.setdefault(name, stream)
        return streams, root

    def content(self, stream: Stream) -> bytes:
        """The bytes of a stream, from the large or the small sectors."""
        if stream.size >= MINI_CUTOFF:
            return self.chained(stream.start)[: stream.size]
        chain = self._chain(stream.start, self.mini_fat)
        return b"".join(self.mini[number * 64 : number * 64 + 64] for number in chain)[: stream.size]

    def globals(self, book: Stream) -> Iterator[tuple[int, bytes]]:
        """The records before the first sheet: ``(number, content)``; Refusal when the stream does not begin as one."""
        data = self.content(book)
        if len(data) < 8 or int.from_bytes(data[:2], "little") not in BOF:
            raise broken()
        at = 0
        for _ in range(MAX_GLOBALS):
            if at + 4 > len(data):
                raise broken()
            kind, length = struct.unpack_from("<HH", data, at)
            yield kind, data[at + 4 : at + 4 + length]
            if kind == END_OF_GLOBALS:
                return
            at += 4 + length
