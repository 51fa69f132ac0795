"""What a body or a query can carry: foreign identifiers in every field, and fields that no form has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import urlencode

from .hypertext import Field, Form, Page
from .requests import Answer, Ask, Visitor
from .walk import Walk, beside, comparable, without_new
from .world import FOREIGN, UUID_TEXT, Side, tenant_models

# Names under which a row travels in a query, beside those on the pages.
TRAVELLING = ("account", "member", "of", "owner", "task")
# As long as the canary, and in no row.
NOBODY = "zqxabsent"
# What a thief would add to a form: a higher role, another state, somebody else's address.
WISHES = {"roles": "admin", "state": "done", "health": "green", "email": "thief@example.org", "is_active": "on"}
# What differs each time: moments, numbers of a sequence, signed links, secrets, digests, fingerprints of forms.
MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d(?::\d\d)?"
    r"|csw_[\w-]{8}|, \d{4} \d\d:\d\d|^accounts_dirtyaccount \(\d+|[\w:-]{36,}|name=\"seen\" value=\"\w+"
)


@cache
def references() -> dict[str, str]:
    """Names of references of tenant models, and the model each refers to."""
    tenant: set[Any] = set(tenant_models())
    return {
        one.name: one.related_model._meta.label_lower
        for model in tenant
        for one in model._meta.local_fields
        if one.is_relation and one.related_model in tenant
    }


@cache
def plain_fields() -> frozenset[str]:
    return frozenset(
        one.name
        for model in tenant_models()
        for one in model._meta.local_fields
        if not one.is_relation and not one.primary_key
    )


def poisoned_forms(walk: Walk, *, stuffed: bool = False) -> dict[str, set[int]]:
    """Send every form of the own pages, once as it is and once per foreign identifier; the statuses of the first.

    ``stuffed`` also sends each with fields it does not have, which must change nothing (T10).
    """
    statuses: dict[str, set[int]] = {}
    for (name, _), (visitor, target, form) in walk.forms.items():
        send = Ask(visitor, "POST", target, files=form.files)
        plain = walk.ask(replace(send, data=form.data()), keep_rows=True)
        statuses.setdefault(name, set()).add(plain.status)
        if plain.status == 403:
            walk.findings.append(f"{visitor.name} {target}: is offered a form that is then refused")
        for data in poisoned(walk, form):
            walk.ask(replace(send, data=data), keep_rows=True)
        if stuffed:
            ask = replace(send, data=form.data(**wishes(walk, form)))
            changed = settled_rows(walk.own, plain) ^ settled_rows(walk.own, walk.ask(ask, keep_rows=True))
            walk.findings += [f"{visitor.name} POST {target}: a stranger field wrote {sorted(changed)[:2]}"] * bool(
                changed
            )
    return statuses


def wishes(walk: Walk, form: Form) -> dict[str, str]:
    """Every field of every model that the form does not have, with values of the own workspace."""
    extra = dict.fromkeys(plain_fields(), "2") | WISHES
    extra |= {name: str(walk.own.pick(label, 1).pk) for name, label in references().items()}
    extra |= {f"{name}_id": value for name, value in extra.items()}
    return {name: value for name, value in extra.items() if name not in form.fields}


def poisoned(walk: Walk, form: Form) -> Iterator[dict[str, str]]:
    for one in form.fields.values():
        for value in foreign_values(walk, one):
            yield form.data(**{one.name: value})
    extra = {name: str(walk.foreign.pick(label).pk) for name, label in references().items()}
    extra |= {f"{name}_id": value for name, value in extra.items()}
    extra |= {"workspace": walk.foreign.slug, "workspace_id": str(walk.foreign.workspace.pk)}
    yield form.data(**{name: value for name, value in extra.items() if name not in form.fields})


def foreign_values(walk: Walk, one: Field) -> list[str]:
    """Identifiers of the other workspace for a field that takes one; none for a field that does not."""
    if one.name in {"back", "next"}:
        return [urlencode({name: foreign_of(walk.foreign, name) for name in TRAVELLING})]
    offered = [value for value in (one.value, *one.options) if UUID_TEXT.fullmatch(value)]
    known = [walk.own.kinds[value] for value in offered if value in walk.own.kinds]
    label = known[0] if known else references().get(one.name, "")
    if label:
        return [str(walk.foreign.pick(label).pk)]
    return keys_of(walk.foreign)[:1] if offered else []


def foreign_of(foreign: Side, name: str) -> str:
    return str(foreign.pick(references().get(name, "tenancy.member")).pk)


def keys_of(foreign: Side) -> list[str]:
    """Keys of forms that the other workspace has already used: the same key here is another one (T4)."""
    return sorted(
        str(key) for rows in foreign.rows.values() for row in rows[:1] if (key := getattr(row, "request_key", None))
    )


def oracles(walk: Walk) -> list[str]:
    """Forms that answer a name, an id or a login of the other workspace otherwise than one nobody has (T4)."""
    found = []
    for visitor, target, form in walk.forms.values():
        theirs = {one.name: text for one in form.fields.values() if (text := text_of_foreign(walk.foreign, one))}
        if not theirs:
            continue
        nobodys = {name: text.replace(FOREIGN, NOBODY) for name, text in theirs.items()}
        ask = Ask(visitor, "POST", target, form.data(**theirs), files=form.files)
        walk.browser.followed.clear()
        answer = walk.browser.ask(ask, keep_rows=True)
        walk.browser.followed.clear()
        nothing = walk.browser.ask(replace(ask, data=form.data(**nobodys)), keep_rows=True)
        page, other = comparable(walk.own, answer, FOREIGN), comparable(walk.own, nothing, NOBODY)
        rows = settled_rows(walk.own, answer)
        others = {line.replace(NOBODY, FOREIGN) for line in settled_rows(walk.own, nothing)}
        apart = sorted(rows ^ others) + sorted(lines_of(page) ^ lines_of(other))
        if apart:
            found.append(f"{ask}: otherwise than for what nobody has: {apart[:2]}")
    return found


def lines_of(page: str) -> set[str]:
    return set(MOMENT.sub("…", page).splitlines())


def text_of_foreign(foreign: Side, one: Field) -> str:
    """What the other workspace has under a field's name; for an address, that of a login."""
    if one.kind == "email":
        return foreign.members["csm"].user.email
    if one.kind not in {"text", "textarea", "search", "url"}:
        return ""
    texts = (getattr(row, one.name, "") for rows in foreign.rows.values() for row in rows)
    return next((text for text in texts if isinstance(text, str) and FOREIGN in text), "")


