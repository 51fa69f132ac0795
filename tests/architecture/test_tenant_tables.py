"""The gate of the catalogue (G1): what PostgreSQL itself says about tenant tables and the application's role."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from csworkbench.tenancy.models import TenantForeignKey

from .house import assert_none, belongs
from .scratch import owner_rolled_back

SETTING = "( SELECT (NULLIF(current_setting('app.{}'::text, true), ''::text))::{} AS \"nullif\")"
WORKSPACE = f"(workspace_id = {SETTING.format('workspace_id', 'integer')})"
OWN_MEMBERSHIP = f"(user_id = {SETTING.format('user_id', 'uuid')})"
# Tables of no workspace, and why a stranger may see that a row exists. An entry without its table fails.
SHARED: dict[str, str] = {
    "tenancy_workspace": "the registry of names: found before it can be opened",
    "tenancy_user": "a login may belong to several workspaces",
    "common_canary": "one row of the installation",
    "account_emailaddress": "allauth: the address of a login",
    "account_emailconfirmation": "allauth: the proof of an address",
    "mfa_authenticator": "allauth: the second step of a login, encrypted",
    "django_session": "Django: sessions of logins",
    "django_content_type": "Django: names of models",
    "django_migrations": "Django: what was migrated, read-only for the application",
    "auth_permission": "Django: names of permissions, unused",
    "auth_group": "Django: unused",
    "auth_group_permissions": "Django: unused",
}
# At most five departures from the rules below, each with its reason (reliability.md, G1).
POLICY_EXCEPTIONS: dict[str, str] = {
    "tenancy_member": "signing in lists one's own memberships before any workspace is open; writing stays closed",
}
INDEX_EXCEPTIONS: dict[str, str] = {
    "member_user_idx": "the same question: which workspaces are mine",
}


class Cursor(Protocol):
    """What Django's and psycopg's cursors have in common."""

    def execute(self, query: Any, params: Any = None) -> Any: ...
    def fetchall(self) -> list[Any]: ...


@dataclass(frozen=True)
class Key:
    """A foreign key: its columns, the table and columns it points at."""

    name: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    deferrable: bool


@dataclass
class Table:
    """One table as the catalogue describes it."""

    name: str
    owner: str
    enabled: bool
    forced: bool
    nullable: dict[str, bool] = field(default_factory=dict)
    policies: list[tuple[str, str, str | None, str | None, tuple[str, ...], str]] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    # name → (columns in order, unique, primary, partial)
    indexes: dict[str, tuple[tuple[str, ...], bool, bool, bool]] = field(default_factory=dict)

    @property
    def is_tenant(self) -> bool:
        return "workspace_id" in self.nullable


TABLES = """
SELECT t.relname, pg_get_userbyid(t.relowner), t.relrowsecurity, t.relforcerowsecurity FROM pg_class t
WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p')
"""
COLUMNS = """
SELECT t.relname, a.attname, NOT a.attnotnull FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid
WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
"""
POLICIES = "SELECT tablename, policyname, cmd, qual, with_check, roles::text[], permissive FROM pg_policies"
KEYS = """
SELECT c.conrelid::regclass::text, c.conname, c.confrelid::regclass::text, c.condeferrable,
       (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k (num, n)
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num),
       (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY k (num, n)
        JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num)
FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
"""
INDEXES = """
SELECT i.indrelid::regclass::text, x.relname, i.indisunique, i.indisprimary, i.indpred IS NOT NULL,
       (SELECT array_agg(pg_get_indexdef(i.indexrelid, n, true) ORDER BY n) FROM generate_series(1, i.indnkeyatts) n)
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE x.relnamespace = 'public'::regnamespace
"""


def catalogue(cursor: Cursor) -> dict[str, Table]:
    """Every table of the schema, as it stands now."""
    tables = {name: Table(name, owner, enabled, forced) for name, owner, enabled, forced in rows(cursor, TABLES)}
    for table, column, nullable in rows(cursor, COLUMNS):
        tables[table].nullable[column] = nullable
    for table, name, command, reading, writing, roles, permissive in rows(cursor, POLICIES):
        tables[table].policies.append((name, command, reading, writing, tuple(roles), permissive))
    for table, name, target, deferrable, columns, target_columns in rows(cursor, KEYS):
        tables[table].keys.append(Key(name, tuple(columns), target, tuple(target_columns), deferrable))
    for table, name, unique, primary, partial, columns in rows(cursor, INDEXES):
        tables[table].indexes[name] = (tuple(columns), unique, primary, partial)
    return tables


def rows(cursor: Cursor, query: str) -> list[Any]:
    cursor.execute(query)
    return cursor.fetchall()


def tenant(tables: Mapping[str, Table]) -> list[Table]:
    return [table for table in tables.values() if table.is_tenant]


def strangers(tables: Mapping[str, Table], shared: Mapping[str, str]) -> list[str]:
    """Tables that belong to no workspace and are on no list, and entries of the list without such a table."""
    found = [
        f"{name} has no workspace and no reason"
        for name, table in tables.items()
        if not table.is_tenant and name not in shared
    ]
    return found + [
        f"{name} is listed and is not there" for name in shared if name not in tables or tables[name].is_tenant
    ]


def keyless(tables: Mapping[str, Table]) -> list[str]:
    return [f"{table.name}.workspace_id may be null" for table in tenant(tables) if table.nullable["workspace_id"]]


def open_tables(tables: Mapping[str, Table]) -> list[str]:
    """Tables whose rows do not hide: not enabled, not forced, or with another policy than the one both ways."""
    found = []
    for table in tenant(tables):
        if not table.enabled:
            found.append(f"{table.name}: row-level security is not enabled")
        if not table.forced:
            found.append(f"{table.name}: row-level security is not forced")
        reading = WORKSPACE
        if table.name in POLICY_EXCEPTIONS:
            reading = f"({WORKSPACE} OR {OWN_MEMBERSHIP})"
        expected = ("workspace", "ALL", reading, WORKSPACE, ("public",), "PERMISSIVE")
        found += [f"{table.name}: policy {policy}" for policy in table.policies if policy != expected]
        if len(table.policies) != 1:
            found.append(f"{table.name}: {len(table.policies)} policies")
    return found


def without_composite_key(tables: Mapping[str, Table]) -> list[str]:
    """Tables without unique (workspace_id, key), which the keys of their children refer to."""
    found = []
    for table in tenant(tables):
        primary = next((columns for columns, _, primary, _ in table.indexes.values() if primary), ())
        wanted = (("workspace_id", *primary), True, False, False)
        if len(primary) != 1 or wanted not in table.indexes.values():
            found.append(f"{table.name}: no unique (workspace_id, {', '.join(primary)})")
    return found


def loose_keys(tables: Mapping[str, Table]) -> list[str]:
    """Foreign keys between tenant tables that could leave the workspace: plain checks bypass the policies (T3)."""
    return [
        f"{table.name}.{key.name} {key.columns} → {key.target}{key.target_columns}"
        for table in tenant(tables)
        for key in table.keys
        if tables[key.target].is_tenant
        and (key.columns[0] != "workspace_id" or key.target_columns[0] != "workspace_id")
    ]


def declared_references() -> list[tuple[str, str, str]]:
    """``(table, column, target)`` for every reference between tenant models, by the app registry."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for one in model._meta.local_fields:
            target = one.related_model
            if has_workspace(model) and one.is_relation and isinstance(target, type) and has_workspace(target):
                found.append((model._meta.db_table, str(one.column), target._meta.db_table))
    return found


def has_workspace(model: type[Any]) -> bool:
    return any(one.name == "workspace" for one in model._meta.local_fields)


def undeclared_keys(tables: Mapping[str, Table], references: Iterable[tuple[str, str, str]]) -> list[str]:
    """References of the models without a composite key in the database."""
    return [
        f"{table}.{column} → {target}"
        for table, column, target in references
        if not any(key.columns == ("workspace_id", column) and key.target == target for key in tables[table].keys)
    ]


def shared_keys(tables: Mapping[str, Table]) -> list[str]:
    """The workspace itself must be a reference of every tenant table."""
    return [
        table.name
        for table in tenant(tables)
        if not any(key.columns == ("workspace_id",) and key.target == "tenancy_workspace" for key in table.keys)
    ]


def misled_indexes(tables: Mapping[str, Table], exceptions: Mapping[str, str]) -> list[str]:
    """Indexes and unique constraints that do not start with the workspace: slow under a policy, and an oracle (T4)."""
    return [
        f"{table.name}.{name} ({', '.join(columns)})"
        for table in tenant(tables)
        for name, (columns, _, primary, _) in table.indexes.items()
        if not primary and columns[0] != "workspace_id" and name not in exceptions
    ]


