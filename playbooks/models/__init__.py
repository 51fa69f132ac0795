"""Tables of the playbooks floor."""

from .playbook import Playbook, PlaybookVersion
from .run import Run
from .task import Task, TaskAction

__all__ = ["Playbook", "PlaybookVersion", "Run", "Task", "TaskAction"]
