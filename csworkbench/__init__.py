"""CS Workbench: project package (settings, URLs, background work, embedded services) and the ground floor."""

from csworkbench.celery import app as celery_app

__all__ = ["celery_app"]
