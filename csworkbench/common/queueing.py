"""Enqueueing by name, on commit: services never import tasks."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)


def enqueue(task_name: str, **ids: str | int) -> None:
    """Send a Celery task by name once the current transaction commits.

    ``ids`` are identifiers only (payloads stay in rows). The message is a hint: when the broker is down the error is
    logged and a beat tick finds the work in the tables.
    """
    transaction.on_commit(lambda: _send(task_name, ids))


def _send(task_name: str, ids: dict[str, str | int]) -> None:
    try:
        current_app.send_task(task_name, kwargs=ids)
    except Exception:  # any broker failure: truth is in rows, a tick re-derives the work
        logger.warning("could not enqueue %s %s; a tick will find it", task_name, ids, exc_info=True)
