"""``migrate`` as the owner role, then the grants of the application role."""

from __future__ import annotations

from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate

from csworkbench.common.owner import grant_to_application_role, owner_connection


class Command(DjangoMigrate):
    """The application role owns nothing, so it cannot alter a table or switch a policy off."""

    def handle(self, *args: Any, **options: Any) -> None:
        with owner_connection() as application_role:
            super().handle(*args, **options)
            grant_to_application_role(application_role)
