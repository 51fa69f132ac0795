"""App configuration."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "csworkbench.imports"
    label = "imports"
