"""Names of people in one cell."""

from __future__ import annotations

from .base import BadCell, Cell, Cleaner, as_text


class FullName(Cleaner):
    """``(first name, last name)`` of ``Rosa Vargas`` or ``Vargas, Rosa``."""

    def one(self, value: Cell) -> tuple[str, str] | None:
        text = as_text(value)
        if not text:
            return None
        if text.count(",") == 1:
            last, first = (part.strip() for part in text.split(","))
        else:
            first, _, last = text.rpartition(" ")
        if len(first) > 80 or len(last) > 80:
            raise BadCell("too_long", "A first or last name has at most 80 characters.")
        return (first, last) if first else (last, "")
