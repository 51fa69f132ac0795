"""Rows for tests: small, plausible, in the workspace whose scope is open."""

from __future__ import annotations

from datetime import date
from typing import Any, Protocol, TypeVar, cast
from uuid import uuid4

from factory.declarations import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from accounts.models import Account, Contact, Instance, Module, ModuleUse, Product, Scorecard, Subscription
from csworkbench.tenancy.models import Member, User, Workspace
from playbooks.models import Task

Row = TypeVar("Row")


class Maker(Protocol[Row]):
    """How tests call a factory: ``AccountFactory(workspace=…)`` gives a saved row."""

    def __call__(self, **fields: Any) -> Row: ...

    def create_batch(self, size: int, **fields: Any) -> list[Row]: ...


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


class _AccountFactory(DjangoModelFactory[Account]):
    class Meta:
        model = Account

    name = Sequence(lambda n: f"Granite Clinic {n}")
    search_name = LazyAttribute(lambda account: account.name.lower())
    tier = 2


class _ContactFactory(DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    workspace = SelfAttribute("account.workspace")
    first_name = "Rosa"
    last_name = "Vargas"
    email = Sequence(lambda n: f"rosa.vargas{n}@example.org")


class _InstanceFactory(DjangoModelFactory[Instance]):
    class Meta:
        model = Instance

    key = Sequence(lambda n: f"instance-{n}")
    name = "Core"


class _ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product

    key = Sequence(lambda n: f"product-{n}")
    name = Sequence(lambda n: f"Learning {n}")


class _ModuleFactory(DjangoModelFactory[Module]):
    class Meta:
        model = Module

    workspace = SelfAttribute("product.workspace")
    key = "cases"
    name = "Cases"
    use_label = "case created"


class _ModuleUseFactory(DjangoModelFactory[ModuleUse]):
    class Meta:
        model = ModuleUse

    workspace = SelfAttribute("account.workspace")


class _SubscriptionFactory(DjangoModelFactory[Subscription]):
    class Meta:
        model = Subscription

    workspace = SelfAttribute("account.workspace")
    product = SubFactory(_ProductFactory, workspace=SelfAttribute("..workspace"))
    mrr_minor = 100_000
    renews_on = date(2027, 6, 1)


class _ScorecardFactory(DjangoModelFactory[Scorecard]):
    class Meta:
        model = Scorecard

    key = Sequence(lambda n: f"scorecard-{n}")
    name = Sequence(lambda n: f"Scorecard {n}")
    place = Sequence(lambda n: n)
    least_known = 0


class _TaskFactory(DjangoModelFactory[Task]):
    class Meta:
        model = Task

    workspace = SelfAttribute("account.workspace")
    title = Sequence(lambda n: f"Call about invoice {n}")


AccountFactory = cast("Maker[Account]", _AccountFactory)
ContactFactory = cast("Maker[Contact]", _ContactFactory)
InstanceFactory = cast("Maker[Instance]", _InstanceFactory)
ProductFactory = cast("Maker[Product]", _ProductFactory)
ModuleFactory = cast("Maker[Module]", _ModuleFactory)
ModuleUseFactory = cast("Maker[ModuleUse]", _ModuleUseFactory)
SubscriptionFactory = cast("Maker[Subscription]", _SubscriptionFactory)
TaskFactory = cast("Maker[Task]", _TaskFactory)
ScorecardFactory = cast("Maker[Scorecard]", _ScorecardFactory)
