"""App configuration."""

from django.apps import AppConfig


class PrioritiesConfig(AppConfig):
    name = "priorities"

    def ready(self) -> None:
        from accounts.panels import Panel, add_panel
        from csworkbench.tenancy.hooks import after_write

        from .pipeline import drain_inline

        after_write(drain_inline)
        # First: why the account is where it is in the queue, and what is to be done.
        add_panel(
            Panel("panel", "Priority", "priorities:account_panel", "Why it ranks where it does, and its open tasks", 0)
        )
