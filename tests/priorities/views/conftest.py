"""A small ranked book: one red tier-1 account, one calm tier-3 account, a task on each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client

from accounts.models import Account
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from playbooks.models import Task
from priorities import pipeline
from priorities.starter import install_rules
from tests.factories import AccountFactory, ContactFactory, TaskFactory


@dataclass
class Book:
    """The rows of the story, and the addresses of their pages."""

    workspace: Workspace
    red: Account
    calm: Account
    urgent: Task
    later: Task

    def url(self, task: Task, verb: str = "") -> str:
        return f"/w/{self.workspace.slug}/queue/{task.pk}/{verb}{'/' if verb else ''}"

    @property
    def home(self) -> str:
        return f"/w/{self.workspace.slug}/"


@pytest.fixture
def book(workspace: Workspace, csm: Member, frozen: object) -> Book:
    install_rules(workspace)
    red = AccountFactory(workspace=workspace, owner=csm, name="Mesa Dental Group", tier=1, health="red")
    calm = AccountFactory(workspace=workspace, owner=csm, name="Cedar Clinic", tier=3, health="green")
    ContactFactory(account=red, first_name="Ada", last_name="Gallo", is_primary=True, phone="+19294753141")
    urgent = TaskFactory(account=red, title="Call about the outage", source="inbound")
    later = TaskFactory(account=calm, title="Send the yearly review")
    pipeline.drain(workspace)
    urgent.refresh_from_db()
    later.refresh_from_db()
    return Book(workspace, red, calm, urgent, later)


@pytest.fixture
def as_csm(client_for: Callable[[Member], Client], csm: Member) -> Client:
    return client_for(csm)


@pytest.fixture
def as_reader(client_for: Callable[[Member], Client], finance: Member) -> Client:
    return client_for(finance)


@pytest.fixture
def foreign_task(other_workspace: Workspace) -> Task:
    with workspace_scope(other_workspace.pk):
        return TaskFactory(account=AccountFactory(workspace=other_workspace, name="Foreign Canary"))
