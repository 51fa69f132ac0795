"""Tasks of the ground itself."""

from __future__ import annotations

from celery import shared_task

from . import clock
from .models import Canary


@shared_task(name="common.canary", queue="default")
def canary() -> None:
    """Prove that beat, broker, worker and database work together."""
    Canary.objects.update_or_create(pk=1, defaults={"sung_at": clock.now()})