def poisoned_queries(walk: Walk, visitor: Visitor) -> None:
    """Foreign identifiers in the query of the own pages answer as if they did not exist."""
    for address in walk.addresses:
        plain = walk.own_page(address, visitor)
        answer = walk.browser.ask(plain)
        if answer.status != 200:
            continue
        names = sorted(Page(answer.text).parameters | set(TRAVELLING))
        # All at once, unless one of them ends the page; then each by itself.
        if poisoned_query(walk, plain, names).status != 200:
            for name in names:
                poisoned_query(walk, plain, [name])


def poisoned_query(walk: Walk, plain: Ask, names: list[str]) -> Answer:
    values = {name: foreign_of(walk.foreign, name) for name in names}
    ask = replace(plain, data={**plain.data, **values})
    absent = {name: beside(value) for name, value in values.items()}
    answer, nothing = walk.ask(ask), walk.browser.ask(replace(plain, data={**plain.data, **absent}))
    if comparable(walk.own, answer, *values.values()) != comparable(walk.own, nothing, *absent.values()):
        walk.findings.append(f"{ask}: answers otherwise than for absent rows")
    return answer


def settled_rows(own: Side, answer: Answer) -> frozenset[str]:
    """Rows without what is new each time: identifiers, moments, numbers of a sequence, signed links.

    The variants of a word lack a letter each, so they follow from the word typed; its term stands among the rows.
    """
    told = (line for line in answer.own_rows if not line.startswith("accounts_searchvariant "))
    return frozenset(MOMENT.sub("…", without_new(own, line)) for line in told)
