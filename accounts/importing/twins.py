"""Rows of one file that share an id: the same row again, another product of its account, or a mistake."""

# ruff: noqa: S608 - text from outside never reaches a statement: names come from this package, values are parameters

from __future__ import annotations

from csworkbench.imports.staging import Stage

from .statements import ACCOUNT, BY_NAME, STAGED_CUSTOM, UNIQUE_IDS, any_of, field_of

LABELS = {"sf_id": "Salesforce ID", "lms_id": "LMS ID", "billing_id": "Recurly ID"}


def problem(field: str, value: str, code: str, message: str, suggestions: str = "'[]'::jsonb") -> str:
    """SQL of a problem list with one problem; the arguments but ``field`` and ``code`` are SQL."""
    return (
        f"jsonb_build_array(jsonb_build_object('field', '{field}', 'column', %(title_{field})s::text, 'value', {value},"
        f" 'code', '{code}', 'message', {message}, 'suggestions', {suggestions}))"
    )


def problem_of(column: str, code: str, message: str, suggestions: str = "'[]'::jsonb") -> str:
    """A problem of what says which account the row ``s`` is about."""
    field = field_of(column)
    return problem(field, f"to_jsonb(s.{field})", code, message, suggestions)


def find_twins(stage: Stage, ids: list[str]) -> int:
    """Fill ``import_twin`` with rows that repeat the first id of an earlier one; returns their number.

    Duplicates and contradictions get their verdict here, rows of another product follow the first row.
    """
    first, *others = ids
    stage.run("DROP TABLE IF EXISTS import_twin, import_match")
    stage.run("CREATE TEMP TABLE import_twin (row integer, first_row integer, follows boolean) ON COMMIT DROP")
    partition = f"s.{first}, s.product_id" if stage.has("product_id") else f"s.{first}"
    found = stage.run(
        f"""
        INSERT INTO import_twin
        SELECT row, first_row, nth = 1 FROM (
            SELECT s.row, g.first_row, row_number() OVER (PARTITION BY {partition} ORDER BY s.row) AS nth
            FROM (SELECT {first}, min(row) AS first_row FROM import_stage WHERE problems IS NULL
                  GROUP BY {first} HAVING count(*) > 1) g
            JOIN import_stage s ON s.{first} = g.{first} AND s.problems IS NULL) x
        WHERE row > first_row
        """
    )
    if found:
        report_duplicates(stage, first)
        reject_contradictions(stage, first)
    for other in others:
        if other in UNIQUE_IDS:
            reject_shared(stage, other)
    return found


def report_duplicates(stage: Stage, first: str) -> None:
    """The same account and product a second time: reported, applied once. With other values a person has to look."""
    same = " AND ".join(f"s.{name} IS NOT DISTINCT FROM f.{name}" for name in stage.columns)
    message = (
        f"CASE WHEN {same} THEN format('Row %%s is the same; this one is not applied again.', f.row)"
        " ELSE format('Row %%s is about the same account with other values; only that one is applied.', f.row) END"
    )
    code = f"jsonb_build_object('code', CASE WHEN {same} THEN 'duplicate' ELSE 'other_values' END)"
    stage.run(
        f"""
        INSERT INTO import_verdict
        SELECT s.row, 'duplicate', NULL, NULL,
            jsonb_build_array({problem_of(first, "duplicate", message)} -> 0 || {code})
        FROM import_twin t JOIN import_stage s ON s.row = t.row JOIN import_stage f ON f.row = t.first_row
        WHERE NOT t.follows
        """
    )


def reject_contradictions(stage: Stage, first: str) -> None:
    """Another product's row of an account must not say other things about the account or its contact."""
    about = [name for name in (*ACCOUNT, "first_name", "last_name", "email", "phone") if stage.has(name)]
    about += [name for name in stage.columns if name.startswith(STAGED_CUSTOM)]
    if first == BY_NAME:  # the same name, however it is written
        about.remove("name")
    contradicts = any_of(f"s.{name} <> f.{name}" for name in about)
    message = "format('Row %%s says something else about this account.', f.row)"
    stage.run(
        f"""
        WITH gone AS (
            DELETE FROM import_twin t USING import_stage s, import_stage f
            WHERE t.follows AND s.row = t.row AND f.row = t.first_row AND {contradicts}
            RETURNING s.row, {problem_of(first, "contradiction", message)} AS problems
        )
        INSERT INTO import_verdict SELECT row, 'rejected', NULL, NULL, problems FROM gone
        """
    )


def reject_shared(stage: Stage, field: str) -> None:
    """Two accounts of the file cannot have one id: the later row is rejected."""
    message = f"format('{LABELS[field]} %%s is also in row %%s, which is another account.', x.{field}, x.first_row)"
    stage.run(
        f"""
        WITH shared AS MATERIALIZED (
            SELECT {field} FROM import_stage WHERE problems IS NULL AND {field} IS NOT NULL
            GROUP BY {field} HAVING count(*) > 1)
        INSERT INTO import_verdict
        SELECT x.row, 'rejected', NULL, NULL, {problem(field, f"to_jsonb(x.{field})", "id_twice", message)}
        FROM (SELECT s.row, s.{field}, min(s.row) OVER (PARTITION BY s.{field}) AS first_row
              FROM import_stage s JOIN shared g ON g.{field} = s.{field}
              WHERE s.problems IS NULL AND NOT EXISTS (SELECT 1 FROM import_twin t WHERE t.row = s.row)) x
        WHERE x.row > x.first_row AND NOT EXISTS (SELECT 1 FROM import_verdict v WHERE v.row = x.row)
        """
    )
