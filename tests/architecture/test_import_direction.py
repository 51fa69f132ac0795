"""Which way imports and foreign keys may point, which doors are open, and that nothing is a circle."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

import pytest

from .house import Import, Source, assert_none, imports_of, modules_of, product, sample

COMMON, TENANCY = "csworkbench.common", "csworkbench.tenancy"
GROUND = frozenset({COMMON, TENANCY, "csworkbench.imports", "csworkbench.integrations"})
# The table of the house: a room, and the rooms below it that it may import.
FLOORS: dict[str, frozenset[str]] = {
    COMMON: frozenset(),
    TENANCY: frozenset({COMMON}),
    "csworkbench.imports": frozenset({COMMON, TENANCY}),
    "csworkbench.integrations": frozenset({COMMON, TENANCY}),
    "accounts": GROUND,
    "playbooks": GROUND | {"accounts"},
    "escalations": GROUND | {"accounts", "playbooks"},
    "transitions": GROUND | {"accounts", "playbooks"},
    "priorities": GROUND | {"accounts", "playbooks", "escalations", "transitions"},
    # Round the house: the frame names apps by string, the services know nothing of the product.
    "csworkbench.devservices": frozenset(),
    "csworkbench.supervisor": frozenset({"csworkbench.devservices", "csworkbench"}),
    "csworkbench": frozenset({COMMON}),
    "manage": frozenset({"csworkbench.devservices"}),
}
OPEN_DOORS = ("models", "queries", "services", "facts", "conditions")
CLOSED_DOORS = ("views", "forms", "tasks", "urls", "admin", "apps", "migrations")
# Other modules that a room may import of another one, and why. An entry nobody uses fails.
SEAMS: dict[str, str] = {
    "accounts.health.scoring": "the step of the pipeline that the benchmark times",
    "accounts.growth.starter": "what starter packs offer",
    "accounts.health.starter": "the starter scorecards of a pack, for a new workspace",
    "accounts.usage.counting": "the sweep lets the windows of use end on the new day before it ranks",
    "csworkbench.integrations.api": "requests of other systems: a token instead of a session",
    "csworkbench.integrations.scopes": "seam 2: what a token may do is registered from above",
    "accounts.computing": "what accounts compute before they are ranked, run by the pipeline",
    "csworkbench.common": "exports enqueue, the only way to background work",
    "csworkbench.common.charts": "the geometry of charts, drawn by one component on every floor",
    "csworkbench.common.clock": "the one source of time",
    "csworkbench.common.days": "forms of every floor refuse the same years",
    "csworkbench.common.fields": "UUIDv7 keys of every table",
    "accounts.finding": "finding accounts and people, timed by the benchmark",
    "accounts.listing": "the orders of the account list, timed by the benchmark",
    "csworkbench.common.keyset": "pages of a list by cursor",
    "csworkbench.common.pages": "numbered pages of a list",
    "csworkbench.common.sheets": "downloads of a list",
    "csworkbench.common.words": "how numbers and dates read, on every floor",
    "csworkbench.common.measuring": "benchmarks of every floor time against a floor of the same run",
    "csworkbench.common.owner": "the demo is erased as the owner: the ledger is append-only for everybody else",
    "csworkbench.common.statistics": "the planner's figures after a bulk load",
    "csworkbench.common.views": "the frame's health and error pages; the frame is the URL conf",
    "csworkbench.tenancy.access": "the only doors to rows that a request names: the row, or 404",
    "csworkbench.tenancy.http": "the typed request of a workspace page, roles, pages and fragments",
    "csworkbench.tenancy.calendar": "business days of a workspace",
    "csworkbench.tenancy.fingerprints": "a form that notices that somebody else was faster",
    "csworkbench.tenancy.frame": "seam 2: pages of the settings are registered from above and share their frame",
    "csworkbench.tenancy.hooks": "seam 2: what runs after a successful write is registered from above",
    "csworkbench.tenancy.protect": "the operations that end every migration with a tenant table",
    "csworkbench.tenancy.scope": "opening a workspace outside requests: commands, imports in chunks, the demo",
    "csworkbench.tenancy.task_base": "the base of every background task",
    "csworkbench.tenancy.undoing": "taking back what a cause wrote; seam 2: what merely follows is said from above",
    "csworkbench.tenancy.wording": "seam 2: columns of several fields are worded in the ledger by who knows them",
    "csworkbench.celery": "the supervisor starts a worker for each queue named there",
    "csworkbench.devservices": "starting and stopping PostgreSQL and Valkey",
    "csworkbench.devservices.embedded": "where the supervisor finds the checkout",
    "csworkbench.devservices.processes": "children that die with their parent",
    "csworkbench.imports.cleaning": "what a cell means: the vocabulary of the fields of a kind",
    "csworkbench.imports.kinds": "seam 2: a higher app registers what can be imported",
    "csworkbench.imports.staging": "the temporary tables a kind compares and applies in",
    "accounts.composer": "the form that logs a call or writes a note, from the queue row too (ACC-6)",
    "accounts.panels": "seam 1: a panel of the account page is registered by its address from above",
    "accounts.timeline": "seam 2: a higher app tells its own entries in the timeline of an account",
    "accounts.onboarding.starter": "the starter goals of a pack, for a new workspace",
    "accounts.questionnaires.starter": "the questionnaires of a pack, for a new workspace",
    "accounts.questionnaires.definitions": "the questions of a version, for the copies of the demo",
    "accounts.questionnaires.prefilling": "prefilled answers for many accounts at once, for the demo's copies",
    "accounts.questionnaires.services": "the named writes of questionnaires (ACC-8)",
    "accounts.search": "how a name is folded for the prefix search",
    "playbooks.starter": "the starter playbooks of a pack, for a new workspace",
    "playbooks.engine": "a step of the pipeline, between levels and ranks",
}


def room_of(module: str) -> str:
    """The room of the table that a module stands in."""
    rooms = [room for room in FLOORS if module == room or module.startswith(f"{room}.")]
    return max(rooms, key=len, default="")


def crossings(sources: Sequence[Source]) -> list[Import]:
    """Every import from one room into another. Migrations have a guard of their own."""
    modules = modules_of(sources) | modules_of(product())
    return [
        one
        for source in sources
        if not source.is_migration
        for one in imports_of(source, modules)
        if room_of(one.importer) != room_of(one.target)
    ]


def upward(sources: Sequence[Source]) -> list[str]:
    return [
        f"{one.importer}:{one.line} imports {one.target}, which is not below it"
        for one in crossings(sources)
        if room_of(one.target) not in FLOORS[room_of(one.importer)]
    ]


def is_private(word: str) -> bool:
    return word.startswith("_") and not word.startswith("__")


def is_door(target: str) -> bool:
    room = room_of(target)
    rest = target.removeprefix(room).lstrip(".")
    return rest in OPEN_DOORS or rest.startswith("services.") or target in SEAMS


def closed(sources: Sequence[Source]) -> list[str]:
    """Imports of another room that miss its doors, and private names used across rooms."""
    found = []
    for one in crossings(sources):
        if not is_door(one.target):
            found.append(f"{one.importer}:{one.line} imports {one.target}, which is no door of {room_of(one.target)}")
        if any(is_private(part) for part in (*one.target.split("."), one.name)):
            found.append(f"{one.importer}:{one.line} imports the private {one.target} {one.name}")
    return found + [problem for source in sources for problem in private_attributes(source)]


def private_attributes(source: Source) -> list[str]:
    """``engine._enter`` on a module of another room."""
    foreign = {one.alias for one in crossings([source])}
    return [
        f"{source.module}:{node.lineno} uses {node.value.id}.{node.attr}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in foreign
        and is_private(node.attr)
        and node.attr not in {"_meta", "_default_manager"}  # Django's documented names
    ]


def stale_seams(sources: Sequence[Source], seams: Iterable[str]) -> set[str]:
    modules = modules_of(sources)
    used = {
        one.target
        for source in sources
        for one in imports_of(source, modules)
        if room_of(one.importer) != room_of(one.target)
    }
    return set(seams) - used


def circles(sources: Sequence[Source]) -> list[list[str]]:
    """Groups of modules that import each other, by whatever kind of import."""
    modules = modules_of(sources)
    edges = {source.module: {one.target for one in imports_of(source, modules)} & modules for source in sources}
    reachable = {module: _reach(module, edges) for module in edges}
    groups = {
        tuple(sorted({module, *(other for other in reachable[module] if module in reachable[other])}))
        for module in edges
        if module in reachable[module]
    }
    return [list(group) for group in sorted(groups)]


def _reach(start: str, edges: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        fresh = edges[waiting.pop()] - seen
        seen |= fresh
        waiting += fresh
    return seen


def foreign_keys() -> list[tuple[str, str, str]]:
    """``(module of the model, field, module it points at)`` for every relation of the product's models."""
    from django.apps import apps

    return [
        (model.__module__, f"{model.__name__}.{field.name}", field.related_model.__module__)
        for model in apps.get_models(include_auto_created=True)
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many)
        if isinstance(field.related_model, type)
        and room_of(model.__module__)
        and room_of(field.related_model.__module__)
    ]


