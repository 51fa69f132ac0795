"""Every background task, called for one workspace with the identifiers of another, leaves the other alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from celery import Task
from django.core import mail
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from csworkbench.celery import app
from csworkbench.common import queueing
from csworkbench.tenancy.models import OutgoingMail
from csworkbench.tenancy.scope import current_scope, workspace_scope
from csworkbench.tenancy.task_base import TenantTask
from tests.architecture.house import assert_none
from tests.architecture.test_tasks import our_tasks, parameters

from .conftest import Filled, StartWalk
from .walk import BUILDERS
from .world import FOREIGN, Side, everything_of

# Identifiers that tasks take, and what they name. A new one without an entry fails the build.
NAMES: dict[str, str] = {f"{name}_id": label for name, label in BUILDERS.items()} | {"import_id": "imports.import"}
BELTS = ("both", "policies alone", "filters alone")


def tenant_tasks() -> dict[str, Task[Any, Any]]:
    return {name: task for name, task in our_tasks(app).items() if parameters(task)}


def calls(task: Task[Any, Any], own: Side, foreign: Side) -> Iterator[dict[str, Any]]:
    """The task of the own workspace with each row of the other one that its identifier could name."""
    names = [name for name in parameters(task) if name != "workspace_id"]
    for number in range(2):
        yield {"workspace_id": own.workspace.pk} | {name: str(foreign.pick(NAMES[name], number).pk) for name in names}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What would have gone to the broker."""
    found: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(queueing, "_send", lambda name, ids: found.append((name, ids)))
    return found


def rows_of(side: Side) -> list[str]:
    with transaction.atomic():
        return everything_of(side)


def harm(task: Any, kwargs: dict[str, Any], filled: Filled) -> list[str]:
    """Run a task as the worker would; what it did to the other workspace."""
    before, sent_before = rows_of(filled.foreign), len(mail.outbox)
    found = []
    with suppress(ObjectDoesNotExist):  # "no such row here" is a right answer
        task(**kwargs)
    if rows_of(filled.foreign) != before:
        found.append(f"{task.name} {kwargs}: changed the other workspace")
    found += [f"{task.name} {kwargs}: mailed {one.to}" for one in mail.outbox[sent_before:] if FOREIGN in str(one.to)]
    if current_scope() is not None:
        found.append(f"{task.name}: left its scope open")
    return found


def test_every_identifier_is_known() -> None:
    names = {name for task in tenant_tasks().values() for name in parameters(task)} - {"workspace_id"}
    assert_none(names - set(NAMES))


@pytest.mark.parametrize("belts", BELTS)
def test_foreign_rows_are_left_alone(
    start_walk: StartWalk, filled: Filled, sent: list[tuple[str, dict[str, Any]]], belts: str
) -> None:
    with start_walk(belts, only="-"):
        tasks = tenant_tasks()
        assert_none(
            line
            for task in tasks.values()
            for kwargs in calls(task, filled.own, filled.foreign)
            for line in harm(task, kwargs, filled)
        )
        assert len(tasks) >= 4
        assert_none(ids for _, ids in sent if ids["workspace_id"] != filled.own.workspace.pk)


def test_a_task_without_its_filter_is_caught(start_walk: StartWalk, filled: Filled) -> None:
    @app.task(base=TenantTask, name="elsewhere.settle", shared=False)
    def settle(*, workspace_id: int, mail_id: str) -> None:
        OutgoingMail.objects.filter(pk=mail_id).update(state="sent")

    try:
        with start_walk("filters alone", only="-"):
            (kwargs, _) = calls(settle, filled.own, filled.foreign)
            assert len(harm(settle, kwargs, filled)) == 1
        with start_walk("both", only="-"):
            assert harm(settle, kwargs, filled) == []
    finally:
        app.tasks.unregister("elsewhere.settle")


def test_a_task_that_opens_another_workspace_is_caught(start_walk: StartWalk, filled: Filled) -> None:
    @app.task(base=TenantTask, name="elsewhere.roam", shared=False, scoped=False)
    def roam(*, workspace_id: int, mail_id: str) -> None:
        with workspace_scope(filled.foreign.workspace.pk):
            OutgoingMail.objects.filter(pk=mail_id).update(state="sent")
        mail.send_mail("Hello", "You", "sender@example.org", [f"{FOREIGN}@example.org"])

    try:
        with start_walk("both", only="-"):
            (kwargs, _) = calls(roam, filled.own, filled.foreign)
            assert len(harm(roam, kwargs, filled)) == 2
    finally:
        app.tasks.unregister("elsewhere.roam")
