"""The Celery application: settings under the CELERY_ prefix, tasks found in each app's tasks module."""

from __future__ import annotations

import os

from celery import Celery
from kombu import Exchange, Queue

# One worker serves all of them on one machine; past it, each may get workers of its own (`-Q imports`).
QUEUES = ("default", "pipeline", "playbooks", "mail", "imports")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csworkbench.settings")

app = Celery("csworkbench")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Declared here, so that a worker started without -Q consumes every queue a route can name.
app.conf.task_queues = [Queue(name, Exchange(name), routing_key=name) for name in QUEUES]
app.conf.task_default_queue = QUEUES[0]
# A message for a queue that nobody consumes would wait for ever: a wrong name must raise instead.
app.conf.task_create_missing_queues = False
app.autodiscover_tasks()
