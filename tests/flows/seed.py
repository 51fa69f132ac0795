"""A workspace with people and products but no accounts: the book comes in through the browser."""

from __future__ import annotations

import json
import os

import django


def main() -> None:
    django.setup()
    from csworkbench.tenancy.models import Member, User, Workspace
    from csworkbench.tenancy.scope import workspace_scope
    from priorities.setup import install_pack

    password = os.environ["ADMIN_PASSWORD"]
    workspace = Workspace.objects.create(slug="willow", name="Willow CS", time_zone="America/Chicago")
    people = {"ops": ("Farid Fontaine", ["ops"]), "csm": ("Quinn Abbott", ["csm"]), "lead": ("Ines Young", ["lead"])}
    emails = {}
    with workspace_scope(workspace.pk):
        install_pack(workspace, "compliance")
        for role, (name, roles) in people.items():
            emails[role] = f"{role}@example.org"
            user = User.objects.create_user(emails[role], password, name=name)
            Member.objects.create(workspace=workspace, user=user, name=name, roles=roles)
    print(json.dumps({"slug": workspace.slug, "emails": emails}))


if __name__ == "__main__":
    main()
