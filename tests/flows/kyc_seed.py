"""One account of the CSM of which a few things are known: what a KYC questionnaire starts from."""

from __future__ import annotations

from datetime import date

import django


def main() -> None:
    django.setup()
    from accounts.models import Account, Contact, Product, Subscription
    from csworkbench.tenancy.models import Member, Workspace
    from csworkbench.tenancy.scope import workspace_scope

    workspace = Workspace.objects.get(slug="willow")
    with workspace_scope(workspace.pk):
        account = Account.objects.create(
            workspace=workspace,
            name="Larkspur Family Health",
            search_name="larkspur family health",
            owner=Member.objects.get(workspace=workspace, name="Quinn Abbott"),
            industry="Family medicine",
            employees=42,
            customer_since=date(2024, 3, 1),
        )
        Contact.objects.create(
            workspace=workspace, account=account, first_name="Ada", last_name="Gallo", is_primary=True,
            email="ada.gallo@example.org", areas=["finance"],
        )  # fmt: skip
        Subscription.objects.create(
            workspace=workspace, account=account, product=Product.objects.get(workspace=workspace, key="learning"),
            mrr_minor=120_000, contracted_users=40, active_users=31, renews_on=date(2028, 6, 1),
        )  # fmt: skip
    print(account.pk)


if __name__ == "__main__":
    main()
