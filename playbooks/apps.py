"""App configuration."""

from functools import partial

from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    name = "playbooks"

    def ready(self) -> None:
        from csworkbench.tenancy.undoing import beforehand, follows

        from .engine import lock_pass
        from .models import Run, Task

        # What a playbook made and nobody touched goes with its account when the account's import is undone.
        follows(Run)
        follows(Task, source=Task.Source.PLAYBOOK, closed_by_id=None, assignee_id=None)
        beforehand(partial(lock_pass, wait=True))
