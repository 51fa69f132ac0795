"""The starter playbooks a, b and d of PLB-3, as plain data for two packs."""

from __future__ import annotations

from typing import Any

from csworkbench.tenancy.models import Workspace

from .services import publish_playbook

ADVISOR, COMPLIANCE = "advisor", "compliance"

CURRENT = {"fact": "stage", "op": "is_not", "value": "churned"}
PAST_ONBOARDING = {"fact": "stage", "op": "is_not", "value": "onboarding"}
SETTLED = {"fact": "customer_since", "op": "older_than_days", "value": 30}


def _silent(module: str) -> dict[str, Any]:
    """An owned module without use for 30 days, or without any by a customer of more than 30 days."""
    fact = f"last_use:{module}"
    return {
        "all": [
            {"fact": f"owns:{module}", "op": "is", "value": True},
            {
                "any": [
                    {"fact": fact, "op": "older_than_days", "value": 30},
                    {"all": [{"fact": fact, "op": "empty"}, SETTLED]},
                ]
            },
            CURRENT,
            PAST_ONBOARDING,
        ]
    }


def _inactivity(key: str, module: str, name: str, title: str, details: str) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        "description": f"{name}. Clears itself with the next use.",
        "definition": {
            "trigger": _silent(module),
            "cause": f"silent-{module}",
            "cooldown_days": 14,
            "steps": [
                {
                    "key": "reach-out",
                    "action": "task",
                    "title": title,
                    "details": details,
                    "kind": "check_in",
                    "due_business_days": 3,
                }
            ],
        },
    }


def _renewal(name: str, instances: list[dict[str, Any]]) -> dict[str, Any]:
    """Contact at least 90 days ahead of the renewal, 120 when the experience was negative; it clears when renewed."""
    return {
        "key": "renewal",
        "name": name,
        "description": "Contact at least 90 days ahead of the renewal, 120 when health is red. Clears when renewed.",
        "definition": {
            "trigger": {
                "all": [
                    {
                        "any": [
                            {"fact": "renews_on", "op": "due_within_days", "value": 90},
                            {
                                "all": [
                                    {"fact": "renews_on", "op": "due_within_days", "value": 120},
                                    {"fact": "health", "op": "is", "value": "red"},
                                ]
                            },
                        ]
                    },
                    CURRENT,
                    *instances,
                ]
            },
            "cause": "renewal",
            "cooldown_days": 150,
            "steps": [
                {
                    "key": "contact",
                    "action": "task",
                    "title": "Contact about the renewal",
                    "details": "Confirm who decides, what they got out of the past term and what they want next.",
                    "kind": "renewal",
                    "due_business_days": 5,
                }
            ],
        },
    }


PACKS: dict[str, list[dict[str, Any]]] = {
    ADVISOR: [
        _inactivity(
            "no-case",
            "cases",
            "No case created for 30 days",
            "Ask why no case was created lately",
            "Advisors who stop creating cases are often blocked by an import or a carrier feed.",
        ),
        _inactivity(
            "no-policy",
            "policies",
            "No policy viewed for 30 days",
            "Ask why no policy was viewed lately",
            "Offer a short walk through the block of business: policies, reviews, alerts.",
        ),
        _renewal("Core renewal", [{"not": {"fact": "instance", "op": "is", "value": "enterprise"}}]),
    ],
    COMPLIANCE: [
        _inactivity(
            "no-course",
            "courses",
            "No course assigned for 30 days",
            "Ask why no course was assigned lately",
            "Check whether new hires were added and who assigns the yearly courses now.",
        ),
        _inactivity(
            "no-policy",
            "policies",
            "No policy viewed for 30 days",
            "Ask why no policy was viewed lately",
            "Offer to review which policies are due for acknowledgement this quarter.",
        ),
        _renewal("Renewal", []),
    ],
}


def install_playbooks(workspace: Workspace, pack: str) -> int:
    """Publish the starter playbooks of a pack; returns how many the workspace has of it. Twice is once."""
    for playbook in PACKS[pack]:
        publish_playbook(workspace=workspace, actor=None, **playbook)
    return len(PACKS[pack])
