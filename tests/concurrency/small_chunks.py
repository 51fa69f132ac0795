"""A real worker of the product that applies imports in small chunks, so that a kill finds it in the middle of one."""

from __future__ import annotations

import os

from csworkbench.celery import app

__all__ = ["app"]


@app.on_after_finalize.connect
def cut_small(sender: object, **about: object) -> None:
    """Once the settings are read."""
    from csworkbench.imports.services import applying

    applying.CHUNK_ROWS = int(os.environ["IMPORT_CHUNK_ROWS"])
