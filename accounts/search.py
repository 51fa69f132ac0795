"""How names are folded for searching and matching."""

from __future__ import annotations

import re
import unicodedata

_NOT_WORD = re.compile(r"[^a-z0-9]+")


def normalise_name(name: str) -> str:
    """A name as it is searched: lower case, accents folded, punctuation as single spaces, at most 200 characters.

    ``Ñandú Wellness, Inc.`` becomes ``nandu wellness inc``.
    """
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _NOT_WORD.sub(" ", folded.lower()).strip()[:200]
