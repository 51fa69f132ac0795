"""Writing what a plan came to: rows that were inserted go, children first; updated columns get their old values."""

# ruff: noqa: S608 - text from outside never reaches a statement: names come from the registry of models

from __future__ import annotations

from django.db.models import Model, UniqueConstraint

from csworkbench.tenancy.history import model_of

from .hanging import ancestors, references_to
from .plan import Plan

FREE = "NOT EXISTS (SELECT 1 FROM undo_conflict c WHERE c.unit = r.unit)"

# Per row the old value of each column that is still what the cause wrote; keys of an object are put back into it.
OLD_VALUES = f"""
CREATE TEMP TABLE undo_write ON COMMIT DROP AS
SELECT o.unit, o.table_name, o.row_id, jsonb_object_agg(o.column_name, o.value) AS was, 0 AS wave FROM (
    SELECT f.unit, f.table_name, f.row_id, f.column_name, CASE WHEN bool_or(f.key IS NULL)
        THEN (array_agg(f.old) FILTER (WHERE f.key IS NULL))[1]
        ELSE (array_agg(r.now -> f.column_name))[1] - array_agg(f.key)
            || coalesce(jsonb_object_agg(f.key, f.old) FILTER (WHERE f.key IS NOT NULL AND f.old IS NOT NULL), '{{}}')
        END AS value
    FROM undo_field f JOIN undo_row r ON r.table_name = f.table_name AND r.row_id = f.row_id
    WHERE {FREE} AND r.now IS NOT NULL
        AND CASE WHEN f.key IS NULL THEN r.now -> f.column_name ELSE r.now -> f.column_name -> f.key END
            IS DISTINCT FROM f.old
    GROUP BY f.unit, f.table_name, f.row_id, f.column_name) o
GROUP BY o.unit, o.table_name, o.row_id
"""


def write(plan: Plan, tables: list[str]) -> None:
    """Take back every unit that nothing stands in the way of; as many statements as tables, whatever the rows."""
    delete_new_rows(plan)
    plan.run(OLD_VALUES)
    for table in tables:
        if model := model_of(table):
            restore(plan, model)
    # What triggers planned for a set here must not serve single rows later in this session.
    plan.run("DISCARD PLANS")


def delete_new_rows(plan: Plan) -> None:
    """Delete inserted rows and what follows from them."""
    wanted = f"SELECT DISTINCT table_name FROM undo_row r WHERE is_new AND now IS NOT NULL AND {FREE}"
    models = [model for (name,) in plan.rows(wanted) if (model := model_of(name))]
    for model in sorted(models, key=lambda one: (-len(ancestors(one)), one._meta.db_table)):
        table = model._meta.db_table
        rows = f"SELECT r.row_id FROM undo_row r WHERE r.table_name = %(table)s AND r.is_new AND {FREE}"
        for reference in references_to(model):
            if reference.is_beside:
                plan.run(
                    f'DELETE FROM "{reference.table}" x WHERE x.workspace_id = %(workspace)s'
                    f' AND x."{reference.column}" IN ({rows})',
                    table=table,
                )
        plan.write(
            f'DELETE FROM "{table}" t WHERE t.workspace_id = %(workspace)s AND t.id IN ({rows})',
            table=table,
        )


def restore(plan: Plan, model: type[Model]) -> None:
    """Give the updated rows of one table their old values."""
    table = model._meta.db_table
    given = {name for (name,) in plan.rows(GIVEN, table=table)}
    columns = [field.column for field in model._meta.concrete_fields if field.column in given]
    if not columns:
        return
    unique = [name for name in columns if name in unique_columns(model)]
    if unique:
        # What only one row may have at a time is given up by who took it before who had it gets it back.
        plan.run(WAVES, table=table, unique=unique)
    sets, values = (", ".join(f'{prefix}"{name}"' for name in columns) for prefix in ("", "b."))
    for (wave,) in plan.rows(
        "SELECT DISTINCT wave FROM undo_write WHERE table_name = %(table)s ORDER BY 1", table=table
    ):
        plan.write(
            f'UPDATE "{table}" t SET ({sets}) = (SELECT {values} FROM jsonb_populate_record(t, w.was) b)'
            " FROM undo_write w WHERE t.workspace_id = %(workspace)s AND t.id = w.row_id"
            " AND w.table_name = %(table)s AND w.wave = %(wave)s",
            table=table,
            wave=wave,
        )


GIVEN = "SELECT DISTINCT jsonb_object_keys(was) FROM undo_write WHERE table_name = %(table)s"
WAVES = """
UPDATE undo_write w SET wave = o.wave FROM (
    SELECT p.row_id, row_number() OVER (PARTITION BY p.unit ORDER BY r.last_id DESC) AS wave
    FROM undo_write p JOIN undo_row r ON r.table_name = p.table_name AND r.row_id = p.row_id
    WHERE p.table_name = %(table)s AND p.was ?| %(unique)s) o
WHERE w.table_name = %(table)s AND w.row_id = o.row_id
"""


def unique_columns(model: type[Model]) -> set[str]:
    """The columns that decide whether two rows may both be there."""
    names: set[str] = {field.name for field in model._meta.concrete_fields if field.unique}
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint):
            names |= {*constraint.fields}
            if constraint.condition is not None:
                names |= constraint.condition.referenced_base_fields
    return {str(field.column) for field in model._meta.concrete_fields if field.name in names}
