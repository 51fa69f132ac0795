"""Starter goals of onboarding, as plain data: what each kind of vendor sets out with (USE-3)."""

from __future__ import annotations

from typing import Any

from accounts.models import GoalTemplate, Instance
from csworkbench.tenancy.models import Workspace

USED = {"op": "not_empty"}

# Pack → goals in their order: label, the key of an instance or none for every one, the test that reaches it by itself.
GOALS: dict[str, list[tuple[str, str, dict[str, Any] | None]]] = {
    "advisor": [
        ("Main contact confirmed", "", {"fact": "primary_contact_validity", "op": "is", "value": "active"}),
        # A carrier feed brings the policies in; somebody who looks at one has them (USE-3).
        ("Block of business imported", "", {"fact": "last_use:policies"} | USED),
        ("Branding set up", "", None),
        ("Training completed", "", None),
        ("First case created", "", {"fact": "last_use:cases"} | USED),
        ("Advisors invited", "enterprise", {"fact": "active_users", "op": "gte", "value": 5}),
        ("Partner's branding checked", "brightdesk", None),
        ("Partner's branding checked", "oakline", None),
    ],
    "compliance": [
        ("Main contact confirmed", "", {"fact": "primary_contact_validity", "op": "is", "value": "active"}),
        ("Employee list imported", "", {"fact": "active_users", "op": "gte", "value": 1}),
        ("Branding set up", "", None),
        ("First courses assigned", "", {"fact": "last_use:courses"} | USED),
        ("Training completed", "", {"fact": "last_use:sessions"} | USED),
        ("Policies published", "suite", {"fact": "last_use:policies"} | USED),
        ("Brand's onboarding call held", "franchise", None),
    ],
}


def install_goals(workspace: Workspace, pack: str) -> None:
    """Add the goals of a pack that a workspace does not have; its own rows stay. Twice is once.

    Goals of an instance that the workspace does not have are left out. The workspace's scope must be open.
    """
    instances = {one.key: one for one in Instance.objects.filter(workspace=workspace)}
    GoalTemplate.objects.bulk_create(
        [
            GoalTemplate(
                workspace=workspace,
                label=label,
                instance=instances[key] if key else None,
                place=(number + 1) * 10,
                reached_when=reached_when,
            )
            for number, (label, key, reached_when) in enumerate(GOALS.get(pack, []))
            if not key or key in instances
        ],
        ignore_conflicts=True,
    )
