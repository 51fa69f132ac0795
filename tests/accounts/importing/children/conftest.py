"""Accounts called Willow and Ñandú in a workspace that sells Compliance and Learning."""

from __future__ import annotations

import pytest

from accounts.models import Account
from csworkbench.tenancy.models import Workspace
from tests.csworkbench.imports.sheets import NANDU, WILLOW
from tests.factories import AccountFactory


@pytest.fixture
def willow(workspace: Workspace) -> Account:
    return AccountFactory(
        workspace=workspace,
        name="Willow Urgent Care",
        search_name="willow urgent care",
        sf_id=WILLOW,
        lms_id="0000323",
        billing_id="rec-468328",
    )


@pytest.fixture
def nandu(workspace: Workspace) -> Account:
    return AccountFactory(
        workspace=workspace, name="Ñandú Wellness", search_name="nandu wellness", sf_id=NANDU, billing_id="rec-2"
    )
