"""A verdict for every staged row of a book, and old → new for each that would change something."""

# ruff: noqa: S608 - text from outside never reaches a statement: names come from this package, values are parameters

from __future__ import annotations

from csworkbench.imports.staging import Stage

from .near import suggest_ids, warn_of_namesakes
from .statements import (
    BY_NAME,
    KNOWN,
    UNIQUE_IDS,
    account_owned,
    account_values,
    by_name,
    contact_owned,
    contact_values,
    differs,
    given,
    held,
    identity,
    json_object,
    old_and_new,
    product,
    sells,
    subscription_values,
    takes_place,
    withheld,
)
from .twins import LABELS, find_twins, problem, problem_of


def compare(stage: Stage, *, lock: bool) -> None:
    """Fill ``import_match``, and ``import_verdict`` with every row that is not simply unchanged (IMP-1).

    With ``lock`` the rows that would change are held until the transaction ends.
    """
    ids = identity(stage)
    if by_name(stage):
        prepare_names(stage, lock=lock)
    stage.run(f"ANALYZE import_stage (row, problems, {', '.join(ids)})")
    suggest_ids(stage, ids)
    stage.run(
        "INSERT INTO import_verdict SELECT row, 'rejected', NULL, NULL, problems FROM import_stage"
        " WHERE problems IS NOT NULL"
    )
    twins = find_twins(stage, ids)
    match(stage, ids)
    reject_unfit(stage, ids)
    if twins:
        match_followers(stage)
    stage.run(
        """
        INSERT INTO import_verdict SELECT row, CASE WHEN is_new THEN 'new'
            WHEN account_differs OR contact_differs OR subscription_differs THEN 'changed' ELSE 'crm' END, target_id
        FROM import_match WHERE is_new OR account_differs OR contact_differs OR subscription_differs OR is_held
        """
    )
    stage.run("ANALYZE import_verdict (row, verdict)")
    if lock:
        hold(stage)
    else:
        warn_of_namesakes(stage, ids)
    write_changes(stage)


def prepare_names(stage: Stage, *, lock: bool) -> None:
    """Names as the only identity: one that folds to nothing cannot be one, and nobody else makes the same meanwhile."""
    message = "'A name without Latin letters or digits cannot say which account is meant: add a column with an id.'"
    unreadable = problem("name", "to_jsonb(s.name)", "unreadable_name", message)
    stage.run(
        f"UPDATE import_stage s SET problems = coalesce(s.problems, '[]') || {unreadable} WHERE s.search_name = ''"
    )
    if lock:
        # No constraint keeps two accounts from having one name, so one import by names follows the other.
        stage.run("SELECT pg_advisory_xact_lock(hashtext('accounts by name'), %(workspace)s)")


def match(stage: Stage, ids: list[str]) -> None:
    """``import_match``: for each clean row its account by the strongest id that finds one, and what differs.

    ``reason`` says why a row cannot be taken as it is; NULL when it can. Most rows of a book that comes again find
    their account by the first id and agree with its others; only the rest is looked up by every id.
    """
    first, *others = ids
    agrees = "".join(f" AND (s.{name} IS NULL OR a.{name} = s.{name})" for name in others)
    settled = f"a.workspace_id = %(workspace)s AND a.{first} = s.{first} AND a.{first} <> ''{agrees}"
    open_rows = (
        "s.problems IS NULL AND s.row NOT IN (SELECT row FROM import_twin UNION ALL SELECT row FROM import_verdict)"
    )
    stage.run(
        f"""
        CREATE TEMP TABLE import_match ON COMMIT DROP AS
        SELECT s.row, NULL::integer AS leader, a.id AS target_id, false AS is_new, false AS by_weaker,
            CASE WHEN {lacks_product(stage)} THEN 'missing_product' END AS reason, {compared(stage)}
        FROM import_stage s JOIN accounts_account a ON {settled if first in UNIQUE_IDS else "false"}
        {beside(stage)} WHERE {open_rows}
        """
    )
    stage.run("ANALYZE import_match (row)")
    rest = f"{open_rows} AND s.row NOT IN (SELECT row FROM import_match)"
    if stage.rows(f"SELECT 1 FROM import_stage s WHERE {rest} LIMIT 1"):
        match_rest(stage, ids, rest)
        stage.run("ANALYZE import_match (row, target_id)")


def match_rest(stage: Stage, ids: list[str], rest: str) -> None:
    """Rows that are new, that change an id, or that the book cannot take."""
    first = ids[0]
    target = f"coalesce({', '.join(f'by_{name}.id' for name in ids)})"
    nameless = "s.name IS NULL" if stage.has("name") else "true"
    ambiguous = f"by_{BY_NAME}.number > 1" if ids == [BY_NAME] else "false"
    stage.run(
        f"""
        INSERT INTO import_match
        SELECT s.row, NULL, coalesce({target}, k.target_id, uuidv7()), {target} IS NULL,
            {target} IS NOT NULL AND by_{first}.id IS NULL,
            CASE {clashes(ids)} WHEN {ambiguous} THEN 'ambiguous_name'
                WHEN {target} IS NULL AND {nameless} THEN 'missing_name'
                WHEN {lacks_product(stage)} THEN 'missing_product' END,
            {compared(stage)}
        FROM (SELECT * FROM import_stage s WHERE {rest} OFFSET 0) s
        {" ".join(found_by(name, ids[:at]) for at, name in enumerate(ids))}
        LEFT JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.id = {target}
        {beside(stage)}
        LEFT JOIN import_known k ON k.row = s.row AND k.verdict = 'new'
        """
    )