def upward_keys(keys: Iterable[tuple[str, str, str]]) -> list[str]:
    return [
        f"{field} of {model} points at {target}, which is not below it"
        for model, field, target in keys
        if room_of(model) != room_of(target) and room_of(target) not in FLOORS[room_of(model)]
    ]


class TestTheHouse:
    def test_every_module_stands_in_a_room(self) -> None:
        assert_none([source.path for source in product() if not room_of(source.module)])

    def test_imports_point_down(self) -> None:
        assert_none(upward(product()))

    def test_rooms_are_entered_by_their_doors(self) -> None:
        assert_none(closed(product()))

    def test_every_seam_is_used_and_gives_its_reason(self) -> None:
        assert_none(stale_seams(product(), SEAMS))
        assert_none([seam for seam, reason in SEAMS.items() if len(reason) < 10])

    def test_no_seam_is_a_closed_door(self) -> None:
        rooms_of_the_product = {seam for seam in SEAMS if seam != "csworkbench.common.views"}
        assert_none([seam for seam in rooms_of_the_product if seam.rsplit(".", 1)[-1] in CLOSED_DOORS])

    def test_no_module_reaches_itself(self) -> None:
        assert_none(circles([source for source in product() if not source.is_migration]))

    def test_foreign_keys_point_down(self) -> None:
        assert_none(upward_keys(foreign_keys()))

    def test_the_registry_is_read(self) -> None:
        assert ("playbooks.models.task", "Task.account", "accounts.models.account") in foreign_keys()


