"""App configuration."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "csworkbench.integrations"
    label = "integrations"

    def ready(self) -> None:
        from csworkbench.tenancy.frame import Tab, add_tab

        add_tab(Tab("API tokens", "integrations:tokens", "key", 58, ("admin",)))
