"""A CSM of their own with two accounts, somebody to call and a task due: other stories count their own rows."""

from __future__ import annotations

import json
import os

import django


def main() -> None:
    django.setup()
    from accounts.models import Account, Contact
    from accounts.search import normalise_name
    from csworkbench.tenancy.models import Member, User, Workspace
    from csworkbench.tenancy.scope import workspace_scope
    from playbooks.services import add_task
    from priorities import pipeline

    workspace = Workspace.objects.get(slug="willow")
    with workspace_scope(workspace.pk):
        user = User.objects.create_user("caller@example.org", os.environ["ADMIN_PASSWORD"], name="Pia Sato")
        csm = Member.objects.create(workspace=workspace, user=user, name="Pia Sato", roles=["csm"])
        made = []
        for name in ("Mesa Dental Group", "Quillfeather Pediatrics"):
            account = Account.objects.create(
                workspace=workspace, name=name, search_name=normalise_name(name), tier=1, owner=csm
            )
            Contact.objects.create(
                workspace=workspace, account=account, first_name="Ada", last_name="Gallo", is_primary=True,
                email=f"ada.{account.pk.hex[-6:]}@example.org", phone="+19294753141",
            )  # fmt: skip
            made.append(str(account.pk))
        first = Account.objects.get(pk=made[0])
        task = add_task(
            actor=csm, account=first, fields={"title": "Call about the audit", "severity": 1, "due_on": workspace.today}
        )
        pipeline.sweep(workspace)
    print(json.dumps({"accounts": made, "task": str(task.pk), "email": user.email}))


if __name__ == "__main__":
    main()
