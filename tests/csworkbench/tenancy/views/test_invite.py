"""Inviting, sending again, taking back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from csworkbench.common import clock
from csworkbench.tenancy.models import Invitation, Member, OutgoingMail, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.csworkbench.tenancy.conftest import htmx

Url = Callable[..., str]
FORM = {"email": "Rosa.Vargas@example.org ", "name": "Rosa Vargas", "roles": ["csm"], "lead": ""}


@pytest.fixture
def invitation(workspace: Workspace, admin: Member) -> Invitation:
    return Invitation.objects.create(
        workspace=workspace,
        email="sam@example.org",
        name="Sam Okafor",
        roles=["csm"],
        invited_by=admin,
        expires_at=clock.now() + timedelta(days=2),
    )


@pytest.mark.usefixtures("enqueued")
class TestInvite:
    def test_writes_the_invitation_and_its_mail(
        self, as_ops: Client, ops: Member, lead: Member, url: Url, enqueued: list[dict[str, object]]
    ) -> None:
        answer = as_ops.post(url("invite"), FORM | {"lead": str(lead.pk)})
        assert answer.headers["Location"] == f"{url('members')}#invitations"
        made = Invitation.objects.get()
        assert (made.email, made.roles, made.lead, made.invited_by) == ("rosa.vargas@example.org", ["csm"], lead, ops)
        assert timedelta(days=6) < made.expires_at - clock.now() <= timedelta(days=7)
        mail = OutgoingMail.objects.get()
        assert (mail.to, mail.subject) == (made.email, "Farid Fontaine invites you to Northwind")
        assert "http://testserver/join/" in mail.text and "http://testserver/join/" in mail.html
        assert "as CSM" in mail.text
        assert enqueued[0]["mail_id"] == str(mail.pk)

    def test_names_are_not_markup_in_the_mail(self, as_ops: Client, workspace: Workspace, url: Url) -> None:
        Workspace.objects.filter(pk=workspace.pk).update(name="O'Brien & <b>Sons</b>")
        as_ops.post(url("invite"), FORM)
        mail = OutgoingMail.objects.get()
        assert "O'Brien & <b>Sons</b>" in mail.subject and "O'Brien & <b>Sons</b>" in mail.text
        assert "<b>Sons</b>" not in mail.html and "&lt;b&gt;Sons" in mail.html

    def test_a_reader_is_refused(self, as_csm: Client, url: Url) -> None:
        assert as_csm.post(url("invite"), FORM).status_code == 403
        assert not Invitation.objects.exists()

    def test_other_workspace_gets_404(self, as_stranger: Client, url: Url) -> None:
        assert as_stranger.post(url("invite"), FORM).status_code == 404

    def test_rejects_get(self, as_admin: Client, url: Url) -> None:
        assert as_admin.get(url("invite")).status_code == 405

    def test_second_call_changes_nothing(self, as_ops: Client, url: Url) -> None:
        as_ops.post(url("invite"), FORM)
        answer = as_ops.post(url("invite"), FORM | {"email": "rosa.vargas@example.org"})
        assert answer.status_code == 422
        assert "open already" in answer.content.decode()
        assert (Invitation.objects.count(), OutgoingMail.objects.count()) == (1, 1)

    def test_htmx_gets_the_invitations(self, as_ops: Client, url: Url) -> None:
        page = as_ops.post(url("invite"), FORM, headers=htmx("invitations")).content.decode()
        assert 'id="invitations"' in page and "<html" not in page
        assert "Rosa Vargas" in page and "is on its way" in page

    def test_what_was_typed_stays_when_it_is_refused(self, as_ops: Client, url: Url) -> None:
        for headers in ({}, htmx("invitations")):
            answer = as_ops.post(url("invite"), FORM | {"email": "no address"}, headers=headers)
            assert answer.status_code == 422
            assert 'value="Rosa Vargas"' in answer.content.decode()

    def test_a_member_is_not_invited(self, as_ops: Client, csm: Member, url: Url) -> None:
        answer = as_ops.post(url("invite"), FORM | {"email": csm.user.email})
        assert "is a member already" in answer.content.decode()

    def test_somebody_who_left_is_activated_instead(self, as_ops: Client, csm: Member, url: Url) -> None:
        Member.objects.filter(pk=csm.pk).update(is_active=False)
        answer = as_ops.post(url("invite"), FORM | {"email": csm.user.email})
        assert "activate them again" in answer.content.decode()

    def test_a_login_of_another_workspace_is_not_given_away(self, as_ops: Client, foreign: Member, url: Url) -> None:
        answer = as_ops.post(url("invite"), FORM | {"email": foreign.user.email}, follow=True)
        page = answer.content.decode()
        assert Invitation.objects.get().email == foreign.user.email
        assert "Nadia" not in page

    @pytest.mark.parametrize("role", ["admin", "finance"])
    def test_ops_cannot_hand_out_power(self, as_ops: Client, url: Url, role: str) -> None:
        answer = as_ops.post(url("invite"), FORM | {"roles": ["csm", role]})
        assert "Only an admin gives or takes" in answer.content.decode()
        assert not Invitation.objects.exists()

    def test_an_admin_can(self, as_admin: Client, url: Url) -> None:
        as_admin.post(url("invite"), FORM | {"roles": ["finance", "admin"]})
        assert Invitation.objects.get().roles == ["finance", "admin"]

    def test_a_withdrawn_one_may_be_invited_again(self, as_ops: Client, url: Url) -> None:
        as_ops.post(url("invite"), FORM)
        Invitation.objects.update(withdrawn_at=clock.now())
        assert as_ops.post(url("invite"), FORM).status_code == 302
        assert Invitation.objects.count() == 2


@pytest.mark.usefixtures("enqueued")
class TestResend:
    def test_mails_again_and_starts_the_week_anew(self, as_ops: Client, invitation: Invitation, url: Url) -> None:
        assert as_ops.post(url("resend", invitation.pk)).status_code == 302
        invitation.refresh_from_db()
        assert invitation.expires_at - clock.now() > timedelta(days=6)
        assert OutgoingMail.objects.get().to == "sam@example.org"

    def test_revives_an_expired_one(self, as_ops: Client, invitation: Invitation, url: Url) -> None:
        Invitation.objects.update(expires_at=clock.now() - timedelta(days=9))
        as_ops.post(url("resend", invitation.pk))
        invitation.refresh_from_db()
        assert invitation.expires_at > clock.now()

    def test_a_double_click_sends_once(
        self, as_ops: Client, invitation: Invitation, url: Url, frozen: time_machine.Traveller
    ) -> None:
        as_ops.post(url("resend", invitation.pk))
        frozen.shift(timedelta(seconds=20))
        page = as_ops.post(url("resend", invitation.pk), headers=htmx("invitations")).content.decode()
        assert "Nothing changed." in page
        assert OutgoingMail.objects.count() == 1
        frozen.shift(timedelta(minutes=2))
        as_ops.post(url("resend", invitation.pk))
        assert OutgoingMail.objects.count() == 2

    @pytest.mark.parametrize("closed", ["accepted_at", "withdrawn_at"])
    def test_a_closed_one_stays_closed(self, as_ops: Client, invitation: Invitation, url: Url, closed: str) -> None:
        Invitation.objects.update(**{closed: clock.now()})
        as_ops.post(url("resend", invitation.pk))
        assert not OutgoingMail.objects.exists()

    def test_ops_cannot_revive_an_offer_of_power(self, as_ops: Client, invitation: Invitation, url: Url) -> None:
        Invitation.objects.update(roles=["admin"])
        for headers in ({}, htmx("invitations")):
            answer = as_ops.post(url("resend", invitation.pk), headers=headers)
            assert answer.status_code == 422
            assert "Only an admin" in answer.content.decode()
        assert not OutgoingMail.objects.exists()

    def test_a_reader_is_refused(self, as_csm: Client, invitation: Invitation, url: Url) -> None:
        assert as_csm.post(url("resend", invitation.pk)).status_code == 403

    def test_other_workspace_gets_404(
        self, as_stranger: Client, as_admin: Client, invitation: Invitation, foreign: Member, url: Url
    ) -> None:
        with workspace_scope(foreign.workspace_id):
            theirs = Invitation.objects.create(
                workspace_id=foreign.workspace_id, email="x@example.org", name="X", roles=[], expires_at=clock.now()
            )
        assert as_stranger.post(url("resend", invitation.pk)).status_code == 404
        assert as_admin.post(url("resend", theirs.pk)).status_code == 404
        assert not OutgoingMail.objects.exists()

    def test_rejects_get(self, as_admin: Client, invitation: Invitation, url: Url) -> None:
        assert as_admin.get(url("resend", invitation.pk)).status_code == 405


class TestWithdraw:
    def test_takes_it_back(self, as_ops: Client, invitation: Invitation, url: Url) -> None:
        assert as_ops.post(url("withdraw", invitation.pk)).status_code == 302
        invitation.refresh_from_db()
        assert invitation.withdrawn_at is not None

    def test_second_call_changes_nothing(self, as_ops: Client, invitation: Invitation, url: Url) -> None:
        as_ops.post(url("withdraw", invitation.pk))
        first = Invitation.objects.get().withdrawn_at
        page = as_ops.post(url("withdraw", invitation.pk), headers=htmx("invitations")).content.decode()
        assert "Nothing changed." in page
        assert Invitation.objects.get().withdrawn_at == first

    def test_a_reader_is_refused(self, as_csm: Client, invitation: Invitation, url: Url) -> None:
        assert as_csm.post(url("withdraw", invitation.pk)).status_code == 403

    def test_other_workspace_gets_404(self, as_stranger: Client, invitation: Invitation, url: Url) -> None:
        assert as_stranger.post(url("withdraw", invitation.pk)).status_code == 404
        assert Invitation.objects.get().withdrawn_at is None

    def test_rejects_get(self, as_admin: Client, invitation: Invitation, url: Url) -> None:
        assert as_admin.get(url("withdraw", invitation.pk)).status_code == 405