def unindexed_references(tables: Mapping[str, Table], references: Iterable[tuple[str, str, str]]) -> list[str]:
    """References whose parent cannot be deleted or asked for its children without reading the whole workspace."""
    return [
        f"{table}.{column}"
        for table, column, _ in references
        if not any(columns[:2] == ("workspace_id", column) for columns, *_ in tables[table].indexes.values())
    ]


VIEWS = """
SELECT relname || ' (' || relkind::text || ')' FROM pg_class WHERE relnamespace = 'public'::regnamespace
AND (relkind = 'm' OR relkind = 'v' AND NOT coalesce(reloptions @> ARRAY['security_invoker=true'], false))
"""
DEFINERS = "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
POWERS = """
SELECT rolname || ' ' || power FROM pg_roles,
LATERAL (VALUES ('superuser', rolsuper), ('bypassrls', rolbypassrls), ('createrole', rolcreaterole),
                ('createdb', rolcreatedb), ('replication', rolreplication)) p (power, held)
WHERE held AND (rolname = %(role)s OR pg_has_role(%(role)s, oid, 'MEMBER'))
"""
OWNED = """
SELECT relname FROM pg_class WHERE pg_has_role(%(role)s, relowner, 'MEMBER') AND relkind IN ('r', 'p', 'v', 'm', 'S')
"""
GRANTS = """
SELECT t.relname, p.privilege FROM pg_class t
CROSS JOIN unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN']) p (privilege)
WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p')
  AND has_table_privilege(%(role)s, t.oid, p.privilege)
"""
# MAINTAIN stays: a bulk load ends with ANALYZE, and whoever may UPDATE may lock a table anyway.
TOO_MUCH = {"TRUNCATE", "REFERENCES", "TRIGGER"}
READ_ONLY = {"django_migrations": {"INSERT", "UPDATE", "DELETE"}, "tenancy_historyentry": {"UPDATE", "DELETE"}}


def holes(cursor: Cursor) -> list[str]:
    """Views that read with their owner's eyes, stored copies, and functions that act as their owner (T7)."""
    return [line for query in (VIEWS, DEFINERS) for (line,) in rows(cursor, query)]


def excess(cursor: Cursor, role: str) -> list[str]:
    """What the application's role has beyond reading and writing rows."""
    found = []
    for query in (POWERS, OWNED):
        cursor.execute(query, {"role": role})
        found += [f"{role}: {line}" for (line,) in cursor.fetchall()]
    cursor.execute(GRANTS, {"role": role})
    return found + [
        f"{role} may {privilege} {table}"
        for table, privilege in cursor.fetchall()
        if privilege in TOO_MUCH | READ_ONLY.get(table, set())
    ]


@pytest.fixture
def tables(db: None) -> dict[str, Table]:
    with connection.cursor() as cursor:
        return catalogue(cursor)


class TestTheHouse:
    def test_every_table_is_a_workspaces_or_has_a_reason(self, tables: dict[str, Table]) -> None:
        assert_none(strangers(tables, SHARED))
        assert_none(name for name, reason in SHARED.items() if len(reason) < 14)

    def test_every_model_with_a_workspace_is_read(self, tables: dict[str, Table]) -> None:
        models = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if has_workspace(model)}
        assert_none(models ^ {table.name for table in tenant(tables)})
        assert len(models) >= 20

    def test_the_workspace_is_never_missing(self, tables: dict[str, Table]) -> None:
        assert_none(keyless(tables))
        assert_none(shared_keys(tables))

    def test_rows_hide(self, tables: dict[str, Table]) -> None:
        assert_none(open_tables(tables))

    def test_keys_cannot_leave_the_workspace(self, tables: dict[str, Table]) -> None:
        assert_none(without_composite_key(tables))
        assert_none(loose_keys(tables))
        assert_none(undeclared_keys(tables, declared_references()))

    def test_references_are_declared_by_the_house_field(self) -> None:
        assert_none(
            f"{model.__name__}.{one.name}"
            for model in apps.get_models()
            if belongs(model.__module__) and has_workspace(model)
            for one in model._meta.local_fields
            if one.is_relation
            and isinstance(one.related_model, type)
            and has_workspace(one.related_model)
            and not isinstance(one, TenantForeignKey)
            and not (one.one_to_one and one.primary_key)
        )

    def test_indexes_start_with_the_workspace(self, tables: dict[str, Table]) -> None:
        assert_none(misled_indexes(tables, INDEX_EXCEPTIONS))
        assert_none(set(INDEX_EXCEPTIONS) - {name for table in tables.values() for name in table.indexes})

    def test_references_are_indexed(self, tables: dict[str, Table]) -> None:
        assert_none(unindexed_references(tables, declared_references()))

    def test_exceptions_are_few(self) -> None:
        assert len(POLICY_EXCEPTIONS) + len(INDEX_EXCEPTIONS) <= 5

    def test_no_way_round_the_policies(self, db: None) -> None:
        with connection.cursor() as cursor:
            assert_none(holes(cursor))

    def test_the_applications_role_reads_and_writes_rows_and_no_more(self, db: None) -> None:
        with connection.cursor() as cursor:
            assert_none(excess(cursor, settings.DATABASES["default"]["USER"]))

    @pytest.mark.parametrize(
        "attempt",
        [
            "ALTER TABLE accounts_note DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE accounts_note NO FORCE ROW LEVEL SECURITY",
            "DROP POLICY workspace ON accounts_note",
            "CREATE POLICY everyone ON accounts_note USING (true)",
            "TRUNCATE accounts_note",
            "DROP TABLE accounts_note",
            "CREATE TABLE loot (id int)",
            "CREATE VIEW loot AS SELECT * FROM accounts_note",
            "ALTER ROLE csw_app BYPASSRLS",
            "SET ROLE csw_owner",
            "SET SESSION AUTHORIZATION csw_owner",
            "UPDATE tenancy_historyentry SET actor_kind = 'system'",
            "DELETE FROM tenancy_historyentry",
            "DELETE FROM django_migrations",
        ],
    )
    def test_the_role_is_refused(self, db: None, attempt: str) -> None:
        with (
            pytest.raises(Exception, match=r"permission denied|must be owner") as caught,
            connection.cursor() as cursor,
        ):
            cursor.execute(attempt)
        assert isinstance(caught.value.__cause__, psycopg.errors.InsufficientPrivilege)


