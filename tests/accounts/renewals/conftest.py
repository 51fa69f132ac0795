"""A Monday in November 2026 in Chicago, an account of Quinn's, and products to renew."""

from __future__ import annotations

import pytest

from accounts.models import Account, Contact, Product
from csworkbench.tenancy.models import Member, Workspace
from tests.factories import AccountFactory, ContactFactory, ProductFactory


@pytest.fixture
def account(workspace: Workspace, csm: Member, frozen: object) -> Account:
    return AccountFactory(
        workspace=workspace, owner=csm, name="Mesa Dental Group", search_name="mesa dental group", health="green"
    )


@pytest.fixture
def ada(account: Account) -> Contact:
    return ContactFactory(account=account, first_name="Ada", last_name="Gallo", email="ada@example.org")


@pytest.fixture
def products(workspace: Workspace) -> list[Product]:
    names = ("Compliance", "Learning")
    return [ProductFactory(workspace=workspace, key=name.lower(), name=name) for name in names]
