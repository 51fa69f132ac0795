"""App configuration."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "csworkbench.common"
    label = "common"
