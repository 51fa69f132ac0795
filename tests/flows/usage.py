"""Use arrives: half of one CSM's accounts last assigned a course 40 days ago, the others today."""

from __future__ import annotations

from datetime import timedelta

import django


def main() -> None:
    django.setup()
    from accounts.models import Account, Module, ModuleUse
    from csworkbench.common import clock
    from csworkbench.tenancy.models import Workspace
    from csworkbench.tenancy.scope import Actor, workspace_scope

    workspace = Workspace.objects.get(slug="willow")
    with workspace_scope(workspace.pk, actor=Actor("integration", cause="usage drop")):
        modules = {module.key: module for module in Module.objects.filter(workspace=workspace)}
        accounts = list(Account.objects.filter(workspace=workspace, owner__name="Quinn Abbott").order_by("name"))
        for index, account in enumerate(accounts):
            silent = index % 2 == 0
            used = clock.now() - timedelta(days=40 if silent else 0)
            ModuleUse.objects.create(workspace=workspace, account=account, module=modules["courses"], last_used_at=used)
            ModuleUse.objects.create(
                workspace=workspace, account=account, module=modules["policies"], last_used_at=clock.now()
            )
        Account.objects.filter(pk__in=[account.pk for account in accounts[:2]]).update(health="red")
    print(len(accounts[::2]))


if __name__ == "__main__":
    main()
