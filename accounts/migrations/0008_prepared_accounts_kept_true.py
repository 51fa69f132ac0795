"""Triggers for what a prepared account shows: more figures, locations, search terms, marks, history."""

from importlib import import_module

from django.db import migrations

from csworkbench.tenancy.protect import EachWorkspace, Track

OPERATIONS = ("insert", "update", "delete")
REFERENCING = {
    "insert": "REFERENCING NEW TABLE AS new_rows",
    "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "REFERENCING OLD TABLE AS old_rows",
}
TOUCHED = {
    "insert": "SELECT workspace_id, account_id FROM new_rows",
    "update": "SELECT workspace_id, account_id FROM new_rows UNION SELECT workspace_id, account_id FROM old_rows",
    "delete": "SELECT workspace_id, account_id FROM old_rows",
}

# table → (the columns, the SELECT of them for the touched accounts t).
JOINED = (
    "FROM (SELECT DISTINCT workspace_id, account_id FROM ({touched}) x) t"
    " LEFT JOIN accounts_{table} s ON s.workspace_id = t.workspace_id AND s.account_id = t.account_id {where}"
)
GROUPED = "GROUP BY t.workspace_id, t.account_id"
UNANSWERED = (
    "FILTER (WHERE s.direction = 'out' AND s.answered IS FALSE"
    " AND (l.last_answered_at IS NULL OR s.happened_at > l.last_answered_at))"
)
FIGURES = {
    "subscription": (
        ["mrr_minor", "renews_on", "notice_on", "contracted_users", "active_users", "inactive_users",
         "terminated_users", "products"],
        f"""SELECT t.workspace_id, t.account_id,
        coalesce(sum(s.mrr_minor), 0) AS mrr_minor, min(s.renews_on) AS renews_on,
        min(s.renews_on - s.notice_days) AS notice_on,
        least(coalesce(sum(s.contracted_users), 0), 2147483647) AS contracted_users,
        least(coalesce(sum(s.active_users), 0), 2147483647) AS active_users,
        least(coalesce(sum(s.inactive_users), 0), 2147483647) AS inactive_users,
        least(coalesce(sum(s.terminated_users), 0), 2147483647) AS terminated_users, count(s.id) AS products
        {JOINED.replace("{where}", "AND s.ended_on IS NULL")} {GROUPED}""",
    ),
    "interaction": (
        ["last_interaction_at", "last_answered_at", "unanswered", "unanswered_since", "sentiment", "sentiment_at",
         "recaps_owed"],
        f"""SELECT t.workspace_id, t.account_id,
        max(s.happened_at) AS last_interaction_at, l.last_answered_at,
        count(*) {UNANSWERED} AS unanswered, min(s.happened_at) {UNANSWERED} AS unanswered_since,
        (array_agg(s.sentiment ORDER BY s.happened_at DESC) FILTER (WHERE s.sentiment IS NOT NULL))[1] AS sentiment,
        max(s.happened_at) FILTER (WHERE s.sentiment IS NOT NULL) AS sentiment_at,
        count(*) FILTER (WHERE s.needs_recap AND s.recap_sent_at IS NULL) AS recaps_owed
        FROM (
            SELECT t.workspace_id, t.account_id,
                   max(s.happened_at) FILTER (WHERE s.answered OR s.direction = 'in') AS last_answered_at
            {JOINED.replace("{where}", "")} {GROUPED}
        ) l
        JOIN (SELECT DISTINCT workspace_id, account_id FROM ({{touched}}) x) t
          ON t.workspace_id = l.workspace_id AND t.account_id = l.account_id
        LEFT JOIN accounts_interaction s ON s.workspace_id = t.workspace_id AND s.account_id = t.account_id
        GROUP BY t.workspace_id, t.account_id, l.last_answered_at""",
    ),
    "supportticket": (
        ["support_tickets_open", "support_waits_since"],
        f"""SELECT t.workspace_id, t.account_id,
        count(s.id) AS support_tickets_open, min(s.opened_at) AS support_waits_since
        {JOINED.replace("{where}", "AND s.state <> 'resolved'")} {GROUPED}""",
    ),
}  # fmt: skip


