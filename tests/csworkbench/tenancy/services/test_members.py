"""The rules of membership hold in the services, whoever calls them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from csworkbench.tenancy.models import Holiday, Member, Workspace
from csworkbench.tenancy.services import (
    add_federal_holidays,
    add_holiday,
    deactivate_member,
    invite_member,
    reactivate_member,
    remove_holiday,
    update_member,
    update_workspace,
)
from csworkbench.tenancy.services.members import ordered


def change(actor: Member, member: Member, **fields: Any) -> bool:
    unchanged = {
        "name": member.name,
        "roles": member.roles,
        "lead": member.lead,
        "title": member.title,
        "time_zone": member.time_zone,
    }
    return update_member(actor=actor, member=member, **unchanged | fields)


WRITES: list[Callable[[Member, Member], object]] = [
    lambda actor, member: change(actor, member, title="X"),
    lambda actor, member: deactivate_member(actor=actor, member=member),
    lambda actor, member: reactivate_member(actor=actor, member=member),
    lambda actor, member: invite_member(
        actor=actor, email="x@example.org", name="X", roles=["csm"], lead=None, join_url=str
    ),
    lambda actor, member: update_workspace(actor=actor, workspace=member.workspace, name="X"),
    lambda actor, member: add_holiday(actor=actor, day=member.joined_at.date(), name="X"),
    lambda actor, member: add_federal_holidays(actor=actor, year=2027),
    lambda actor, member: remove_holiday(actor=actor, holiday=Holiday()),
]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("role", ["csm", "lead", "rsm", "finance"])
def test_no_service_serves_a_member_without_the_role(
    csm: Member, ops: Member, write: Callable[[Member, Member], object], role: str
) -> None:
    csm.roles = [role]
    with pytest.raises(PermissionDenied):
        write(csm, ops)


class TestUpdate:
    def test_writes_only_what_differs(self, ops: Member, csm: Member) -> None:
        assert change(ops, csm, title="Senior CSM")
        assert not change(ops, csm, title="Senior CSM")

    def test_a_role_is_needed(self, ops: Member, csm: Member) -> None:
        with pytest.raises(ValidationError, match="at least one role"):
            change(ops, csm, roles=[])

    def test_unknown_roles_are_dropped_and_the_rest_put_in_order(self) -> None:
        assert ordered(["admin", "boss", "csm", "csm"]) == ["csm", "admin"]

    def test_nobody_leads_themselves(self, admin: Member, lead: Member) -> None:
        with pytest.raises(ValidationError, match="leads themselves"):
            change(admin, lead, lead=lead)

    def test_a_guarded_role_that_stays_is_no_grant(self, ops: Member, finance: Member) -> None:
        assert change(ops, finance, title="Billing")
        with pytest.raises(ValidationError, match="Only an admin gives or takes"):
            change(ops, finance, roles=["csm"])

    def test_an_inactive_admin_does_not_count_as_the_last(self, admin: Member, csm: Member) -> None:
        Member.objects.filter(pk=csm.pk).update(roles=["admin"], is_active=False)
        csm.refresh_from_db()
        assert change(admin, csm, roles=["csm"])
        with pytest.raises(ValidationError, match="last admin"):
            change(admin, admin, roles=["csm"])


def test_only_settings_are_settings(admin: Member, workspace: Workspace) -> None:
    with pytest.raises(TypeError, match="slug"):
        update_workspace(actor=admin, workspace=workspace, slug="elsewhere")
