"""Field and function types every app shares."""

from __future__ import annotations

from django.db import models


class UUID7(models.Func):
    """PostgreSQL 18's ``uuidv7()``: time-ordered, so new rows land at the end of an index."""

    function = "uuidv7"
    template = "%(function)s()"
    output_field = models.UUIDField()
