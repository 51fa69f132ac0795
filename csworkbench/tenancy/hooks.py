"""What happens inside the transaction of a successful write: higher apps register, the middleware calls.

The priorities app registers a small synchronous drain here, so that the acting member sees the effect of their own
action at once (PRI-4) while everything larger is left to the worker.
"""

from __future__ import annotations

from collections.abc import Callable

from .models import Workspace

AfterWrite = Callable[[Workspace], None]
_after_write: list[AfterWrite] = []


def after_write(function: AfterWrite) -> AfterWrite:
    """Register a function to run after every successful unsafe request of a workspace."""
    if function not in _after_write:
        _after_write.append(function)
    return function


def run_after_write(workspace: Workspace) -> None:
    """Run the registered functions in order."""
    for function in _after_write:
        function(workspace)
