"""The contract of background tasks: named, queued, of one workspace, short, never delayed by the broker."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from celery import Celery, Task
from django.conf import settings

from csworkbench.celery import QUEUES, app
from csworkbench.tenancy.task_base import TenantTask

from .house import PACKAGES, Function, Source, assert_none, product, sample

BODY_LINES = 25
LONGEST_DELAY = 60
# Tasks of no workspace: ticks that find work in the rows of each, one small task or transaction at a time.
TICKS: dict[str, str] = {
    "common.canary": "sings for the installation, touches one row without a workspace",
    "accounts.usage_tick": "visits each workspace, copies files outside of transactions and enqueues",
    "imports.resume_all": "visits each workspace in a transaction of its own and enqueues",
    "priorities.drain_all": "visits each workspace in a transaction of its own",
    "priorities.sweep_due": "reads the registry of workspaces and enqueues",
    "tenancy.send_due_mail": "visits each workspace in a transaction of its own and enqueues",
    "playbooks.tick": "reads the registry of workspaces and enqueues",
}
# Tasks that may outlive the visibility timeout, so that a second copy may start: why that does no harm.
LONG: dict[str, str] = {
    "priorities.sweep": "claims the workspace's day by a conditional update; a second copy finds it taken",
}
DELAYS = {"countdown", "eta"}
SENDING = {"delay", "apply_async", "send_task", "retry", "s", "si", "signature"}
SENDERS = {"csworkbench.common.queueing": "the one door to the broker, on commit, by name"}


@dataclass(frozen=True)
class Declared:
    """A task as it stands in the source."""

    source: Source
    function: Function
    options: dict[str, ast.expr]

    @property
    def place(self) -> str:
        return f"{self.source.path}:{self.function.lineno} {self.function.name}"


def declared(sources: Sequence[Source]) -> Iterator[Declared]:
    for source in sources:
        for function in source.functions():
            for decorator in function.decorator_list:
                call = decorator.func if isinstance(decorator, ast.Call) else decorator
                name = call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "")
                if name in {"shared_task", "task", "periodic_task"}:
                    keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
                    yield Declared(source, function, {word.arg or "**": word.value for word in keywords})


def undeclared(sources: Sequence[Source]) -> list[str]:
    """Tasks outside a tasks module, or without a name and a queue of their own in the decorator."""
    found = []
    for one in declared(sources):
        if one.source.module.rsplit(".", 1)[-1] != "tasks":
            found.append(f"{one.place} stands outside tasks.py")
        for option in ("name", "queue"):
            if not isinstance(one.options.get(option), ast.Constant):
                found.append(f"{one.place} has no {option}")
    return found


def misrouted(sources: Sequence[Source], celery: Celery) -> list[str]:
    """Tasks whose declared queue nobody consumes, or that a message sent by name does not reach.

    Messages are sent by name, so the routes of the settings decide; the decorator only says so at the task.
    """
    found = []
    for one in declared(sources):
        name, queue = (getattr(one.options.get(option), "value", "") for option in ("name", "queue"))
        routed = celery.amqp.router.route({}, name)["queue"].name
        if queue not in QUEUES:
            found.append(f"{one.place}: no worker consumes {queue}")
        elif routed != queue:
            found.append(f"{one.place}: declared for {queue}, routed to {routed}")
    return found


def body_length(function: Function) -> int:
    """Lines of the body without its docstring."""
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def long_bodies(sources: Sequence[Source]) -> list[str]:
    return [one.place for one in declared(sources) if body_length(one.function) > BODY_LINES]


def calls(sources: Sequence[Source]) -> Iterator[tuple[Source, ast.Call, str]]:
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                yield source, node, called


def delayed(sources: Sequence[Source]) -> list[str]:
    """A delay in the broker longer than a minute, or one that nobody can read off the source."""
    return [
        f"{source.path}:{node.lineno} {word.arg}"
        for source, node, _ in calls(sources)
        for word in node.keywords
        if word.arg in DELAYS and not (word.arg == "countdown" and _at_most(word.value, LONGEST_DELAY))
    ]


def _at_most(value: ast.expr, limit: int) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, int | float) and value.value <= limit


def sent_past_the_door(sources: Sequence[Source]) -> list[str]:
    return [
        f"{source.path}:{node.lineno} .{called}("
        for source, node, called in calls(sources)
        if called in SENDING - {"s", "si", "retry"} and source.module not in SENDERS
    ]


def wrongly_enqueued(sources: Sequence[Source], tasks: Mapping[str, Task[Any, Any]]) -> list[str]:
    """Names sent to the broker that no task has, or identifiers its signature does not take."""
    found = []
    for source, node, called in calls(sources):
        if called != "enqueue" or source.module in SENDERS:
            continue
        for name in names_sent(source, node) or [""]:
            if name not in tasks:
                found.append(f"{source.path}:{node.lineno} enqueues {name!r}, which is no task")
            elif {word.arg for word in node.keywords} != set(parameters(tasks[name])):
                found.append(f"{source.path}:{node.lineno} calls {name} with other identifiers than it takes")
    return found


def names_sent(source: Source, call: ast.Call) -> set[str]:
    """The name a call enqueues, or those of the module's table it takes one from."""
    match call.args:
        case [ast.Constant(value=str(name))]:
            return {name}
        case [ast.Subscript(value=ast.Name(id=table))]:
            return {
                str(value.value)
                for node in source.tree.body
                if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict)
                if table
                in [getattr(one, "id", "") for one in getattr(node, "targets", [getattr(node, "target", None)])]
                for value in node.value.values
                if isinstance(value, ast.Constant)
            }
    return set()


