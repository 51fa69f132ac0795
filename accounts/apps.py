"""App configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from csworkbench.imports import kinds
        from csworkbench.tenancy.frame import Tab, add_tab
        from csworkbench.tenancy.undoing import follows
        from csworkbench.tenancy.wording import tell_apart

        from . import facts  # noqa: F401  (registers the facts of this floor)
        from .custom import Wording
        from .importing.book import Book
        from .importing.children import KINDS
        from .models import Candidate, HealthDay, RevenueDay

        for kind in (Book(), *KINDS):
            kinds.register(kind)
        for computed in (Candidate, HealthDay, RevenueDay):
            follows(computed)
        tell_apart("accounts_account", "custom", Wording)
        add_tab(Tab("Custom fields", "account_settings:fields", "tag", 40))
        add_tab(Tab("Field owners", "account_settings:owners", "shield", 50))
