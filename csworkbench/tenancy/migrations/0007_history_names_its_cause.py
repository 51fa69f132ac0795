"""The ledger's trigger function writes the cause of a change, and can keep to some kinds of actors."""

from django.db import migrations

WITH_CAUSE = """
CREATE OR REPLACE FUNCTION tenancy_record_history() RETURNS trigger LANGUAGE plpgsql
SET enable_nestloop = off AS $$
DECLARE
    ignored text[] := string_to_array(TG_ARGV[0], ',');
    actor uuid := nullif(current_setting('app.actor_id', true), '')::uuid;
    actor_kind text := coalesce(nullif(current_setting('app.actor_kind', true), ''), 'system');
    cause_id uuid := nullif(current_setting('app.cause_id', true), '')::uuid;
    cause text := left(coalesce(current_setting('app.cause', true), ''), 200);
    account_column text := CASE WHEN TG_TABLE_NAME = 'accounts_account' THEN 'id' ELSE 'account_id' END;
BEGIN
    -- A second argument names the only kinds of actors whose changes of this table are kept.
    IF TG_NARGS > 1 AND actor_kind <> ALL (string_to_array(TG_ARGV[1], ',')) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO tenancy_historyentry
            (workspace_id, table_name, row_id, account_id, operation, changes, actor_id, actor_kind, cause, cause_id)
        SELECT pair.workspace_id, TG_TABLE_NAME, pair.id, (pair.fresh ->> account_column)::uuid, 'update',
               diff.changes, actor, actor_kind, cause, cause_id
        FROM (SELECT n.workspace_id, n.id, to_jsonb(o) AS stale, to_jsonb(n) AS fresh
              FROM new_rows n JOIN old_rows o ON o.id = n.id) pair
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(f.key, jsonb_build_array(pair.stale -> f.key, f.value)) AS changes
            FROM jsonb_each(pair.fresh) f
            WHERE pair.stale -> f.key IS DISTINCT FROM f.value AND f.key <> ALL (ignored)
        ) diff
        WHERE diff.changes IS NOT NULL;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO tenancy_historyentry
            (workspace_id, table_name, row_id, account_id, operation, changes, actor_id, actor_kind, cause, cause_id)
        SELECT n.workspace_id, TG_TABLE_NAME, n.id, (to_jsonb(n) ->> account_column)::uuid, 'insert',
               '{}', actor, actor_kind, cause, cause_id
        FROM new_rows n;
    ELSE
        INSERT INTO tenancy_historyentry
            (workspace_id, table_name, row_id, account_id, operation, changes, actor_id, actor_kind, cause, cause_id)
        SELECT o.workspace_id, TG_TABLE_NAME, o.id, (to_jsonb(o) ->> account_column)::uuid, 'delete',
               (SELECT jsonb_object_agg(f.key, jsonb_build_array(f.value, NULL)) FROM jsonb_each(to_jsonb(o)) f),
               actor, actor_kind, cause, cause_id
        FROM old_rows o;
    END IF;
    RETURN NULL;
END
$$;
"""

BEFORE = """
CREATE OR REPLACE FUNCTION tenancy_record_history() RETURNS trigger LANGUAGE plpgsql
SET enable_nestloop = off AS $$
DECLARE
    ignored text[] := string_to_array(TG_ARGV[0], ',');
    actor uuid := nullif(current_setting('app.actor_id', true), '')::uuid;
    actor_kind text := coalesce(nullif(current_setting('app.actor_kind', true), ''), 'system');
    cause text := left(coalesce(current_setting('app.cause', true), ''), 200);
    account_column text := CASE WHEN TG_TABLE_NAME = 'accounts_account' THEN 'id' ELSE 'account_id' END;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO tenancy_historyentry
            (workspace_id, table_name, row_id, account_id, operation, changes, actor_id, actor_kind, cause)
        SELECT pair.workspace_id, TG_TABLE_NAME, pair.id, (pair.fresh ->> account_column)::uuid, 'update',
               diff.changes, actor, actor_kind, cause
        FROM (SELECT n.workspace_id, n.id, to_jsonb(o) AS stale, to_jsonb(n) AS fresh
              FROM new_rows n JOIN old_rows o ON o.id = n.id) pair
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(f.key, jsonb_build_array(pair.stale -> f.key, f.value)) AS changes
            FROM jsonb_each(pair.fresh) f
            WHERE pair.stale -> f.key IS DISTINCT FROM f.value AND f.key <> ALL (ignored)
        ) diff
        WHERE diff.changes IS NOT NULL;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO tenancy_historyentry
            (workspace_id, table_name, row_id, account_id, operation, changes, actor_id, actor_kind, cause)
        SELECT n.workspace_id, TG_TABLE_NAME, n.id, (to_jsonb(n) ->> account_column)::uuid, 'insert',
               '{}', actor, actor_kind, cause
        FROM new_rows n;
    ELSE
        INSERT INTO tenancy_historyentry
            (workspace_id, table_name, row_id, account_id, operation, changes, actor_id, actor_kind, cause)
        SELECT o.workspace_id, TG_TABLE_NAME, o.id, (to_jsonb(o) ->> account_column)::uuid, 'delete',
               (SELECT jsonb_object_agg(f.key, jsonb_build_array(f.value, NULL)) FROM jsonb_each(to_jsonb(o)) f),
               actor, actor_kind, cause
        FROM old_rows o;
    END IF;
    RETURN NULL;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0006_cause_of_changes")]

    operations = [migrations.RunSQL(WITH_CAUSE, BEFORE)]
