"""``create_workspace``: the first command of a real installation (ADM)."""

from __future__ import annotations

import getpass
import os
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from csworkbench.tenancy.models import Member, User, Workspace
from csworkbench.tenancy.scope import workspace_scope
from priorities.setup import PACKS, install_pack


class Command(BaseCommand):
    """Creates a workspace with its first admin; the password is asked for, or read from ADMIN_PASSWORD."""

    help = "Create a workspace with its first admin, and optionally a starter pack."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slug", required=True, help="short name in addresses: /w/SLUG/")
        parser.add_argument("--name", required=True)
        parser.add_argument("--admin", required=True, metavar="EMAIL")
        parser.add_argument("--admin-name", required=True)
        parser.add_argument("--time-zone", default="America/Chicago")
        parser.add_argument("--pack", choices=[pack.key for pack in PACKS])

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace(slug=options["slug"], name=options["name"], time_zone=options["time_zone"])
        try:
            workspace.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        with transaction.atomic():
            user = self._user(options["admin"], options["admin_name"])
            workspace.save()
            with workspace_scope(workspace.pk):
                Member.objects.create(
                    workspace=workspace, user=user, name=options["admin_name"], roles=["admin", "ops"]
                )
                if options["pack"]:
                    install_pack(workspace, options["pack"])
        self.stdout.write(f"Workspace {workspace.name} is at /w/{workspace.slug}/ for {user.email}.")

    def _user(self, email: str, name: str) -> User:
        existing = User.objects.filter(email=email.strip().lower()).first()
        if existing is not None:
            return existing
        password = os.environ.get("ADMIN_PASSWORD") or getpass.getpass(f"Password for {email}: ")
        try:
            validate_password(password, User(email=email, name=name))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        return User.objects.create_user(email, password, name=name)