def found_by(name: str, stronger: list[str]) -> str:
    """A join to the account that has an id; where several may have it, only to one that the row cannot mislead to."""
    if name in UNIQUE_IDS:
        return (
            f"LEFT JOIN accounts_account by_{name} ON by_{name}.workspace_id = %(workspace)s"
            f" AND by_{name}.{name} = s.{name} AND by_{name}.{name} <> ''"
        )
    if name == BY_NAME:
        return (
            f"LEFT JOIN (SELECT {name}, count(*) AS number, CASE WHEN count(*) = 1 THEN (array_agg(id))[1] END AS id"
            f" FROM accounts_account WHERE workspace_id = %(workspace)s AND {name} <> '' GROUP BY {name}) by_{name}"
            f" ON by_{name}.{name} = s.{name}"
        )
    columns = "".join(f", min({other}) AS {other}" for other in stronger)
    agrees = "".join(f" AND by_{name}.{other} IN ('', s.{other})" for other in stronger)
    return (
        f"LEFT JOIN (SELECT {name}, (array_agg(id))[1] AS id{columns} FROM accounts_account"
        f" WHERE workspace_id = %(workspace)s AND {name} <> '' GROUP BY {name} HAVING count(*) = 1) by_{name}"
        f" ON by_{name}.{name} = s.{name}{agrees}"
    )


def clashes(ids: list[str]) -> str:
    """Branches of a CASE: ``clash_`` and the id that belongs to another account than a stronger id says."""
    cases = [""]
    for at, strong in enumerate(ids):
        for weak in ids[at + 1 :]:
            if weak not in UNIQUE_IDS:
                continue
            cases.append(f"WHEN by_{strong}.id <> by_{weak}.id THEN 'clash_{weak}'")
            # Found by the weaker id alone, but the account has another stronger one already.
            cases.append(
                f"WHEN by_{strong}.id IS NULL AND s.{strong} IS NOT NULL AND by_{weak}.{strong} <> ''"
                f" THEN 'clash_{weak}'"
            )
    return " ".join(cases)


def lacks_product(stage: Stage) -> str:
    """Whether a row gives money, dates or counts without saying of which product."""
    if not stage.has("product_id"):
        return "false"
    return f"(s.product_id IS NULL AND {given(subscription_values(stage).values())})"


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
    account, contact = account_values(stage), contact_values(stage)
    owned, contacts_owned = account_owned(stage), contact_owned(stage)
    parts = [f"{differs('a', withheld(account, owned))} AS account_differs"]
    parts += (
        [
            f"c.id AS contact_id, {takes_place(stage)} AS replaces",
            f"{differs('c', withheld(contact, contacts_owned))} AS contact_differs",
        ]
        if contact
        else ["NULL::uuid AS contact_id, false AS replaces, false AS contact_differs"]
    )
    if sells(stage):
        missing = f"({product(stage)} IS NOT NULL AND u.id IS NULL)"
        other = differs("u", subscription_values(stage))
        parts.append(f"u.id AS subscription_id, ({missing} OR {other}) AS subscription_differs")
    else:
        parts.append("NULL::uuid AS subscription_id, false AS subscription_differs")
    if owned or contacts_owned:
        accounts_held, contacts_held = held("a", account, owned)[0], held("c", contact, contacts_owned)[0]
        parts.append(f"coalesce({KNOWN}, false) AS crm_knows, ({accounts_held} OR {contacts_held}) AS is_held")
    else:
        parts.append("false AS crm_knows, false AS is_held")
    return ", ".join(parts)


def reject_unfit(stage: Stage, ids: list[str]) -> None:
    """Rows that the book cannot take as they are, each with its reason."""
    seen = stage.rows("SELECT DISTINCT reason, by_weaker FROM import_match WHERE reason IS NOT NULL OR by_weaker")
    reasons = {reason for reason, _ in seen if reason}
    if any(by_weaker for _, by_weaker in seen) and mark_second_matches(stage):
        reasons.add("same_account")
    for reason in sorted(reasons):
        stage.run(
            f"""
            WITH gone AS (DELETE FROM import_match WHERE reason = %(reason)s RETURNING row)
            INSERT INTO import_verdict
            SELECT s.row, 'rejected', NULL, NULL, {unfit(reason, ids)} FROM gone JOIN import_stage s ON s.row = gone.row
            """,
            reason=reason,
        )


def mark_second_matches(stage: Stage) -> int:
    """Rows that find an account by a weaker id which an earlier row has found already."""
    return stage.run(
        """
        UPDATE import_match m SET reason = 'same_account' FROM (
            SELECT row, row_number() OVER (PARTITION BY target_id ORDER BY row) AS nth FROM import_match
            WHERE target_id IN (SELECT target_id FROM import_match WHERE by_weaker)) o
        WHERE m.row = o.row AND o.nth > 1 AND m.reason IS NULL
        """
    )


