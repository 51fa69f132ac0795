"""A workspace with two CSMs, each with renewals in the months to come."""

from __future__ import annotations

import json
import os
from datetime import timedelta

import django


def main() -> None:
    django.setup()
    from accounts.models import Account, Contact, Product, Subscription
    from csworkbench.tenancy.models import Member, User, Workspace
    from csworkbench.tenancy.scope import workspace_scope

    workspace = Workspace.objects.create(slug="cedar", name="Cedar CS", time_zone="America/Chicago")
    due_on = workspace.today + timedelta(days=40)
    with workspace_scope(workspace.pk):
        product = Product.objects.create(workspace=workspace, key="learning", name="Learning")
        for number, name in enumerate(("Keiko Ueda", "Liam Lindqvist")):
            email = f"csm{number}@cedar.example.org"
            user = User.objects.create_user(email, os.environ["ADMIN_PASSWORD"], name=name)
            member = Member.objects.create(workspace=workspace, user=user, name=name, roles=["csm"])
            for place in range(3):
                called = f"{('Alder', 'Birch')[number]} Clinic {place}"
                account = Account.objects.create(
                    workspace=workspace, name=called, search_name=called.lower(), owner=member, health="green"
                )
                Contact.objects.create(workspace=workspace, account=account, first_name="Ada", last_name="Gallo")
                Subscription.objects.create(
                    workspace=workspace,
                    account=account,
                    product=product,
                    mrr_minor=100_000 * (place + 1),
                    renews_on=due_on,
                )
    print(json.dumps({"slug": workspace.slug, "csm": "csm0@cedar.example.org", "month": f"{due_on:%Y-%m}"}))


if __name__ == "__main__":
    main()
