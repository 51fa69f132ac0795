"""Migration operations that put a tenant table behind the second belt (row-level security and composite keys)."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation
from django.db.models import Model

WORKSPACE = "(select nullif(current_setting('app.workspace_id', true), '')::int)"
USER = "(select nullif(current_setting('app.user_id', true), '')::uuid)"


class Protect(Operation):
    """Protect every tenant table of an app that is not protected yet; safe to repeat, so end every migration with it.

    For each model with a ``workspace`` foreign key: row-level security enabled *and forced*, one policy for reading
    and writing, a unique ``(workspace_id, id)``, and for each ``TenantForeignKey`` a composite foreign key.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, app_label: str) -> None:
        self.app_label = app_label

    def deconstruct(self) -> Any:
        return (self.__class__.__qualname__, [self.app_label], {})

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The state of models does not change."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        models = list(to_state.apps.get_app_config(self.app_label).get_models())
        tenant = [model for model in models if is_tenant(model)]
        for model in tenant:
            _enable(schema_editor, model)
        for model in tenant:
            _reference(schema_editor, model)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Dropping a table drops its policy; a table that stays stays protected."""

    def describe(self) -> str:
        return f"Protect the tenant tables of {self.app_label}"


def is_tenant(model: type[Model]) -> bool:
    """Whether a model's rows belong to a workspace."""
    return any(field.name == "workspace" and field.is_relation for field in model._meta.local_fields)


def _enable(schema_editor: Any, model: type[Model]) -> None:
    table = model._meta.db_table
    primary_key = model._meta.pk.column
    schema_editor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    schema_editor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
    reading = f"workspace_id = {WORKSPACE}"
    if table == "tenancy_member":
        # Signing in lists one's own memberships before any workspace is open.
        reading += f" OR user_id = {USER}"
    schema_editor.execute(f'DROP POLICY IF EXISTS workspace ON "{table}"')
    schema_editor.execute(
        f'CREATE POLICY workspace ON "{table}" USING ({reading}) WITH CHECK (workspace_id = {WORKSPACE})'
    )
    if not _has_constraint(schema_editor, table, f"{table}_ws_key"):
        schema_editor.execute(
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_ws_key" UNIQUE (workspace_id, "{primary_key}")'
        )


def _reference(schema_editor: Any, model: type[Model]) -> None:
    table = model._meta.db_table
    for field in model._meta.local_fields:
        target = field.related_model
        if field.name == "workspace" or not isinstance(target, type) or not is_tenant(target):
            continue
        name = f"{table}_{field.column}_ws_fk"[:63]
        if _has_constraint(schema_editor, table, name):
            continue
        schema_editor.execute(
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY (workspace_id, "{field.column}") '
            f'REFERENCES "{target._meta.db_table}" (workspace_id, "{target._meta.pk.column}") '
            "DEFERRABLE INITIALLY IMMEDIATE"
        )


def _has_constraint(schema_editor: Any, table: str, name: str) -> bool:
    if schema_editor.collect_sql:
        return False
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_constraint WHERE conrelid = to_regclass(%s) AND conname = %s",
            [f'"{table}"', name],
        )
        return cursor.fetchone() is not None


class Track(Operation):
    """Write every change of a table into the ledger by statement-level triggers; ``ignore`` names computed columns.

    ``by`` names the only kinds of actors whose changes count, for a table that machines write all the time.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str, ignore: list[str] | None = None, by: list[str] | None = None) -> None:
        self.table = table
        self.ignore = ignore or []
        self.by = by or []

    def deconstruct(self) -> Any:
        return (self.__class__.__qualname__, [self.table, self.ignore, self.by], {})

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The state of models does not change."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        arguments = f"'{','.join(self.ignore)}'" + (f", '{','.join(self.by)}'" if self.by else "")
        referencing = {
            "INSERT": "REFERENCING NEW TABLE AS new_rows",
            "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
            "DELETE": "REFERENCING OLD TABLE AS old_rows",
        }
        for operation, tables in referencing.items():
            schema_editor.execute(
                f'CREATE OR REPLACE TRIGGER history_{operation.lower()} AFTER {operation} ON "{self.table}" {tables} '
                f"FOR EACH STATEMENT EXECUTE FUNCTION tenancy_record_history({arguments})"
            )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for operation in ("insert", "update", "delete"):
            schema_editor.execute(f'DROP TRIGGER IF EXISTS history_{operation} ON "{self.table}"')

    def describe(self) -> str:
        return f"Track the history of {self.table}"


class EachWorkspace(Operation):
    """Run statements once for every workspace: without one, the owner of the tables sees no row either."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, sql: str) -> None:
        self.sql = sql

    def deconstruct(self) -> Any:
        return (self.__class__.__qualname__, [self.sql], {})

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The state of models does not change."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        schema_editor.execute(
            # The statements of a migration.
            "DO $each$ DECLARE one int; BEGIN"  # noqa: S608
            " FOR one IN SELECT id FROM tenancy_workspace ORDER BY id LOOP"
            f" PERFORM set_config('app.workspace_id', one::text, true); {self.sql}"
            " END LOOP; PERFORM set_config('app.workspace_id', '', true); END $each$"
        )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """What was filled in goes with its columns and tables."""

    def describe(self) -> str:
        return "Fill in rows, workspace by workspace"
