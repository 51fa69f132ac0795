"""One account of a CSM with somebody to call, and a stranger's account that nobody here may see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account, Contact
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import AccountFactory, ContactFactory


@pytest.fixture
def account(workspace: Workspace, csm: Member, frozen: object) -> Account:
    return AccountFactory(
        workspace=workspace, owner=csm, name="Mesa Dental Group", search_name="mesa dental group", sf_id="001A0000001"
    )


@pytest.fixture
def ada(account: Account) -> Contact:
    """The primary contact."""
    return ContactFactory(
        account=account,
        first_name="Ada",
        last_name="Gallo",
        email="ada@example.org",
        phone="+19294753141",
        is_primary=True,
    )


@pytest.fixture
def foreign(other_workspace: Workspace) -> Account:
    with workspace_scope(other_workspace.pk):
        return AccountFactory(workspace=other_workspace, name="Foreign Canary", search_name="foreign canary")


@pytest.fixture
def as_csm(client_for: Callable[[Member], Client], csm: Member) -> Client:
    return client_for(csm)


@pytest.fixture
def as_reader(client_for: Callable[[Member], Client], finance: Member) -> Client:
    return client_for(finance)


@pytest.fixture
def url() -> Callable[..., str]:
    """The address of an account's page or of one of its forms."""

    def made(account: Account, part: str = "") -> str:
        return f"/w/northwind/accounts/{account.pk}/{part}{'/' if part else ''}"

    return made
