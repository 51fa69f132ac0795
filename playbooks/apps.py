"""App configuration."""

from functools import partial

from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    name = "playbooks"

    def ready(self) -> None:
        from accounts.timeline import add_source
        from csworkbench.tenancy.undoing import beforehand, follows

        from .engine import lock_pass
        from .models import Run, Task
        from .timeline import ended_tasks

        # What a playbook made and nobody touched goes with its account when the account's import is undone.
        follows(Run)
        follows(Task, source=Task.Source.PLAYBOOK, closed_by_id=None, assignee_id=None)
        add_source("task", "Tasks", ended_tasks)
        beforehand(partial(lock_pass, wait=True))