class TestTheGuards:
    @pytest.mark.parametrize(
        ("module", "text"),
        [
            ("accounts.services", "from playbooks.models import Task"),
            ("accounts.services", "def late():\n    from priorities import pipeline"),
            ("playbooks.engine", "if TYPE_CHECKING:\n    import escalations.models"),
            ("escalations.services", "from transitions.models import Transition"),
            ("csworkbench.imports.kinds", "from csworkbench.integrations.models import Link"),
            ("csworkbench.common.clock", "from ..tenancy import models"),
            ("csworkbench.tenancy.queries", "module = import_module('accounts.models')"),
            ("csworkbench.settings", "from accounts.models import Account"),
        ],
    )
    def test_an_upward_import_is_reported(self, module: str, text: str) -> None:
        assert len(upward([sample(module, text)])) == 1

    @pytest.mark.parametrize(
        "text",
        [
            "from accounts.views import account_page",
            "from accounts.forms import NoteForm",
            "from accounts.tasks import refresh",
            "from accounts.models.account import Account",
            "from accounts.services import _secret",
            "from playbooks import engine\nengine._enter()",
        ],
    )
    def test_a_closed_door_is_reported(self, text: str) -> None:
        assert len(closed([sample("priorities.queries", text)])) == 1

    @pytest.mark.parametrize(
        "text",
        [
            "from accounts.models import Account",
            "from .pipeline import _lock",
            "from accounts.services import write_note",
        ],
    )
    def test_an_open_door_is_not(self, text: str) -> None:
        source = sample("priorities.queries", text)
        assert upward([source]) == closed([source]) == []

    def test_a_seam_nobody_uses_is_reported(self) -> None:
        assert stale_seams(product(), [*SEAMS, "playbooks.attic"]) == {"playbooks.attic"}

    def test_a_circle_is_reported_even_for_type_checking_only(self) -> None:
        ring = [
            sample("accounts.one", "from . import two"),
            sample("accounts.two", "def late():\n    from .three import thing"),
            sample("accounts.three", "if TYPE_CHECKING:\n    from accounts.one import Thing"),
            sample("accounts.four", "from .one import thing"),
        ]
        assert circles(ring) == [["accounts.one", "accounts.three", "accounts.two"]]

    def test_an_upward_foreign_key_is_reported(self) -> None:
        key = ("accounts.models.account", "Account.last_task", "playbooks.models.task")
        assert len(upward_keys([key])) == 1
