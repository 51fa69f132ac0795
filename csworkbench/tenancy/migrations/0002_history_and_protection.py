"""The ledger's trigger function, and every tenant table of the ground floor behind row-level security."""

from django.db import migrations

from csworkbench.tenancy.protect import Protect, Track

# One generic statement-level function. The columns of a row are compared as jsonb, so a new column is tracked from
# the day it exists; TG_ARGV[0] lists computed columns to leave out. An insert records no values: the row itself
# holds them, and each later change keeps what it replaced.
RECORD_HISTORY = """
CREATE OR REPLACE FUNCTION tenancy_record_history() RETURNS trigger LANGUAGE plpgsql AS $$
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
    dependencies = [("tenancy", "0001_initial")]

    operations = [
        migrations.RunSQL(RECORD_HISTORY, "DROP FUNCTION tenancy_record_history() CASCADE"),
        Protect("tenancy"),
        Track("tenancy_member"),
        Track("tenancy_invitation"),
        Track("tenancy_holiday"),
    ]
