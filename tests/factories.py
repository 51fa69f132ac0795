"""Rows for tests: small, plausible, in the workspace whose scope is open."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import factory
from factory.django import DjangoModelFactory

from accounts.models import Account, Contact, Instance, Module, ModuleUse, Product, Subscription
from csworkbench.tenancy.models import Member, User, Workspace
from playbooks.models import Task


def make_workspace(slug: str, **fields: Any) -> Workspace:
    """A workspace in Chicago, without any pack."""
    return Workspace.objects.create(slug=slug, name=slug.title(), **{"time_zone": "America/Chicago"} | fields)


def make_user(name: str, **fields: Any) -> User:
    """A login with a unique address and the password ``correct horse battery staple``."""
    local = name.lower().replace(" ", ".")
    return User.objects.create_user(
        f"{local}.{uuid4().hex[:6]}@example.org", "correct horse battery staple", name=name, **fields
    )


def make_member(workspace: Workspace, name: str, *, roles: list[str], **fields: Any) -> Member:
    """A member with a new login; the workspace's scope must be open."""
    return Member.objects.create(workspace=workspace, user=make_user(name), name=name, roles=roles, **fields)


class AccountFactory(DjangoModelFactory[Account]):
    """``AccountFactory(workspace=…, owner=…)``."""

    class Meta:
        model = Account

    name = factory.Sequence(lambda n: f"Granite Clinic {n}")
    search_name = factory.LazyAttribute(lambda account: account.name.lower())
    tier = 2


class ContactFactory(DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    workspace = factory.SelfAttribute("account.workspace")
    first_name = "Rosa"
    last_name = "Vargas"
    email = factory.Sequence(lambda n: f"rosa.vargas{n}@example.org")


class InstanceFactory(DjangoModelFactory[Instance]):
    class Meta:
        model = Instance

    key = factory.Sequence(lambda n: f"instance-{n}")
    name = "Core"


class ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product

    key = factory.Sequence(lambda n: f"product-{n}")
    name = factory.Sequence(lambda n: f"Learning {n}")


class ModuleFactory(DjangoModelFactory[Module]):
    class Meta:
        model = Module

    workspace = factory.SelfAttribute("product.workspace")
    key = "cases"
    name = "Cases"
    use_label = "case created"


class ModuleUseFactory(DjangoModelFactory[ModuleUse]):
    class Meta:
        model = ModuleUse

    workspace = factory.SelfAttribute("account.workspace")


class SubscriptionFactory(DjangoModelFactory[Subscription]):
    class Meta:
        model = Subscription

    workspace = factory.SelfAttribute("account.workspace")
    product = factory.SubFactory(ProductFactory, workspace=factory.SelfAttribute("..workspace"))
    mrr_minor = 100_000
    renews_on = date(2027, 6, 1)


class TaskFactory(DjangoModelFactory[Task]):
    class Meta:
        model = Task

    workspace = factory.SelfAttribute("account.workspace")
    title = factory.Sequence(lambda n: f"Call about invoice {n}")
