"""Who has the last word on a field of a record that the CRM knows: the CRM, or the workbench."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from csworkbench.tenancy.models import Member, Workspace

from .models import FieldOwner

Entity, Owner = FieldOwner.Entity, FieldOwner.Owner
# Entity → column of its model → what people call it. Ids and what is computed have no owner to choose.
OWNABLE: dict[str, dict[str, str]] = {
    Entity.ACCOUNT: {
        "name": "Name",
        "owner_id": "CSM",
        "rsm_id": "RSM",
        "fmc_lead_id": "FMC lead",
        "instance_id": "Instance",
        "tier": "Tier",
        "segment": "Segment",
        "stage": "Lifecycle stage",
        "health": "Health",
        "growth_potential": "Growth potential",
        "declared_frequency": "Declared frequency",
        "website": "Website",
        "industry": "Industry",
        "employees": "Employees",
        "time_zone": "Time zone",
        "customer_since": "Customer since",
    },
    Entity.CONTACT: {
        "first_name": "First name",
        "last_name": "Last name",
        "title": "Title",
        "email": "Email",
        "phone": "Phone and extension",
    },
    Entity.OPPORTUNITY: {
        "name": "Name",
        "kind": "Kind",
        "category": "Category",
        "stage": "Stage",
        "state": "State",
        "mrr_minor": "MRR",
        "otr_minor": "OTR",
        "closes_on": "Closes on",
        "owner_id": "Owner",
        "contact_id": "Contact",
        "next_step": "Next step",
    },
}
Which = tuple[str, str]


def owned_by_crm(workspace: Workspace, *entities: str) -> frozenset[Which]:
    """``(entity, column)`` of the fields that the CRM owns, of all entities when none is named."""
    owned = FieldOwner.objects.filter(workspace=workspace, owner=Owner.CRM, entity__in=entities or Entity.values)
    return frozenset(
        (entity, field) for entity, field in owned.values_list("entity", "field") if field in OWNABLE[entity]
    )


def choose_owners(*, actor: Member, owners: Mapping[Which, str]) -> int:
    """Let each field of ``(entity, column)`` be owned as given; returns how many changed.

    A field that nobody ever gave to the CRM has no row: the workbench owns it.
    """
    workspace = actor.workspace
    with transaction.atomic():
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        rows = {(one.entity, one.field): one for one in FieldOwner.objects.filter(workspace=workspace)}
        known = {which: row.owner for which, row in rows.items()}
        changed = {which: owner for which, owner in owners.items() if owner != known.get(which, Owner.WORKBENCH)}
        fresh = [which for which in changed if which not in rows]
        FieldOwner.objects.bulk_create(
            FieldOwner(workspace=workspace, entity=entity, field=field, owner=changed[entity, field])
            for entity, field in fresh
        )
        for owner in Owner.values:
            mine = [rows[which].pk for which, chosen in changed.items() if chosen == owner and which in rows]
            FieldOwner.objects.filter(workspace=workspace, pk__in=mine).update(owner=owner)
    return len(changed)
