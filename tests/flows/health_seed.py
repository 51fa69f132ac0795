"""A CSM of their own with two tier 1 accounts that do equally well, and a task on each."""

from __future__ import annotations

import json
import os

import django


def main() -> None:
    django.setup()
    from accounts.models import Account
    from accounts.search import normalise_name
    from csworkbench.tenancy.models import Member, User, Workspace
    from csworkbench.tenancy.scope import workspace_scope
    from playbooks.services import add_task
    from priorities import pipeline

    workspace = Workspace.objects.get(slug="willow")
    with workspace_scope(workspace.pk):
        user = User.objects.create_user("judging@example.org", os.environ["ADMIN_PASSWORD"], name="Noor Haddad")
        csm = Member.objects.create(workspace=workspace, user=user, name="Noor Haddad", roles=["csm"])
        made = []
        for name, days in (("Alder Wellness", 1), ("Birch Wellness", 9)):
            account = Account.objects.create(
                workspace=workspace, name=name, search_name=normalise_name(name), tier=1, owner=csm, health="green"
            )
            due = workspace.today.fromordinal(workspace.today.toordinal() + days)
            add_task(actor=csm, account=account, fields={"title": f"Check in with {name}", "due_on": due})
            made.append(str(account.pk))
        pipeline.sweep(workspace)
    print(json.dumps({"accounts": made, "email": user.email}))


if __name__ == "__main__":
    main()
