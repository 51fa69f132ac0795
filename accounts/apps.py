"""App configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from csworkbench.imports import kinds

        from . import facts  # noqa: F401  (registers the facts of this floor)
        from .importing.book import Book

        kinds.register(Book())
