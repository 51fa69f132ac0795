"""Migrations: named, without the product's code, one leaf per app, protected, and reversible."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import PurePosixPath
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, migrations, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from csworkbench.tenancy.protect import Protect

from .house import Source, assert_none, belongs, imports_of, modules_of, product, sample
from .scratch import owner_rolled_back, scratch_database

# What a migration may import of the product, and why. An entry nobody uses fails.
FROZEN: dict[str, str] = {
    "csworkbench.tenancy.protect": "operations written for migrations, repeated on every run",
    "csworkbench.common.fields": "a column type: the database default of every key",
    "csworkbench.tenancy.models.base": "a column type: references inside one workspace",
    "csworkbench.tenancy.models.workspaces": "a validator that Django writes into generated migrations",
}
NAME = re.compile(r"^\d{4}_[a-z][a-z0-9_]+$")
# Migrations that make a tenant table and leave its protection to the one named.
PROTECTED_LATER: dict[str, str] = {
    "tenancy.0001_initial": "tenancy.0002_history_and_protection",
    "accounts.0001_initial": "accounts.0002_figures_and_marks",
    "playbooks.0001_initial": "playbooks.0002_protection",
    "priorities.0001_initial": "priorities.0002_protection",
}


def migration_sources() -> list[Source]:
    return [source for source in product() if source.is_migration and not source.is_package]


def unnamed(sources: Sequence[Source]) -> list[str]:
    names = {source.path: PurePosixPath(source.path).stem for source in sources}
    return [path for path, name in names.items() if not NAME.match(name) or "_auto_" in name]


def living_code(sources: Sequence[Source]) -> list[str]:
    """Imports of product code that will have changed when the migration runs again in a year."""
    modules = modules_of(product())
    return [
        f"{one.importer}:{one.line} imports {one.target}"
        for source in sources
        for one in imports_of(source, modules)
        if one.target not in FROZEN and not (belongs(one.target) and ".migrations." in f"{one.target}.")
    ]


def mixed(migration: Migration) -> bool:
    """Schema and data in one migration: the data step would hold the schema's locks."""
    kinds = {isinstance(operation, migrations.RunPython) for operation in migration.operations}
    return len(kinds) > 1


def irreversible(migration: Migration) -> list[str]:
    return [f"{migration}: {operation.describe()}" for operation in migration.operations if not operation.reversible]


def makes_tenant_tables(migration: Migration) -> bool:
    return any(
        isinstance(operation, migrations.CreateModel) and any(name == "workspace" for name, _ in operation.fields)
        for operation in migration.operations
    )


def protects(migration: Migration) -> bool:
    """Whether nothing that makes or changes a table comes after the last ``Protect``."""
    after: list[object] = []
    for operation in reversed(migration.operations):
        if isinstance(operation, Protect):
            return not any(isinstance(one, migrations.CreateModel | migrations.AddField) for one in after)
        after.append(operation)
    return False


def unprotected(found: Mapping[str, Migration], later: Mapping[str, str]) -> list[str]:
    """Migrations that make a tenant table without protecting it, themselves or in the very next one."""
    return [
        name
        for name, migration in found.items()
        if makes_tenant_tables(migration)
        and not protects(migration)
        and not (name in later and protects(found[later[name]]))
    ]


def foreign_columns(migration: Migration) -> Iterator[str]:
    """Columns added later that refer to another table: they need a composite key of their own."""
    for operation in migration.operations:
        if isinstance(operation, migrations.AddField) and operation.field.is_relation:
            yield f"{operation.model_name}.{operation.name}"


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None)


@pytest.fixture(scope="module")
def ours(loader: MigrationLoader) -> dict[str, Migration]:
    """The product's migrations by ``app.name``."""
    labels = {config.label for config in apps.get_app_configs() if belongs(config.name)}
    return {
        f"{label}.{name}": migration for (label, name), migration in loader.disk_migrations.items() if label in labels
    }


def leaves(loader: MigrationLoader, labels: Iterable[str]) -> dict[str, int]:
    return {label: len(loader.graph.leaf_nodes(label)) for label in labels}


