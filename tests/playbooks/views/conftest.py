"""A workspace with one playbook that waits for red accounts, and one such account in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from playbooks import services
from playbooks.models import Playbook
from priorities import pipeline
from tests.factories import AccountFactory

DEFINITION = {
    "trigger": {"all": [{"fact": "health", "op": "is", "value": "red"}, {"fact": "tier", "op": "is", "value": 1}]},
    "cause": "red",
    "cooldown_days": 14,
    "steps": [
        {"key": "call", "action": "task", "title": "Call them", "kind": "check_in", "due_business_days": 1},
        {
            "key": "plan",
            "action": "task",
            "title": "Agree on a plan",
            "details": "Goals, who does what, until when.",
            "kind": "follow_up",
            "severity": 1,
            "after_days": 3,
            "due_business_days": 2,
        },
    ],
}


def publish(workspace: Workspace) -> Playbook:
    services.publish_playbook(
        workspace=workspace,
        actor=None,
        key="rescue",
        name="Rescue",
        description="For what went red.",
        definition=DEFINITION,
    )
    return Playbook.objects.get(workspace=workspace)


@pytest.fixture
def rescue(workspace: Workspace, frozen: object) -> Playbook:
    return publish(workspace)


@pytest.fixture
def entered(rescue: Playbook, workspace: Workspace, csm: Member) -> Account:
    account = AccountFactory(workspace=workspace, owner=csm, name="Mesa Dental Group", tier=1, health="red")
    pipeline.drain(workspace)
    return account


@pytest.fixture
def foreign(other_workspace: Workspace) -> Playbook:
    with workspace_scope(other_workspace.pk):
        return publish(other_workspace)


@pytest.fixture
def as_csm(client_for: Callable[[Member], Client], csm: Member) -> Client:
    return client_for(csm)


@pytest.fixture
def as_ops(client_for: Callable[[Member], Client], ops: Member) -> Client:
    return client_for(ops)
