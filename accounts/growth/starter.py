"""The starter subtypes (ACC-2) and offers (GRO-1) of the packs, as plain data."""

from __future__ import annotations

from typing import Any

from accounts.models import Offer, Product, Subtype
from csworkbench.tenancy.models import Workspace

ADVISOR, COMPLIANCE = "advisor", "compliance"


def _test(fact: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"fact": fact, "op": op} if value is None else {"fact": fact, "op": op, "value": value}


SETTLED = [
    _test("stage", "one_of", ["adoption", "mature", "renewal"]),
    _test("past_due_since", "empty"),
    {"not": _test("health", "is", "red")},
]
DIGITAL = {"all": [_test("contracted_users", "lt", 50), _test("mrr", "lt", 50_000)]}
FRANCHISE = {"any": [_test("locations", "gte", 2)]}
SUBTYPES: dict[str, list[dict[str, Any]]] = {
    ADVISOR: [
        {"key": "digital", "name": "Digital", "condition": DIGITAL},
        {"key": "group", "name": "Group of offices", "condition": FRANCHISE},
        {"key": "special", "name": "Special programme", "condition": None},
    ],
    COMPLIANCE: [
        {"key": "digital", "name": "Digital", "condition": DIGITAL},
        {"key": "smb", "name": "SMB package", "condition": _test("segment", "is", "SMB")},
        {
            "key": "hybrid",
            "name": "Hybrid",
            "condition": {
                "all": [
                    {"any": [_test("has_product:learning", "is", True), _test("has_product:compliance", "is", True)]},
                    _test("has_product:cred-serv", "is", True),
                ]
            },
        },
        {"key": "franchise", "name": "Franchise", "condition": FRANCHISE},
        {"key": "special", "name": "Special programme", "condition": None},
    ],
}


def _product(key: str, product: str, name: str, pitch: str, *tests: dict[str, Any]) -> dict[str, Any]:
    """A product that the account does not have yet."""
    condition = {"all": [_test(f"has_product:{product}", "is", False), *tests, *SETTLED]}
    return {"key": key, "name": name, "kind": "product", "product": product, "condition": condition, "pitch": pitch}


def _unused(module: str, name: str, pitch: str) -> dict[str, Any]:
    """Something paid for and not used: show its value before anything else is sold."""
    quiet = {"any": [_test(f"last_use:{module}", "older_than_days", 60), _test(f"last_use:{module}", "empty")]}
    settled = _test("customer_since", "older_than_days", 90)
    condition = {"all": [_test(f"owns:{module}", "is", True), quiet, settled, SETTLED[0]]}
    return {"key": f"unused-{module}", "name": name, "kind": "unused", "condition": condition, "pitch": pitch}


MORE_USERS = {
    "key": "more-users",
    "name": "More users",
    "kind": "users",
    "condition": {
        "all": [
            _test("seats_used", "gte", 90),
            {"any": [_test("users_growth_30", "gt", 0), _test("seats_used", "gte", 100)]},
            *SETTLED,
        ]
    },
    "pitch": "Nearly everybody they pay for is active. Ask how many people join in the next quarter.",
}
OFFERS: dict[str, list[dict[str, Any]]] = {
    ADVISOR: [
        MORE_USERS,
        _product("illustrations", "illustrations", "Illustrations", "They send proposals: illustrations save the"
                 " second tool.", _test("last_use:proposals", "in_last_days", 30)),
        _product("portal", "portal", "Policyholder Portal", "Policyholders could look up policies themselves.",
                 _test("uses_30_days", "gte", 60)),
        _product("commissions", "commissions", "Commission Desk", "Statements are still checked by hand elsewhere.",
                 _test("contracted_users", "gte", 20)),
        _unused("cases", "Cases paid for and not used", "Show one case from start to end before the renewal talk."),
    ],
    COMPLIANCE: [
        MORE_USERS,
        _product("learning", "learning", "Learning", "Policies need training: courses come with proof of attendance.",
                 _test("has_product:compliance", "is", True)),
        _product("compliance", "compliance", "Compliance", "They train already: policies and incidents belong beside.",
                 _test("has_product:learning", "is", True), _test("contracted_users", "gte", 20)),
        _product("cred-soft", "cred-soft", "CRED SOFT", "Files of providers lie elsewhere: keep them in one place.",
                 {"not": _test("segment", "is", "SMB")}, _test("has_product:cred-serv", "is", False)),
        _product("cred-serv", "cred-serv", "CRED SERV", "They credential themselves: hand the work over.",
                 _test("has_product:cred-soft", "is", True), _test("growth_potential", "is", "high")),
        _unused("courses", "Courses paid for and not used", "Set up one course together before anything else."),
        _unused("incidents", "Incident reports paid for and not used", "Walk through one report with their officer."),
    ],
}  # fmt: skip


def install_growth(workspace: Workspace, pack: str) -> None:
    """Add the subtypes and offers of a pack that a workspace does not have; its own stay. Twice is once."""
    Subtype.objects.bulk_create(
        (Subtype(workspace=workspace, place=place, **row) for place, row in enumerate(SUBTYPES[pack])),
        ignore_conflicts=True,
    )
    products = {product.key: product for product in Product.objects.filter(workspace=workspace)}
    Offer.objects.bulk_create(
        (
            Offer(workspace=workspace, place=place, **{**row, "product": products.get(row.get("product", ""))})
            for place, row in enumerate(OFFERS[pack])
        ),
        ignore_conflicts=True,
    )