def unfit(reason: str, ids: list[str]) -> str:
    """The problem that a reason amounts to."""
    first = ids[0]
    if reason.startswith("clash_"):
        weak = reason.removeprefix("clash_")
        holder = f"SELECT name FROM accounts_account a WHERE a.workspace_id = %(workspace)s AND a.{weak} = s.{weak}"
        message = (
            f"format('{LABELS[weak]} %%s belongs to “%%s”, but the row names another account.', s.{weak}, ({holder}))"
        )
        return problem(weak, f"to_jsonb(s.{weak})", "id_conflict", message)
    if reason == "same_account":
        return problem_of(first, reason, "'An earlier row is about this account already, by another of its ids.'")
    if reason == "missing_product":
        return problem("product", "'null'::jsonb", reason, "'MRR, dates and counts belong to a product: name it.'")
    if reason == "ambiguous_name":
        return problem_of(first, reason, ambiguity())
    return problem_of(first, reason, "'This account is not in the book yet, and a new one needs a name.'")


def ambiguity() -> str:
    """The accounts of one name, each with an id, as a message."""
    named = " ".join(f"WHEN a.{name} <> '' THEN '{label} ' || a.{name}" for name, label in LABELS.items())
    # Capitals first in the order of C: ids before those that have none.
    listed = f"""SELECT string_agg(said, ', ' ORDER BY said) FROM (
        SELECT (CASE {named} ELSE 'one without an id' END) COLLATE "C" AS said FROM accounts_account a
        WHERE a.workspace_id = %(workspace)s AND a.search_name = s.search_name ORDER BY 1 LIMIT 5) x"""
    return f"format('Several accounts are called “%%s”: %%s. Add a column with an id.', s.name, ({listed}))"


def match_followers(stage: Stage) -> None:
    """Rows that add a product to the account of an earlier row; rejected where that row is."""
    if not sells(stage):
        return
    subscription = subscription_values(stage)
    stage.run(
        f"""
        INSERT INTO import_match
        SELECT s.row, t.first_row, m.target_id, false, false, NULL, false, NULL, false, false, u.id,
            (u.id IS NULL OR {differs("u", subscription)}), false, false
        FROM import_twin t JOIN import_stage s ON s.row = t.row JOIN import_match m ON m.row = t.first_row
        LEFT JOIN accounts_subscription u ON u.workspace_id = %(workspace)s AND u.account_id = m.target_id
            AND u.product_id = {product(stage)} AND u.ended_on IS NULL
        WHERE t.follows AND {product(stage)} IS NOT NULL
        """
    )
    message = "format('Row %%s of the same account is rejected, so this one has to wait.', t.first_row)"
    stage.run(
        f"""
        INSERT INTO import_verdict
        SELECT s.row, 'rejected', NULL, NULL, {problem_of(identity(stage)[0], "waits", message)}
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
            f"""
            SELECT 1 FROM {table} x WHERE x.workspace_id = %(workspace)s AND x.id IN (
                SELECT m.{column} FROM import_match m JOIN import_verdict v ON v.row = m.row
                WHERE v.verdict = 'changed')
            ORDER BY x.id FOR UPDATE
            """
        )


def write_changes(stage: Stage) -> None:
    """Old → new per field of the rows that change something, and of what the CRM keeps them from changing."""
    account, contact = account_values(stage), contact_values(stage)
    owned, contacts_owned = account_owned(stage), contact_owned(stage)
    parts = [] if not account else [("account_differs", old_and_new("a", withheld(account, owned)))]
    if contact:
        parts.append(("contact_differs", old_and_new("c", withheld(contact, contacts_owned), "contact.")))
    if sells(stage):
        fresh = f"'product', CASE WHEN u.id IS NULL THEN jsonb_build_array(NULL, {product(stage)}) END"
        parts.append(("subscription_differs", [fresh, *old_and_new("u", subscription_values(stage))]))
    objects = [f"CASE WHEN m.{flag} THEN {json_object(pairs)} ELSE '{{}}' END" for flag, pairs in parts]
    changes = " || ".join(objects)
    kept_back = "NULL::jsonb"
    if owned or contacts_owned:
        pairs = held("a", account, owned)[1] + held("c", contact, contacts_owned, "contact.")[1]
        kept_back = f"CASE WHEN m.is_held THEN jsonb_strip_nulls({json_object(pairs)}) END"
    stage.run(
        f"""
        UPDATE import_verdict v SET changes = kept.changes, held = kept.held FROM (
            SELECT m.row, jsonb_strip_nulls({changes}) AS changes, {kept_back} AS held
            FROM import_match m JOIN import_verdict w ON w.row = m.row AND w.verdict IN ('changed', 'crm')
            JOIN import_stage s ON s.row = m.row
            LEFT JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.id = m.target_id
            {beside(stage)}
        ) kept WHERE kept.row = v.row
        """
    )
