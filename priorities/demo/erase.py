"""Removing a demo workspace with everything in it, its history too, so that it can be made anew."""

from __future__ import annotations

from graphlib import TopologicalSorter

from django.apps import apps
from django.db import models, transaction

from csworkbench.common.owner import owner_connection
from csworkbench.tenancy.models import HistoryEntry, Workspace
from csworkbench.tenancy.scope import workspace_scope

from .build import ACTOR


def erase_workspace(slug: str) -> bool:
    """Delete a workspace and all its rows as the database owner; ``False`` when there is none.

    The application's role may not delete history, so this never runs inside a request. Logins stay: a person may
    belong elsewhere.
    """
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is None:
        return False
    with owner_connection(), transaction.atomic(), workspace_scope(workspace.pk, actor=ACTOR):
        for model in leaves_first():
            model._base_manager.filter(workspace=workspace.pk).delete()
        workspace.delete()
    return True


def leaves_first() -> list[type[models.Model]]:
    """Every tenant table, those that others point at later; the ledger last, because each deletion writes into it."""
    tenant = [model for model in apps.get_models() if _belongs_to_workspace(model)]
    order: TopologicalSorter[type[models.Model]] = TopologicalSorter({model: set() for model in tenant})
    for model in tenant:
        for target in {field.related_model for field in model._meta.local_fields if field.is_relation}:
            if isinstance(target, type) and target in tenant and target is not model:
                order.add(target, model)
    sorted_models = list(order.static_order())
    marks = [model for model in sorted_models if model._meta.model_name == "dirtyaccount"]
    return (
        [model for model in sorted_models if model is not HistoryEntry and model not in marks] + marks + [HistoryEntry]
    )


def _belongs_to_workspace(model: type[models.Model]) -> bool:
    return any(field.name == "workspace" and field.is_relation for field in model._meta.local_fields)
