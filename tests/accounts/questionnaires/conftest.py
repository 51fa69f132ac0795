"""An account of which some things are known, and a published questionnaire that asks for them."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import Account, Answers, Contact, Questionnaire
from accounts.questionnaires.services import start_copy
from csworkbench.tenancy.models import Member, Workspace
from tests.factories import AccountFactory, ContactFactory, SubscriptionFactory

from .shapes import published


@pytest.fixture
def account(workspace: Workspace, csm: Member, frozen: object) -> Account:
    made = AccountFactory(
        workspace=workspace, owner=csm, name="Mesa Dental Group", industry="Dental", customer_since=date(2024, 3, 1)
    )
    SubscriptionFactory(account=made, mrr_minor=120_000)
    return made


@pytest.fixture
def ada(account: Account) -> Contact:
    return ContactFactory(account=account, first_name="Ada", last_name="Gallo", is_primary=True)


@pytest.fixture
def kyc(workspace: Workspace) -> Questionnaire:
    return published(workspace)


@pytest.fixture
def copy(account: Account, ada: Contact, kyc: Questionnaire, csm: Member) -> Answers:
    """Prefilled: industry, customer since, main contact, MRR. Open: why, tools; growing does not count."""
    return start_copy(actor=csm, account=account, questionnaire=kyc)