def our_tasks(celery: Celery) -> dict[str, Task[Any, Any]]:
    celery.loader.import_default_modules()
    return {name: task for name, task in celery.tasks.items() if task.__module__.split(".", maxsplit=1)[0] in PACKAGES}


def parameters(task: Task[Any, Any]) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(task.run).parameters


def is_id(name: str) -> bool:
    return name.endswith(("_id", "_ids"))


def misshapen(tasks: Iterable[Task[Any, Any]]) -> list[str]:
    """Tasks whose arguments are not identifiers by keyword, whose base or queue is wrong."""
    found = []
    for task in tasks:
        arguments = parameters(task)
        if any(argument.kind is not inspect.Parameter.KEYWORD_ONLY for argument in arguments.values()):
            found.append(f"{task.name}: an argument is not keyword-only")
        if not all(map(is_id, arguments)):
            found.append(f"{task.name}: an argument is not an identifier")
        if task.name not in TICKS and not (isinstance(task, TenantTask) and "workspace_id" in arguments):
            found.append(f"{task.name}: neither a TenantTask with its workspace_id nor a named tick")
        if task.name in TICKS and arguments:
            found.append(f"{task.name}: a tick takes nothing")
    return found


def limits_of(task: Task[Any, Any]) -> tuple[float, float]:
    soft = task.soft_time_limit or settings.CELERY_TASK_SOFT_TIME_LIMIT
    hard = task.time_limit or settings.CELERY_TASK_TIME_LIMIT
    return soft, hard


def limitless(tasks: Iterable[Task[Any, Any]]) -> list[str]:
    """Limits that the broker would overtake, so that the task runs twice at once (§4, row 9)."""
    visible = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    found = []
    for task in tasks:
        soft, hard = limits_of(task)
        if not 0 < soft < hard:
            found.append(f"{task.name}: the soft limit {soft} is not below the hard one {hard}")
        if hard >= visible and task.name not in LONG:
            found.append(f"{task.name}: {hard} s is not below the visibility timeout of {visible} s")
    return found


def unsafe_long_tasks(tasks: Mapping[str, Task[Any, Any]], long: Iterable[str]) -> list[str]:
    """Long tasks must commit in pieces of their own, so that a kill loses one piece."""
    return [name for name in long if name in tasks and getattr(tasks[name], "scoped", True)]


@pytest.fixture(scope="module")
def tasks() -> dict[str, Task[Any, Any]]:
    return our_tasks(app)


class TestTheHouse:
    def test_tasks_are_found(self, tasks: dict[str, Task[Any, Any]]) -> None:
        assert {"playbooks.scan", "priorities.drain", "common.canary"} <= set(tasks)
        assert len(list(declared(product()))) == len(tasks)

    def test_tasks_name_themselves_and_their_queue(self) -> None:
        assert_none(undeclared(product()))

    def test_tasks_take_identifiers_of_one_workspace(self, tasks: dict[str, Task[Any, Any]]) -> None:
        assert_none(misshapen(tasks.values()))

    def test_bodies_are_thin(self) -> None:
        assert_none(long_bodies(product()))

    def test_limits_are_below_the_visibility_timeout(self, tasks: dict[str, Task[Any, Any]]) -> None:
        assert_none(limitless(tasks.values()))
        assert_none(unsafe_long_tasks(tasks, LONG))

    def test_allow_lists_are_needed(self, tasks: dict[str, Task[Any, Any]]) -> None:
        visible = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
        assert_none([name for name in TICKS if name not in tasks or isinstance(tasks[name], TenantTask)])
        assert_none([name for name in LONG if name not in tasks or limits_of(tasks[name])[1] < visible])
        assert_none([reason for reason in (*TICKS.values(), *LONG.values()) if len(reason) < 20])

    def test_declared_queues_are_consumed_and_routed(self) -> None:
        assert_none(misrouted(product(), app))

    def test_the_beat_schedule_names_ticks(self, tasks: dict[str, Task[Any, Any]]) -> None:
        scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
        assert_none(scheduled - set(tasks))
        assert_none(scheduled - set(TICKS))

    def test_every_tick_is_scheduled(self) -> None:
        assert_none(set(TICKS) - {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()})

    def test_nothing_waits_in_the_broker(self) -> None:
        assert_none(delayed(product()))

    def test_messages_leave_by_one_door(self) -> None:
        assert_none(sent_past_the_door(product()))

    def test_enqueued_names_and_identifiers_exist(self, tasks: dict[str, Task[Any, Any]]) -> None:
        assert_none(wrongly_enqueued(product(), tasks))


