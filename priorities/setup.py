"""Setting a workspace up: a starter pack gives it a catalogue, rules and playbooks in one step (ADM)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from accounts.growth.starter import install_growth
from accounts.health.starter import install_scorecards
from accounts.onboarding.starter import install_goals
from accounts.questionnaires.starter import install_questionnaires
from csworkbench.tenancy.models import HistoryEntry, Workspace
from csworkbench.tenancy.scope import current_actor
from playbooks.starter import install_playbooks

from .packs import install_catalogue
from .starter import install_rules


@dataclass(frozen=True)
class Pack:
    """A starter pack as it is offered."""

    key: str
    name: str
    description: str


PACKS = (
    Pack(
        "advisor",
        "Advisor platform",
        "Core and enterprise instances and a partner's white label; cases, policies and proposals as modules.",
    ),
    Pack(
        "compliance",
        "Healthcare compliance suite",
        "Learning, Compliance, CRED SOFT and CRED SERV; courses, policies, incidents and provider files as modules.",
    ),
)


def install_pack(workspace: Workspace, pack: str) -> None:
    """Give a workspace a pack's catalogue, rules, playbooks and questionnaires; what it has stays. Twice is once.

    Raises ``KeyError`` for an unknown pack. The workspace's scope must be open.
    """
    with transaction.atomic():
        install_catalogue(workspace, pack)
        install_goals(workspace, pack)
        install_growth(workspace, pack)
        install_rules(workspace)
        install_playbooks(workspace, pack)
        install_scorecards(workspace, pack)
        install_questionnaires(workspace, pack)
        before = workspace.starter_pack
        if before == pack:
            return
        workspace.starter_pack = pack
        workspace.save(update_fields=["starter_pack"])
        actor = current_actor()
        HistoryEntry.objects.create(
            workspace=workspace,
            table_name="tenancy_workspace",
            operation="update",
            changes={"starter_pack": [before, pack]},
            actor_id=actor.member_id,
            actor_kind=actor.kind,
            cause="starter pack",
        )
