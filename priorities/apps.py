"""App configuration."""

from django.apps import AppConfig


class PrioritiesConfig(AppConfig):
    name = "priorities"

    def ready(self) -> None:
        from csworkbench.tenancy.hooks import after_write

        from .pipeline import drain_inline

        after_write(drain_inline)
