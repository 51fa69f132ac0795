"""A verdict for every staged row of a book, and old → new for each that would change something."""

from __future__ import annotations

from csworkbench.imports.staging import Stage

from .statements import (
    ACCOUNT,
    IDS,
    account_values,
    contact_values,
    differs,
    given,
    old_and_new,
    product,
    replaced,
    sells,
    subscription_values,
)

LABELS = {"sf_id": "Salesforce ID", "lms_id": "LMS ID", "billing_id": "Recurly ID"}


def compare(stage: Stage, *, lock: bool) -> None:
    """Fill ``import_verdict`` and ``import_match``; with ``lock``, hold the rows that would change (IMP-1)."""
    ids = [name for name in IDS if stage.has(name)]
    suggest_ids(stage, ids)
    stage.run("INSERT INTO import_verdict SELECT row, 'rejected', NULL, NULL, problems FROM import_stage"
              " WHERE problems IS NOT NULL")  # fmt: skip
    find_twins(stage, ids)
    match(stage, ids)
    reject_clashes(stage, ids)
    match_followers(stage)
    stage.run(
        "INSERT INTO import_verdict SELECT row, CASE WHEN is_new THEN 'new'"
        " WHEN account_differs OR contact_differs OR subscription_differs THEN 'changed' ELSE 'unchanged' END, target_id"
        " FROM import_match"
    )
    if lock:
        hold(stage)
    write_changes(stage)


def problem(field: str, value: str, code: str, message: str, suggestions: str = "'[]'::jsonb") -> str:
    """SQL of a problem list with one problem; the arguments but ``field`` and ``code`` are SQL."""
    return (
        f"jsonb_build_array(jsonb_build_object('field', '{field}', 'column', %(title_{field})s::text, 'value', {value},"
        f" 'code', '{code}', 'message', {message}, 'suggestions', {suggestions}))"
    )


def suggest_ids(stage: Stage, ids: list[str]) -> None:
    """A row whose first id is missing or spoilt may still name an account by another one: suggest that account's id."""
    if len(ids) < 2:
        return
    first, *others = ids
    for other in others:
        stage.run(
            f"""
            UPDATE import_stage s SET problems = (
                SELECT jsonb_agg(CASE WHEN p ->> 'field' = '{first}' AND p -> 'suggestions' = '[]'
                    THEN p || jsonb_build_object('suggestions', jsonb_build_array(a.{first}),
                        'message', (p ->> 'message') || format(' %%s %%s is %%s.', '{LABELS[other]}', a.{other}, a.name))
                    ELSE p END) FROM jsonb_array_elements(s.problems) p)
            FROM accounts_account a
            WHERE s.problems IS NOT NULL AND s.{first} IS NULL AND a.workspace_id = %(workspace)s
                AND a.{other} = s.{other} AND a.{other} <> '' AND a.{first} <> ''
            """
        )