class TestTheHouse:
    def test_names_say_the_change(self) -> None:
        assert_none(unnamed(migration_sources()))

    def test_no_living_code_is_imported(self) -> None:
        assert_none(living_code(migration_sources()))
        used = {one.target for source in migration_sources() for one in imports_of(source, modules_of(product()))}
        assert_none(set(FROZEN) - used)

    def test_one_leaf_per_app(self, loader: MigrationLoader, ours: dict[str, Migration]) -> None:
        counts = leaves(loader, {name.split(".")[0] for name in ours})
        assert_none(f"{label}: {count} leaves" for label, count in counts.items() if count != 1)

    def test_schema_and_data_stand_apart(self, ours: dict[str, Migration]) -> None:
        assert_none(name for name, migration in ours.items() if mixed(migration))

    def test_every_operation_has_a_way_back(self, ours: dict[str, Migration]) -> None:
        assert_none(line for migration in ours.values() for line in irreversible(migration))

    def test_tenant_tables_are_protected(self, ours: dict[str, Migration]) -> None:
        assert_none(unprotected(ours, PROTECTED_LATER))
        assert_none(name for name in PROTECTED_LATER if name not in ours or not unprotected({name: ours[name]}, {}))

    def test_later_references_are_protected(self, ours: dict[str, Migration]) -> None:
        assert_none(
            f"{name}: {column}"
            for name, migration in ours.items()
            for column in foreign_columns(migration)
            if not protects(migration) and name not in PROTECTED_LATER
        )

    def test_models_and_migrations_agree(self, db: None) -> None:
        out = StringIO()
        try:
            call_command("makemigrations", check=True, dry_run=True, stdout=out)
        except SystemExit:
            pytest.fail(out.getvalue())

    @pytest.mark.usefixtures("django_db_setup")
    def test_every_app_can_go_back_to_nothing_and_come_again(
        self, django_db_blocker: Any, ours: dict[str, Migration]
    ) -> None:
        with django_db_blocker.unblock(), scratch_database():
            before = schema()
            for label in ("tenancy", "common"):  # every other app stands on tenancy and goes with it
                call_command("migrate", label, "zero", verbosity=0)
            left = {line for line in schema() if line.split("_")[0] in {name.split(".")[0] for name in ours}}
            call_command("migrate", verbosity=0)
            again = schema()
        assert_none(left)
        assert_none(before ^ again)


SCHEMA = """
SELECT t.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull
FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'v', 'm')
UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL SELECT tablename || ' ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT tablename || ' ' || policyname || ' ' || qual || ' ' || with_check FROM pg_policies
UNION ALL SELECT tgrelid::regclass || ' ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT t.relname || ' ' || t.relrowsecurity || ' ' || t.relforcerowsecurity || ' ' || t.relacl::text
FROM pg_class t WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r'
UNION ALL SELECT proname || ' ' || pg_get_functiondef(oid) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' AND probin IS NULL
"""


def schema() -> set[str]:
    """Columns, constraints, indexes, policies, triggers, grants and functions, one line each."""
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        return {line for (line,) in cursor.fetchall()}


def a_migration(*operations: Operation) -> Migration:
    """A migration that does not exist."""
    kind: type[Migration] = type("Sample", (Migration,), {"operations": list(operations)})
    return kind("0009_sample", "accounts")


def a_tenant_table() -> migrations.CreateModel:
    workspace = models.ForeignKey("tenancy.Workspace", on_delete=models.CASCADE)
    return migrations.CreateModel("Sample", [("id", models.UUIDField(primary_key=True)), ("workspace", workspace)])


class TestTheGuards:
    @pytest.mark.parametrize("name", ["0004_auto_20260101_1200", "0004_", "add_note", "0004_Notes"])
    def test_a_name_that_says_nothing_is_reported(self, name: str) -> None:
        assert len(unnamed([sample(f"accounts.migrations.{name}", "")])) == 1

    @pytest.mark.parametrize("text", ["from accounts.models import Account", "from accounts import services"])
    def test_living_code_is_reported(self, text: str) -> None:
        assert len(living_code([sample("accounts.migrations.0004_notes", text)])) == 1

    def test_a_second_leaf_is_reported(self) -> None:
        loader = MigrationLoader(None)
        loader.graph.add_node(("accounts", "0001_other"), a_migration())
        assert leaves(loader, ["accounts", "tenancy"]) == {"accounts": 2, "tenancy": 1}

    def test_schema_with_data_is_reported(self) -> None:
        data = migrations.RunPython(migrations.RunPython.noop)
        assert mixed(a_migration(a_tenant_table(), data))
        assert not mixed(a_migration(data))

    def test_no_way_back_is_reported(self) -> None:
        assert len(irreversible(a_migration(migrations.RunSQL("SELECT 1")))) == 1
        assert irreversible(a_migration(migrations.RunSQL("SELECT 1", ""))) == []

    def test_a_bare_tenant_table_is_reported(self) -> None:
        bare, good = a_migration(a_tenant_table()), a_migration(a_tenant_table(), Protect("accounts"))
        too_early = a_migration(Protect("accounts"), a_tenant_table())
        found = {"bare": bare, "good": good, "too_early": too_early}
        assert unprotected(found, {}) == ["bare", "too_early"]

    def test_a_later_reference_is_reported(self) -> None:
        reference = models.ForeignKey("accounts.Account", on_delete=models.CASCADE)
        late = a_migration(migrations.AddField("note", "about", reference))
        assert (list(foreign_columns(late)), protects(late)) == (["note.about"], False)

    def test_a_lost_policy_changes_the_schema(self, db: None) -> None:
        before = schema()
        with owner_rolled_back() as cursor:
            cursor.execute("DROP POLICY workspace ON accounts_note")
            cursor.execute(SCHEMA)
            assert len(before - {line for (line,) in cursor.fetchall()}) == 1
