"""Who owns which field: the workbench, until somebody gives it to the CRM."""

from __future__ import annotations

from accounts.models import Account, Contact, FieldOwner, Opportunity
from accounts.ownership import OWNABLE, choose_owners, owned_by_crm
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from csworkbench.tenancy.scope import workspace_scope

WEBSITE, EMAIL = ("account", "website"), ("contact", "email")


class TestOwners:
    def test_the_workbench_owns_everything_at_first(self, workspace: Workspace) -> None:
        assert owned_by_crm(workspace) == frozenset()

    def test_a_field_changes_hands_and_back(self, ops: Member, workspace: Workspace) -> None:
        assert choose_owners(actor=ops, owners={WEBSITE: "crm", EMAIL: "crm", ("account", "tier"): "workbench"}) == 2
        assert owned_by_crm(workspace) == {WEBSITE, EMAIL}
        assert owned_by_crm(workspace, "contact") == {EMAIL}
        assert choose_owners(actor=ops, owners={WEBSITE: "workbench", EMAIL: "crm"}) == 1
        assert owned_by_crm(workspace) == {EMAIL}
        assert choose_owners(actor=ops, owners={WEBSITE: "crm"}) == 1
        assert FieldOwner.objects.count() == 2

    def test_the_history_says_who_gave_it_away(self, ops: Member) -> None:
        choose_owners(actor=ops, owners={WEBSITE: "crm"})
        choose_owners(actor=ops, owners={WEBSITE: "workbench"})
        entries = HistoryEntry.objects.filter(table_name="accounts_fieldowner").order_by("pk")
        assert [(one.operation, one.changes) for one in entries] == [
            ("insert", {}),
            ("update", {"owner": ["crm", "workbench"]}),
        ]

    def test_another_workspaces_choice_is_its_own(self, ops: Member, other_workspace: Workspace) -> None:
        choose_owners(actor=ops, owners={WEBSITE: "crm"})
        with workspace_scope(other_workspace.pk):
            assert owned_by_crm(other_workspace) == frozenset()

    def test_a_field_that_is_no_more_is_ignored(self, workspace: Workspace) -> None:
        FieldOwner.objects.create(workspace=workspace, entity="account", field="fax")
        assert owned_by_crm(workspace) == frozenset()

    def test_every_field_is_a_column_of_its_model(self) -> None:
        for entity, model in (("account", Account), ("contact", Contact), ("opportunity", Opportunity)):
            columns = {field.attname for field in model._meta.concrete_fields}
            assert set(OWNABLE[entity]) <= columns