def figures_sql(table: str, operation: str) -> str:
    """Recompute the figures that ``table`` feeds for the accounts a statement touched, planned anew each time."""
    columns, select = FIGURES[table]
    select = select.replace("{touched}", TOUCHED[operation]).replace("{table}", table)
    assignments = ", ".join(f"{column} = n.{column}" for column in columns)
    old = ", ".join(f"f.{column}" for column in columns)
    new = ", ".join(f"n.{column}" for column in columns)
    name = f"accounts_figures_{table}_{operation}"
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    EXECUTE $figures$
    UPDATE accounts_accountfigures f SET {assignments}
    FROM ({select}) n
    WHERE f.workspace_id = n.workspace_id AND f.account_id = n.account_id AND ({old}) IS DISTINCT FROM ({new})
    $figures$;
    RETURN NULL;
END
$body$;
CREATE OR REPLACE TRIGGER figures_{operation} AFTER {operation.upper()} ON accounts_{table}
{REFERENCING[operation]} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""


BESIDE = """
CREATE OR REPLACE FUNCTION accounts_create_beside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_accountfigures (workspace_id, account_id) SELECT workspace_id, id FROM new_rows;
    INSERT INTO accounts_accountpriority (workspace_id, account_id) SELECT workspace_id, id FROM new_rows;
    {health}
    RETURN NULL;
END
$$;
"""
HEALTH_BESIDE = "INSERT INTO accounts_accounthealth (workspace_id, account_id) SELECT workspace_id, id FROM new_rows;"
BACKFILL = """
INSERT INTO accounts_accounthealth (workspace_id, account_id)
SELECT workspace_id, id FROM accounts_account a
WHERE NOT EXISTS (SELECT 1 FROM accounts_accounthealth h WHERE h.account_id = a.id);
"""

# A parent counts its locations; an ordinary edit of an account touches no parent and costs one look.
PARENTS = {
    "insert": "SELECT workspace_id, parent_id FROM new_rows WHERE parent_id IS NOT NULL",
    "update": """SELECT p.workspace_id, p.parent_id FROM new_rows n JOIN old_rows o ON o.id = n.id
        CROSS JOIN LATERAL (VALUES (n.workspace_id, n.parent_id), (o.workspace_id, o.parent_id))
            AS p (workspace_id, parent_id)
        WHERE n.parent_id IS DISTINCT FROM o.parent_id AND p.parent_id IS NOT NULL""",
    "delete": "SELECT workspace_id, parent_id FROM old_rows WHERE parent_id IS NOT NULL",
}


def locations_sql(operation: str) -> str:
    name = f"accounts_locations_{operation}"
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parents uuid[];
    workspace int;
BEGIN
    -- Planned anew: a plan kept from a single row would compare every row with every other.
    EXECUTE $q$ SELECT array_agg(DISTINCT t.parent_id), min(t.workspace_id) FROM ({PARENTS[operation]}) t $q$
    INTO parents, workspace;
    IF parents IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE accounts_accountfigures f SET locations = n.locations
    FROM (
        SELECT p.id, count(a.id) AS locations FROM unnest(parents) p (id)
        LEFT JOIN accounts_account a ON a.workspace_id = workspace AND a.parent_id = p.id GROUP BY p.id
    ) n
    WHERE f.workspace_id = workspace AND f.account_id = n.id AND f.locations IS DISTINCT FROM n.locations;
    INSERT INTO accounts_dirtyaccount (workspace_id, account_id) SELECT workspace, unnest(parents);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER locations_{operation} AFTER {operation.upper()} ON accounts_account
{REFERENCING[operation]} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""


COUNT_LOCATIONS = """
UPDATE accounts_accountfigures f SET locations = n.locations
FROM (SELECT workspace_id, parent_id, count(*) AS locations FROM accounts_account
      WHERE parent_id IS NOT NULL GROUP BY workspace_id, parent_id) n
WHERE f.workspace_id = n.workspace_id AND f.account_id = n.parent_id;
"""

# What the pipeline writes itself is ranked in the same pass, so it marks nothing.
MARKING = (
    "healthoverride",
    "answers",
    "onboarding",
    "onboardinggoal",
    "plan",
    "planaction",
    "supportticket",
    "opportunity",
)


