"""A task that is added or changes what its rank depends on marks its account, whoever wrote it."""

from django.db import migrations

# The pipeline ranks what it makes itself (app.pipeline); rank columns are not compared, so ranking marks nothing.
SQL = """
CREATE OR REPLACE FUNCTION playbooks_mark_task_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('app.pipeline', true), '') <> 'on' THEN
        INSERT INTO accounts_dirtyaccount (workspace_id, account_id)
        SELECT DISTINCT workspace_id, account_id FROM new_rows;
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER mark_insert AFTER INSERT ON playbooks_task
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION playbooks_mark_task_insert();

CREATE OR REPLACE FUNCTION playbooks_mark_task_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('app.pipeline', true), '') <> 'on' THEN
        INSERT INTO accounts_dirtyaccount (workspace_id, account_id)
        SELECT DISTINCT n.workspace_id, n.account_id FROM new_rows n JOIN old_rows o ON o.id = n.id
        WHERE (n.state, n.severity, n.due_on, n.source, n.account_id)
              IS DISTINCT FROM (o.state, o.severity, o.due_on, o.source, o.account_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER mark_update AFTER UPDATE ON playbooks_task
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION playbooks_mark_task_update();
"""


class Migration(migrations.Migration):
    dependencies = [("playbooks", "0002_protection"), ("accounts", "0002_figures_and_marks")]

    operations = [
        migrations.RunSQL(
            SQL,
            "DROP FUNCTION playbooks_mark_task_insert() CASCADE; DROP FUNCTION playbooks_mark_task_update() CASCADE;",
        )
    ]
