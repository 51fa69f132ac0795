"""Primary keys made here: ``bulk_create`` does not read back a key that the database's default made (Django 5.2)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import count
from uuid import UUID

from csworkbench.common import clock

VERSION_7, VARIANT = 7 << 76, 2 << 62
SEQUENCE = 1 << 12


def new_ids() -> Iterator[UUID]:
    """Rising UUIDv7s of this moment, as PostgreSQL's ``uuidv7()`` would give them."""
    milliseconds = int(clock.now().timestamp() * 1000)
    for number in count():
        moment = milliseconds + number // SEQUENCE
        yield UUID(int=(moment << 80) | VERSION_7 | (number % SEQUENCE << 64) | VARIANT | secrets.randbits(62))