TENANT_TABLE = """
CREATE TABLE accounts_sample (id uuid PRIMARY KEY, workspace_id smallint NOT NULL REFERENCES tenancy_workspace,
                              account_id uuid, UNIQUE (workspace_id, id));
ALTER TABLE accounts_sample ENABLE ROW LEVEL SECURITY;
ALTER TABLE accounts_sample FORCE ROW LEVEL SECURITY;
CREATE POLICY workspace ON accounts_sample
    USING (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::int))
    WITH CHECK (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::int));
ALTER TABLE accounts_sample ADD CONSTRAINT sample_ws_fk FOREIGN KEY (workspace_id, account_id)
    REFERENCES accounts_account (workspace_id, id);
CREATE INDEX sample_account_idx ON accounts_sample (workspace_id, account_id);
"""
SAMPLE = [("accounts_sample", "account_id", "accounts_account")]


def everything_about(cursor: Cursor) -> list[str]:
    """All guards at once, with the sample's reference declared beside the models'."""
    tables = catalogue(cursor)
    references = declared_references()
    if "accounts_sample" in tables:
        references = references + SAMPLE
    simple: list[Callable[[Mapping[str, Table]], list[str]]] = [
        keyless, shared_keys, open_tables, without_composite_key, loose_keys,
    ]  # fmt: skip
    found = strangers(tables, SHARED) + misled_indexes(tables, INDEX_EXCEPTIONS)
    for guard in simple:
        found += guard(tables)
    found += undeclared_keys(tables, references) + unindexed_references(tables, references)
    return found + holes(cursor) + excess(cursor, settings.DATABASES["default"]["USER"])


def tables_to_break() -> list[str]:
    return sorted({model._meta.db_table for model in apps.get_models() if has_workspace(model)})