def marking_sql(table: str, operation: str) -> str:
    name = f"accounts_mark_{table}_{operation}"
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('app.pipeline', true), '') <> 'on' THEN
        INSERT INTO accounts_dirtyaccount (workspace_id, account_id)
        SELECT DISTINCT workspace_id, account_id FROM ({TOUCHED[operation]}) x;
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER mark_{operation} AFTER {operation.upper()} ON accounts_{table}
{REFERENCING[operation]} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""


# Terms of the rows r of an account or a contact: words of the folded name, ids and addresses as they are.
ACCOUNT_TERMS = """
    SELECT DISTINCT r.workspace_id, w.word, w.kind, r.id AS account_id, NULL::uuid AS contact_id
    FROM {rows} r CROSS JOIN LATERAL (
        SELECT unnest(string_to_array(r.search_name, ' ')) AS word, 'n' AS kind
        UNION ALL SELECT lower(id), 'i' FROM unnest(ARRAY[r.sf_id, r.lms_id, r.billing_id]) id
    ) w WHERE w.word <> ''
"""
CONTACT_TERMS = """
    SELECT DISTINCT r.workspace_id, left(w.word, 254) AS word, w.kind, r.account_id, r.id AS contact_id
    FROM {rows} r CROSS JOIN LATERAL (
        SELECT unnest(string_to_array(accounts_fold(r.first_name || ' ' || r.last_name), ' ')) AS word, 'p' AS kind
        UNION ALL SELECT lower(r.email), 'e'
        UNION ALL SELECT split_part(lower(r.email), '@', 2), 'e'
    ) w WHERE w.word <> ''
"""
CHANGED = "(SELECT n.* FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE ({new}) IS DISTINCT FROM ({old}))"
ACCOUNT_COLUMNS = ("search_name", "sf_id", "lms_id", "billing_id")
CONTACT_COLUMNS = ("first_name", "last_name", "email", "account_id")
FOLD = r"""
CREATE OR REPLACE FUNCTION accounts_fold(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(
        lower(regexp_replace(normalize(name, NFKD), '[^\x01-\x7f]', '', 'g')), '[^a-z0-9]+', ' ', 'g'))
$$;
"""
# Words of four letters and more also stand with each letter left out: a slip of one letter finds them.
VARIANTS = """
    INSERT INTO accounts_searchvariant (workspace_id, variant, word)
    SELECT DISTINCT k.workspace_id, v.variant, k.word
    FROM (SELECT DISTINCT workspace_id, word FROM ({terms}) x
          WHERE kind IN ('n', 'p') AND length(word) BETWEEN 4 AND 40) k
    CROSS JOIN LATERAL (
        SELECT k.word AS variant
        UNION ALL
        SELECT substr(k.word, 1, i - 1) || substr(k.word, i + 1) FROM generate_series(1, length(k.word)) i
    ) v
    WHERE NOT EXISTS (SELECT 1 FROM accounts_searchvariant s
                      WHERE s.workspace_id = k.workspace_id AND s.variant = k.word AND s.word = k.word);
"""
INSERT_TERMS = """
    INSERT INTO accounts_searchterm (workspace_id, word, kind, account_id, contact_id) {terms};
"""


def search_sql(table: str, operation: str) -> str:
    """Keep the terms of accounts or contacts; an update that changes no name, id or address costs one comparison."""
    template, columns = (ACCOUNT_TERMS, ACCOUNT_COLUMNS) if table == "account" else (CONTACT_TERMS, CONTACT_COLUMNS)
    rows, gone = "new_rows", ""
    own = (
        "t.account_id = d.id AND t.contact_id IS NULL"
        if table == "account"
        else ("t.account_id = d.account_id AND t.contact_id = d.id")
    )
    if operation != "insert":
        gone = "DELETE FROM accounts_searchterm t USING {gone} d WHERE t.workspace_id = d.workspace_id AND {own};"
    if operation == "update":
        new, old = (", ".join(f"{each}.{column}" for column in columns) for each in "no")
        rows = CHANGED.format(new=new, old=old)
        gone = gone.format(gone=rows.replace("SELECT n.*", "SELECT o.*"), own=own)
    else:
        gone = gone.format(gone="old_rows", own=own)
    terms = template.format(rows=rows)
    statements = [gone] if gone else []
    if operation != "delete":
        statements += [VARIANTS.format(terms=terms), INSERT_TERMS.format(terms=terms)]
    # Planned anew each time: a plan kept from a single row would compare every row with every other.
    acts = "\n".join(f"EXECUTE $q$ {one.strip().rstrip(';')} $q$;" for one in statements)
    guard = ""
    if operation == "update":
        guard = (
            f"EXECUTE $q$ SELECT EXISTS (SELECT 1 FROM {rows} x) $q$ INTO touched;"
            " IF NOT touched THEN RETURN NULL; END IF;"
        )
    name = f"accounts_search_{table}_{operation}"
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched boolean;
BEGIN
    {guard}
    {acts}
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER search_{operation} AFTER {operation.upper()} ON accounts_{table}
{REFERENCING[operation]} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""