def find_twins(stage: Stage, ids: list[str]) -> None:
    """Rows that repeat an id of an earlier row: the same row again, another product of its account, or a mistake."""
    first, *others = ids
    stage.run("DROP TABLE IF EXISTS import_twin, import_match")
    stage.run("CREATE TEMP TABLE import_twin (row integer, first_row integer, follows boolean) ON COMMIT DROP")
    partition = f"s.{first}, s.product_id" if stage.has("product_id") else f"s.{first}"
    stage.run(
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
    same = " AND ".join(f"s.{name} IS NOT DISTINCT FROM f.{name}" for name in stage.columns)
    message = (
        f"CASE WHEN {same} THEN format('Row %%s is the same; this one is not applied again.', f.row)"
        " ELSE format('Row %%s is about the same account with other values; only that one is applied.', f.row) END"
    )
    stage.run(
        f"""
        INSERT INTO import_verdict
        SELECT s.row, 'duplicate', NULL, NULL, {problem(first, f"to_jsonb(s.{first})", "duplicate", message)}
        FROM import_twin t JOIN import_stage s ON s.row = t.row JOIN import_stage f ON f.row = t.first_row
        WHERE NOT t.follows
        """
    )
    reject_contradictions(stage, first)
    for other in others:
        reject_shared(stage, other)


def reject_contradictions(stage: Stage, first: str) -> None:
    """Another product's row of an account must not say other things about the account or its contact."""
    about = [name for name in (*ACCOUNT, "first_name", "last_name", "email", "phone") if stage.has(name)]
    contradicts = " OR ".join(f"s.{name} <> f.{name}" for name in about)
    message = "format('Row %%s says something else about this account.', f.row)"
    stage.run(
        f"""
        WITH gone AS (
            DELETE FROM import_twin t USING import_stage s, import_stage f
            WHERE t.follows AND s.row = t.row AND f.row = t.first_row AND ({contradicts})
            RETURNING s.row, {problem(first, f"to_jsonb(s.{first})", "contradiction", message)} AS problems
        )
        INSERT INTO import_verdict SELECT row, 'rejected', NULL, NULL, problems FROM gone
        """
    )


def reject_shared(stage: Stage, field: str) -> None:
    """Two accounts of the file cannot have one id: the later row is rejected."""
    message = f"format('{LABELS[field]} %%s is also in row %%s, which is another account.', s.{field}, g.first_row)"
    stage.run(
        f"""
        INSERT INTO import_verdict
        SELECT s.row, 'rejected', NULL, NULL, {problem(field, f"to_jsonb(s.{field})", "id_twice", message)}
        FROM (SELECT {field}, min(row) AS first_row FROM import_stage b
              WHERE problems IS NULL AND {field} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM import_twin t WHERE t.row = b.row)
              GROUP BY {field} HAVING count(*) > 1) g
        JOIN import_stage s ON s.{field} = g.{field} AND s.problems IS NULL AND s.row > g.first_row
        WHERE NOT EXISTS (SELECT 1 FROM import_twin t WHERE t.row = s.row)
            AND NOT EXISTS (SELECT 1 FROM import_verdict v WHERE v.row = s.row)
        """
    )


def match(stage: Stage, ids: list[str]) -> None:
    """``import_match``: for each clean row its account by the strongest id that finds one, and what differs."""
    joins, found = [], []
    for name in ids:
        joins.append(
            f"LEFT JOIN accounts_account by_{name} ON by_{name}.workspace_id = %(workspace)s"
            f" AND by_{name}.{name} = s.{name} AND by_{name}.{name} <> ''"
        )
        found.append(f"by_{name}.id")
    target = f"coalesce({', '.join(found)})"
    stage.run(
        f"""
        CREATE TEMP TABLE import_match ON COMMIT DROP AS
        SELECT s.row, NULL::integer AS leader, coalesce({target}, k.target_id, uuidv7()) AS target_id, {target} IS NULL AS is_new,
            {clash(ids)} AS clash, {compared(stage)}
        FROM import_stage s {" ".join(joins)}
        LEFT JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.id = {target}
        {beside(stage)}
        LEFT JOIN import_known k ON k.row = s.row AND k.verdict = 'new'
        WHERE s.problems IS NULL AND NOT EXISTS (SELECT 1 FROM import_twin t WHERE t.row = s.row)
            AND NOT EXISTS (SELECT 1 FROM import_verdict v WHERE v.row = s.row)
        """
    )


def clash(ids: list[str]) -> str:
    """The field whose id belongs to another account than a stronger id says, or NULL."""
    cases = []
    for at, strong in enumerate(ids):
        for weak in ids[at + 1 :]:
            cases.append(f"WHEN by_{strong}.id <> by_{weak}.id THEN '{weak}'")
            # Found by the weaker id alone, but the account has another stronger one already.
            cases.append(
                f"WHEN by_{strong}.id IS NULL AND s.{strong} IS NOT NULL AND by_{weak}.{strong} <> '' THEN '{weak}'"
            )
    return f"CASE {' '.join(cases)} END" if cases else "NULL::text"


def beside(stage: Stage) -> str:
    """Joins to the primary contact and to the running subscription."""
    joins = []
    if contact_values(stage):
        joins.append(
            "LEFT JOIN accounts_contact c ON c.workspace_id = %(workspace)s AND c.account_id = a.id AND c.is_primary"
        )
    if sells(stage):
        joins.append(
            "LEFT JOIN accounts_subscription u ON u.workspace_id = %(workspace)s AND u.account_id = a.id"
            f" AND u.product_id = {product(stage)} AND u.ended_on IS NULL"
        )
    return " ".join(joins)


def compared(stage: Stage) -> str:
    """The columns of ``import_match`` that say what differs and which rows beside the account are meant."""
    contact, subscription = contact_values(stage), subscription_values(stage)
    parts = [f"{differs('a', account_values(stage))} AS account_differs"]
    parts += (
        [f"c.id AS contact_id, {replaced(stage)} AS replaces, {differs('c', contact)} AS contact_differs"]
        if contact
        else ["NULL::uuid AS contact_id, false AS replaces, false AS contact_differs"]
    )
    if sells(stage):
        missing = f"({product(stage)} IS NOT NULL AND u.id IS NULL)"
        parts.append(f"u.id AS subscription_id, ({missing} OR {differs('u', subscription)}) AS subscription_differs")
        parts.append(f"({product(stage)} IS NULL AND {given(subscription.values())}) AS lacks_product")
    else:
        parts.append("NULL::uuid AS subscription_id, false AS subscription_differs, false AS lacks_product")
    return ", ".join(parts)


def reject_clashes(stage: Stage, ids: list[str]) -> None:
    """Rows that the database cannot take as they are, each with its reason."""
    for weak in ids[1:]:
        message = f"format('{LABELS[weak]} %%s belongs to %%s, the other ids of this row to another account.', s.{weak}, a.name)"
        reject(
            stage, f"m.clash = '{weak}'", problem(weak, f"to_jsonb(s.{weak})", "id_conflict", message),
            f"JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.{weak} = s.{weak}",
        )  # fmt: skip
    first = ids[0]
    value = f"to_jsonb(s.{first})"
    if len(ids) > 1:
        again = "(SELECT count(*) FROM import_match o WHERE o.target_id = m.target_id AND o.row < m.row) > 0"
        message = "'An earlier row is about this account already, by another of its ids.'"
        several = "m.target_id IN (SELECT target_id FROM import_match WHERE NOT is_new GROUP BY 1 HAVING count(*) > 1)"
        reject(stage, f"{several} AND {again}", problem(first, value, "same_account", message))
    nameless = "s.name IS NULL" if stage.has("name") else "true"
    field = "name" if stage.has("name") else first
    message = "'This account is not in the book yet, and a new one needs a name.'"
    reject(stage, f"m.is_new AND {nameless}", problem(field, "'null'::jsonb", "missing_name", message))
    if stage.has("product_id"):
        message = "'MRR, dates and counts belong to a product: name it.'"
        reject(stage, "m.lacks_product", problem("product", "'null'::jsonb", "missing_product", message))


def reject(stage: Stage, condition: str, problems: str, join: str = "") -> None:
    """Move rows of ``import_match`` to the rejected ones."""
    stage.run(
        f"""
        WITH gone AS (
            DELETE FROM import_match WHERE row IN (
                SELECT m.row FROM import_match m JOIN import_stage s ON s.row = m.row WHERE {condition})
            RETURNING row
        )
        INSERT INTO import_verdict SELECT s.row, 'rejected', NULL, NULL, {problems}
        FROM gone JOIN import_stage s ON s.row = gone.row {join}
        """
    )


def match_followers(stage: Stage) -> None:
    """Rows that add a product to the account of an earlier row; rejected where that row is."""
    if not sells(stage):
        return
    subscription = subscription_values(stage)
    stage.run(
        f"""
        INSERT INTO import_match
        SELECT s.row, t.first_row, m.target_id, false, NULL, false, NULL, false, false, u.id,
            (u.id IS NULL OR {differs("u", subscription)}), false
        FROM import_twin t JOIN import_stage s ON s.row = t.row JOIN import_match m ON m.row = t.first_row
        LEFT JOIN accounts_subscription u ON u.workspace_id = %(workspace)s AND u.account_id = m.target_id
            AND u.product_id = {product(stage)} AND u.ended_on IS NULL
        WHERE t.follows AND {product(stage)} IS NOT NULL
        """
    )
    message = "format('Row %%s of the same account is rejected, so this one has to wait.', t.first_row)"
    first = next(name for name in IDS if stage.has(name))
    stage.run(
        f"""
        INSERT INTO import_verdict
        SELECT s.row, 'rejected', NULL, NULL, {problem(first, f"to_jsonb(s.{first})", "waits", message)}
        FROM import_twin t JOIN import_stage s ON s.row = t.row
        WHERE t.follows AND NOT EXISTS (SELECT 1 FROM import_match m WHERE m.row = t.row)
        """
    )


def hold(stage: Stage) -> None:
    """Lock what would change, so that nobody edits it between the comparison and the write."""
    for table, column in (
        ("accounts_account", "target_id"),
        ("accounts_contact", "contact_id"),
        ("accounts_subscription", "subscription_id"),
    ):
        stage.run(
            f"SELECT 1 FROM {table} x WHERE x.workspace_id = %(workspace)s AND x.id IN (SELECT m.{column} FROM"
            " import_match m JOIN import_verdict v ON v.row = m.row WHERE v.verdict = 'changed') ORDER BY x.id FOR UPDATE"
        )


def write_changes(stage: Stage) -> None:
    """Old → new per field of the rows that change something."""
    parts = [] if not account_values(stage) else [("account_differs", old_and_new("a", account_values(stage)))]
    if contact := contact_values(stage):
        parts.append(("contact_differs", old_and_new("c", contact, "contact.")))
    if sells(stage):
        fresh = f"'product', CASE WHEN u.id IS NULL THEN jsonb_build_array(NULL, {product(stage)}) END"
        parts.append(("subscription_differs", [fresh, *old_and_new("u", subscription_values(stage))]))
    objects = [
        f"CASE WHEN m.{flag} THEN jsonb_build_object({', '.join(arguments)}) ELSE '{{}}' END"
        for flag, arguments in parts
    ]
    changes = " || ".join(objects)
    stage.run(
        f"""
        UPDATE import_verdict v SET changes = kept.changes FROM (
            SELECT m.row, (SELECT coalesce(jsonb_object_agg(e.key, e.value), '{{}}') FROM jsonb_each({changes}) e
                           WHERE e.value <> 'null') AS changes
            FROM import_match m JOIN import_verdict w ON w.row = m.row AND w.verdict = 'changed'
            JOIN import_stage s ON s.row = m.row
            LEFT JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.id = m.target_id
            {beside(stage)}
        ) kept WHERE kept.row = v.row
        """
    )
