"""A member's own page."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.test import Client

from csworkbench.tenancy.models import HistoryEntry, Member
from tests.csworkbench.tenancy.conftest import htmx

Url = Callable[..., str]
FORM = {"name": "Quinn A. Abbott", "phone": "+1 312 555 0142", "time_zone": "America/Denver"}


class TestProfile:
    def test_saves_ones_own_data(self, as_csm: Client, csm: Member, url: Url) -> None:
        assert as_csm.post(url("profile"), FORM).headers["Location"] == url("profile")
        csm.refresh_from_db()
        assert (csm.name, csm.phone, csm.time_zone) == tuple(FORM.values())

    def test_shows_how_one_signs_in(self, as_csm: Client, csm: Member, url: Url) -> None:
        page = as_csm.get(url("profile")).content.decode()
        assert csm.user.email in page and "/auth/2fa/" in page and "/auth/password/change/" in page
        Authenticator.objects.create(user=csm.user, type="totp", data={})
        assert "Authenticator app" in as_csm.get(url("profile")).content.decode()

    def test_roles_and_lead_are_not_ones_own_to_choose(
        self, as_csm: Client, csm: Member, lead: Member, url: Url
    ) -> None:
        extra = {"roles": ["admin"], "lead": str(lead.pk), "title": "Boss", "is_active": "", "user": "x"}
        as_csm.post(url("profile"), FORM | extra)
        csm.refresh_from_db()
        assert (csm.roles, csm.lead, csm.title, csm.is_active) == (["csm"], None, "", True)

    def test_second_call_changes_nothing(self, as_csm: Client, url: Url) -> None:
        as_csm.post(url("profile"), FORM)
        count = HistoryEntry.objects.count()
        assert "Nothing changed." in as_csm.post(url("profile"), FORM, follow=True).content.decode()
        assert HistoryEntry.objects.count() == count

    def test_what_was_typed_stays_when_it_is_refused(self, as_csm: Client, csm: Member, url: Url) -> None:
        answer = as_csm.post(url("profile"), FORM | {"time_zone": "Mars/Olympus"})
        assert answer.status_code == 422
        assert 'value="Quinn A. Abbott"' in answer.content.decode()
        csm.refresh_from_db()
        assert csm.name == "Quinn Abbott"

    def test_htmx_gets_the_form(self, as_csm: Client, url: Url) -> None:
        page = as_csm.post(url("profile"), FORM, headers=htmx("profile-form")).content.decode()
        assert 'id="profile-form"' in page and "<html" not in page and "Saved." in page

    def test_other_workspace_gets_404(self, as_stranger: Client, url: Url) -> None:
        assert as_stranger.get(url("profile")).status_code == 404
        assert as_stranger.post(url("profile"), FORM).status_code == 404

    def test_rejects_delete(self, as_csm: Client, url: Url) -> None:
        assert as_csm.delete(url("profile")).status_code == 405