# One fault each (G5): what to do to a correct tenant table, and a word of the report.
FAULTS: list[tuple[str, str]] = [
    ("ALTER TABLE accounts_sample DISABLE ROW LEVEL SECURITY", "not enabled"),
    ("ALTER TABLE accounts_sample NO FORCE ROW LEVEL SECURITY", "not forced"),
    ("DROP POLICY workspace ON accounts_sample", "0 policies"),
    ("CREATE POLICY everyone ON accounts_sample USING (true)", "2 policies"),
    ("ALTER POLICY workspace ON accounts_sample USING (true)", "policy"),
    ("ALTER POLICY workspace ON accounts_sample WITH CHECK (true)", "policy"),
    ("ALTER POLICY workspace ON accounts_sample TO csw_owner", "policy"),
    ("ALTER POLICY workspace ON accounts_sample USING (workspace_id = 1)", "policy"),
    ("ALTER TABLE accounts_sample ALTER workspace_id DROP NOT NULL", "may be null"),
    ("ALTER TABLE accounts_sample DROP CONSTRAINT accounts_sample_workspace_id_fkey", "accounts_sample"),
    ("ALTER TABLE accounts_sample DROP CONSTRAINT accounts_sample_workspace_id_id_key", "no unique (workspace_id, id)"),
    ("ALTER TABLE accounts_sample DROP CONSTRAINT sample_ws_fk", "accounts_sample.account_id → accounts_account"),
    ("ALTER TABLE accounts_sample ADD FOREIGN KEY (account_id) REFERENCES accounts_account (id)", "('account_id',)"),
    ("DROP INDEX sample_account_idx", "accounts_sample.account_id"),
    ("DROP INDEX sample_account_idx; CREATE INDEX ON accounts_sample (account_id)", "accounts_sample.account_id"),
    ("CREATE INDEX sample_idx ON accounts_sample (account_id, workspace_id)", "sample_idx"),
    ("CREATE UNIQUE INDEX sample_once ON accounts_sample (account_id)", "sample_once"),
    ("ALTER TABLE accounts_sample DROP COLUMN workspace_id CASCADE", "no workspace and no reason"),
    ("CREATE TABLE attic (id int)", "attic has no workspace and no reason"),
    ("DROP TABLE auth_group_permissions", "auth_group_permissions is listed and is not there"),
    ("CREATE VIEW loot AS SELECT * FROM accounts_sample", "loot (v)"),
    ("CREATE VIEW loot WITH (security_invoker = false) AS SELECT * FROM accounts_sample", "loot (v)"),
    ("CREATE MATERIALIZED VIEW loot AS SELECT * FROM accounts_sample", "loot (m)"),
    ("CREATE FUNCTION loot() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'", "loot"),
    ("GRANT TRUNCATE ON accounts_sample TO csw_app", "may TRUNCATE"),
    ("GRANT REFERENCES ON accounts_sample TO csw_app", "may REFERENCES"),
    ("GRANT TRIGGER ON accounts_sample TO csw_app", "may TRIGGER"),
    ("GRANT ALL ON accounts_sample TO PUBLIC", "may TRUNCATE"),
    ("GRANT UPDATE ON tenancy_historyentry TO csw_app", "may UPDATE tenancy_historyentry"),
    ("GRANT DELETE ON tenancy_historyentry TO csw_app", "may DELETE tenancy_historyentry"),
    ("GRANT INSERT ON django_migrations TO csw_app", "may INSERT django_migrations"),
]


@pytest.fixture
def owner(db: None) -> Iterator[psycopg.Cursor]:
    """The owner in a transaction that is rolled back."""
    with owner_rolled_back() as cursor:
        yield cursor


class TestTheGuards:
    def test_a_correct_table_passes(self, owner: psycopg.Cursor) -> None:
        before = everything_about(owner)
        owner.execute(TENANT_TABLE)
        assert everything_about(owner) == before

    @pytest.mark.parametrize(("fault", "word"), FAULTS, ids=[fault for fault, _ in FAULTS])
    def test_a_fault_is_reported(self, owner: psycopg.Cursor, fault: str, word: str) -> None:
        owner.execute(TENANT_TABLE)
        before = everything_about(owner)
        owner.execute(fault)
        assert any(word in line for line in everything_about(owner) if line not in before)

    def test_every_dropped_policy_is_reported(self, db: None) -> None:
        with owner_rolled_back() as cursor:
            for table in tables_to_break():
                cursor.execute(f'DROP POLICY workspace ON "{table}"')
            found = open_tables(catalogue(cursor))
        assert {line.split(":")[0] for line in found} == set(tables_to_break())

    def test_every_dropped_composite_key_is_reported(self, db: None) -> None:
        with owner_rolled_back() as cursor:
            tables = catalogue(cursor)
            loose = [
                (table.name, key.name)
                for table in tenant(tables)
                for key in table.keys
                if key.columns != ("workspace_id",) and tables[key.target].is_tenant
            ]
            for table, key in loose:
                cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{key}"')
            found = undeclared_keys(catalogue(cursor), declared_references())
        assert len(found) == len(loose) >= 20

    def test_a_second_reason_would_be_needed(self, tables: dict[str, Table]) -> None:
        fewer = {name: reason for name, reason in SHARED.items() if name != "tenancy_user"}
        assert strangers(tables, fewer) == ["tenancy_user has no workspace and no reason"]
        assert "tenancy_member.member_user_idx (user_id)" in misled_indexes(tables, {})
