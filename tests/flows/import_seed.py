"""A workspace that sells two products and has no playbooks, so that nothing but an import writes there."""

from __future__ import annotations

import json
import os

import django


def main() -> None:
    django.setup()
    from accounts.models import Product
    from csworkbench.tenancy.models import Member, User, Workspace
    from csworkbench.tenancy.scope import workspace_scope

    workspace = Workspace.objects.create(slug="aspen", name="Aspen CS", time_zone="America/Chicago")
    people = {"ops": ("Tala Weiss", ["ops"]), "csm": ("Keiko Ueda", ["csm"]), "other": ("Liam Lindqvist", ["csm"])}
    emails = {}
    with workspace_scope(workspace.pk):
        for key, name in (("learning", "Learning"), ("compliance", "Compliance")):
            Product.objects.create(workspace=workspace, key=key, name=name)
        for role, (name, roles) in people.items():
            emails[role] = f"{role}@aspen.example.org"
            user = User.objects.create_user(emails[role], os.environ["ADMIN_PASSWORD"], name=name)
            Member.objects.create(workspace=workspace, user=user, name=name, roles=roles)
    print(json.dumps({"slug": workspace.slug, "emails": emails}))


if __name__ == "__main__":
    main()