def fill_sql() -> str:
    """What the rows of before lack, workspace by workspace: the owner of the tables sees none without one."""
    parts = [BACKFILL, COUNT_LOCATIONS]
    everyone = "SELECT workspace_id, id AS account_id FROM accounts_account"
    for table, (columns, select) in FIGURES.items():
        assignments = ", ".join(f"{column} = n.{column}" for column in columns)
        summed = select.replace("{touched}", everyone).replace("{table}", table)
        parts.append(
            f"UPDATE accounts_accountfigures f SET {assignments} FROM ({summed}) n"
            " WHERE f.workspace_id = n.workspace_id AND f.account_id = n.account_id;"
        )
    for template, table in ((ACCOUNT_TERMS, "accounts_account"), (CONTACT_TERMS, "accounts_contact")):
        terms = template.format(rows=table)
        parts += [VARIANTS.format(terms=terms), INSERT_TERMS.format(terms=terms)]
    return "\n".join(parts)


def forwards_sql() -> str:
    parts = [BESIDE.format(health=HEALTH_BESIDE), FOLD]
    for operation in OPERATIONS:
        parts += [figures_sql(table, operation) for table in FIGURES]
        parts.append(locations_sql(operation))
        parts += [marking_sql(table, operation) for table in MARKING]
        parts += [search_sql(table, operation) for table in ("account", "contact")]
    return "\n".join(parts)


def backwards_sql() -> str:
    """Take the new triggers away, and put the functions of the figures back as they were."""
    first = import_module("accounts.migrations.0002_figures_and_marks")
    of_any_size = import_module("accounts.migrations.0004_figures_of_any_size")
    planned_anew = import_module("accounts.migrations.0005_figures_planned_anew")
    names = []
    for operation in OPERATIONS:
        names += [f"accounts_figures_supportticket_{operation}", f"accounts_locations_{operation}"]
        names += [f"accounts_mark_{table}_{operation}" for table in MARKING]
        names += [f"accounts_search_{table}_{operation}" for table in ("account", "contact")]
    parts = [f"DROP FUNCTION {name}() CASCADE;" for name in names]
    parts += ["DROP FUNCTION accounts_fold(text);", BESIDE.format(health="")]
    for operation in OPERATIONS:
        for table in ("subscription", "interaction"):
            parts.append(first.figures_sql(table, operation))
            if table == "subscription":
                there, instead = of_any_size.EXPRESSIONS[table]
                parts.append(of_any_size.REPLACE.format(table=table, operation=operation, there=there, instead=instead))
            there, instead = planned_anew.FORWARDS
            parts.append(planned_anew.REWRITE.format(table=table, operation=operation, there=there, instead=instead))
    return "\n".join(parts)


# Search terms follow names, days follow the pipeline: neither is anyone's change.
TRACKED = (
    "scorecard", "healthoverride", "difference", "supportticket", "questionnaire", "answers", "goaltemplate", "onboarding",
    "onboardinggoal", "adoptioncheck", "plan", "plangoal", "planaction", "planentry", "renewaloutcome", "subtype",
    "offer",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_prepared_accounts"), ("tenancy", "0008_entries_and_usage_kept")]

    operations = [
        migrations.RunSQL(forwards_sql(), backwards_sql()),
        EachWorkspace(fill_sql()),
        *(Track(f"accounts_{table}") for table in TRACKED),
        Track("accounts_candidate", by=["member"]),
    ]