def one_of(*, workspace_id: int) -> None:
    """The body of a sample task."""


@pytest.fixture
def elsewhere() -> Celery:
    """An application of its own, so that a sample task never reaches the product's registry."""
    return Celery("elsewhere", set_as_current=False)


class TestTheGuards:
    @pytest.mark.parametrize(
        ("text", "problems"),
        [
            ("@shared_task\ndef late(*, workspace_id): pass", 2),
            ("@shared_task(name='a.late')\ndef late(*, workspace_id): pass", 1),
            ("@app.task(name=NAME, queue='mail')\ndef late(*, workspace_id): pass", 1),
        ],
    )
    def test_a_task_without_name_or_queue_is_reported(self, text: str, problems: int) -> None:
        assert len(undeclared([sample("accounts.tasks", text)])) == problems

    def test_a_task_outside_the_tasks_module_is_reported(self) -> None:
        text = "@shared_task(name='a.b', queue='mail')\ndef b(*, workspace_id): pass"
        assert len(undeclared([sample("accounts.services", text)])) == 1

    def test_a_thick_body_is_reported(self) -> None:
        head = "@shared_task(name='a.b', queue='mail')\ndef b(*, workspace_id):\n    '''Why.'''\n"
        assert long_bodies([sample("a.tasks", head + "    x = 1\n" * BODY_LINES)]) == []
        assert len(long_bodies([sample("a.tasks", head + "    x = 1\n" * (BODY_LINES + 1))])) == 1

    @pytest.mark.parametrize(
        "text", ["task.apply_async(countdown=61)", "self.retry(countdown=pause)", "send('x', eta=tomorrow)"]
    )
    def test_a_delay_in_the_broker_is_reported(self, text: str) -> None:
        assert len(delayed([sample("a.tasks", text)])) == 1
        assert delayed([sample("a.tasks", "self.retry(countdown=60)")]) == []

    @pytest.mark.parametrize(
        "text", ["scan.delay(workspace_id=1)", "current_app.send_task('a.b')", "scan.apply_async()"]
    )
    def test_a_second_door_is_reported(self, text: str) -> None:
        assert len(sent_past_the_door([sample("accounts.services", text)])) == 1

    @pytest.mark.parametrize(
        "text",
        [
            "enqueue('playbooks.scam', workspace_id=1)",
            "enqueue('playbooks.scan', account_id=1)",
            "enqueue('playbooks.scan', workspace_id=1, account_id=2)",
            "enqueue(name, workspace_id=1)",
            "DOORS = {1: 'playbooks.scam'}\nenqueue(DOORS[state], workspace_id=1)",
        ],
    )
    def test_a_wrong_message_is_reported(self, text: str, tasks: dict[str, Task[Any, Any]]) -> None:
        assert len(wrongly_enqueued([sample("accounts.services", text)], tasks)) == 1

    @pytest.mark.parametrize("queue", ["attic", "mail"])
    def test_a_queue_that_messages_do_not_reach_is_reported(self, queue: str) -> None:
        text = f"@shared_task(name='playbooks.late', queue='{queue}')\ndef late(*, workspace_id): pass"
        assert len(misrouted([sample("playbooks.tasks", text)], app)) == 1

    def test_misshapen_tasks_are_reported(self, elsewhere: Celery) -> None:
        def positional(workspace_id: int) -> None: ...
        def payload(*, workspace_id: int, rows: list[str]) -> None: ...
        def stray(*, account_id: str) -> None: ...

        bodies = (positional, payload, stray)
        made: list[Task[Any, Any]] = [
            elsewhere.task(name=f"x.{body.__name__}", base=TenantTask)(body) for body in bodies
        ]
        made.append(elsewhere.task(name="x.base")(one_of))
        made.append(elsewhere.task(name="common.canary")(one_of))
        assert [len(misshapen([task])) for task in made] == [1, 1, 1, 1, 1]

    def test_limits_that_the_broker_overtakes_are_reported(self, elsewhere: Celery) -> None:
        slow = elsewhere.task(name="x.slow", time_limit=180)(one_of)
        upside_down = elsewhere.task(name="x.down", soft_time_limit=95)(one_of)
        good = elsewhere.task(name="x.good")(one_of)
        assert [len(limitless([task])) for task in (slow, upside_down, good)] == [1, 1, 0]

    def test_a_long_task_in_one_piece_is_reported(self, elsewhere: Celery) -> None:
        whole = elsewhere.task(name="x.whole", base=TenantTask)(one_of)
        assert unsafe_long_tasks({"x.whole": whole}, ["x.whole"]) == ["x.whole"]
