"""Problems of rows on their way to a verdict: gathered in ``import_unfit``, so that a row shows all of them at once."""

from __future__ import annotations

from csworkbench.imports.staging import Stage


def gather(stage: Stage) -> None:
    """Start ``import_unfit`` with what the cleaners found."""
    stage.run("DROP TABLE IF EXISTS import_unfit")
    stage.run("CREATE TEMP TABLE import_unfit (row integer, nth integer, problem jsonb, hint uuid) ON COMMIT DROP")
    stage.run(
        """
        INSERT INTO import_unfit
        SELECT s.row, p.ordinality, p.value FROM import_stage s
        CROSS JOIN LATERAL jsonb_array_elements(s.problems) WITH ORDINALITY p WHERE s.problems IS NOT NULL
        """
    )


def is_given(stage: Stage, field: str) -> bool:
    """Whether a field has a column in the file, or says the same in every row."""
    return f"title_{field}" in stage.options


def title(stage: Stage, field: str) -> str:
    """What the file calls a field; its own label where the file does not give it."""
    return str(stage.options.get(f"title_{field}") or stage.options[f"label_{field}"])


def note(
    stage: Stage,
    field: str,
    code: str,
    message: str,
    rows: str,
    *,
    value: str = "'null'::jsonb",
    hint: str = "NULL",
    **parameters: object,
) -> int:
    """Give the rows of ``FROM … WHERE`` (alias ``s``) a problem; ``message``, ``value`` and ``hint`` are SQL.

    ``hint`` is an account that the row seems to mean. Returns the number of rows.
    """
    return stage.run(
        f"""
        INSERT INTO import_unfit
        SELECT s.row, 1000, jsonb_build_object('field', '{field}', 'column', %(title)s::text, 'value', {value},
            'code', '{code}', 'message', {message}, 'suggestions', '[]'::jsonb), {hint}
        {rows}
        """,
        title=title(stage, field),
        **parameters,
    )


def reject(stage: Stage) -> None:
    """Rows with problems are rejected, each with all of them."""
    stage.run(
        """
        WITH found AS (DELETE FROM import_unfit RETURNING row, nth, problem)
        INSERT INTO import_verdict
        SELECT row, 'rejected', NULL, NULL, jsonb_agg(problem ORDER BY nth, problem ->> 'field')
        FROM found GROUP BY row
        """
    )
    stage.run("ANALYZE import_verdict (row)")
