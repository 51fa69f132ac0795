"""Writing a compared book: accounts, then primary contacts, then subscriptions; ten statements whatever the number."""

# ruff: noqa: S608 - text from outside never reaches a statement: names come from this package, values are parameters

from __future__ import annotations

from accounts.models import Account, Contact, Subscription
from csworkbench.imports.staging import Stage

from .statements import (
    CUSTOM,
    SINCE,
    STAGED,
    WAS_KNOWN,
    account_owned,
    account_values,
    contact_values,
    custom_object,
    custom_values,
    given,
    insert,
    product,
    sells,
    subscription_values,
    withheld,
)

ROWS = "import_match m JOIN import_verdict v ON v.row = m.row JOIN import_stage s ON s.row = m.row"
CHANGING = "v.verdict IN ('new', 'changed')"


def apply(stage: Stage) -> None:
    """Write every row whose verdict is new or changed; a row that lost a race becomes a conflict."""
    insert_accounts(stage)
    update_accounts(stage)
    if contact_values(stage):
        write_contacts(stage)
    if sells(stage):
        write_subscriptions(stage)


def insert_accounts(stage: Stage) -> None:
    expected = stage.rows("SELECT count(*)::int FROM import_verdict WHERE verdict = 'new'")[0][0]
    if not expected:
        return
    values = {"id": "m.target_id", "workspace_id": "%(workspace)s"} | plain(account_values(stage))
    if stage.has("name"):
        values |= {"name": "s.name", "search_name": "s.search_name"}
    if customs := custom_values(stage):
        values["custom"] = custom_object(customs)
    statement, defaults = insert(
        Account, values, f"FROM {ROWS} WHERE v.verdict = 'new' ORDER BY m.target_id ON CONFLICT DO NOTHING"
    )
    if stage.run(statement, **defaults) < expected:
        # Someone created the account since the comparison; their row stands.
        stage.run(
            "UPDATE import_verdict v SET verdict = 'conflict' WHERE v.verdict = 'new' AND NOT EXISTS"
            " (SELECT 1 FROM accounts_account a WHERE a.workspace_id = %(workspace)s AND a.id = v.target_id)"
        )


def update_accounts(stage: Stage) -> None:
    owned = account_owned(stage)
    values = withheld(account_values(stage), owned)
    sets = [f"{name} = coalesce({value}, a.{name})" for name, value in plain(values).items()]
    if "name" in values:
        search_name = withheld({"name": "s.search_name"}, owned)["name"]
        sets.append(f"search_name = coalesce({search_name}, a.search_name)")
    if custom_values(stage):
        # Set by set: keys that the file says nothing of stay, whoever writes them meanwhile.
        sets.append(f"custom = a.custom || {custom_object(values)}")
    for name, since in SINCE.items():
        if name in values:
            sets.append(f"{since} = CASE WHEN {values[name]} <> a.{name} THEN %(today)s::date ELSE a.{since} END")
    if not sets:
        return
    stage.write(
        f"UPDATE accounts_account a SET {', '.join(sets)} FROM {ROWS} WHERE a.workspace_id = %(workspace)s"
        " AND a.id = m.target_id AND v.verdict = 'changed' AND m.account_differs"
    )


def plain(values: dict[str, str]) -> dict[str, str]:
    """The values that are columns of the account, without its custom fields."""
    return {name: value for name, value in values.items() if not name.startswith(CUSTOM)}


def write_contacts(stage: Stage) -> None:
    """The named person becomes or stays the primary contact; a different one before them stays a contact."""
    values = contact_values(stage)
    owned = {name: WAS_KNOWN for name in values if STAGED.get(name, name) in stage.crm_owned}
    stage.write(
        f"UPDATE accounts_contact c SET is_primary = false FROM {ROWS} WHERE c.workspace_id = %(workspace)s"
        f" AND c.id = m.contact_id AND m.replaces AND {CHANGING}"
    )
    sets = ", ".join(f"{name} = coalesce({value}, c.{name})" for name, value in values.items())
    if stage.has("email"):
        stage.write(
            f"""
            UPDATE accounts_contact c SET is_primary = true, {sets}
            FROM (SELECT DISTINCT ON (m.row) m.row AS number, k.id FROM {ROWS}
                  JOIN accounts_contact k ON k.workspace_id = %(workspace)s AND k.account_id = m.target_id
                      AND k.email = s.email AND k.id IS DISTINCT FROM m.contact_id
                  WHERE {CHANGING} AND NOT m.is_new AND m.leader IS NULL AND s.email IS NOT NULL
                      AND (m.replaces OR m.contact_id IS NULL)
                  ORDER BY m.row, k.id) known, import_stage s
            WHERE c.workspace_id = %(workspace)s AND c.id = known.id AND s.row = known.number
            """
        )
    corrected = ", ".join(f"{name} = coalesce({value}, c.{name})" for name, value in withheld(values, owned).items())
    stage.write(
        f"UPDATE accounts_contact c SET {corrected} FROM {ROWS} WHERE c.workspace_id = %(workspace)s"
        " AND c.id = m.contact_id AND v.verdict = 'changed' AND m.contact_differs AND NOT m.replaces"
    )
    fresh = {name: value for name, value in values.items() if name != "phone_extension"}
    if stage.has("phone_extension"):
        fresh["phone_extension"] = "s.phone_extension"
    statement, defaults = insert(
        Contact,
        {"workspace_id": "%(workspace)s", "account_id": "m.target_id", "is_primary": "true"} | fresh,
        f"""FROM {ROWS} WHERE {CHANGING} AND m.leader IS NULL AND (m.replaces OR m.contact_id IS NULL)
        AND {given(fresh.values())} AND (m.is_new OR NOT EXISTS (SELECT 1 FROM accounts_contact c
            WHERE c.workspace_id = %(workspace)s AND c.account_id = m.target_id AND c.is_primary))
        ON CONFLICT DO NOTHING""",
    )
    stage.run(statement, **defaults)


def write_subscriptions(stage: Stage) -> None:
    values = subscription_values(stage)
    if values:
        sets = ", ".join(f"{name} = coalesce({value}, u.{name})" for name, value in values.items())
        stage.write(
            f"UPDATE accounts_subscription u SET {sets} FROM {ROWS} WHERE u.workspace_id = %(workspace)s"
            " AND u.id = m.subscription_id AND v.verdict = 'changed' AND m.subscription_differs"
        )
    statement, defaults = insert(
        Subscription,
        {
            "workspace_id": "%(workspace)s",
            "account_id": "m.target_id",
            "product_id": product(stage),
            "currency": "%(currency)s",
        }
        | values,
        f"""FROM {ROWS} WHERE {CHANGING} AND m.subscription_id IS NULL AND {product(stage)} IS NOT NULL
        AND EXISTS (SELECT 1 FROM accounts_account a WHERE a.workspace_id = %(workspace)s AND a.id = m.target_id)
        ON CONFLICT DO NOTHING""",
    )
    stage.run(statement, **defaults)
