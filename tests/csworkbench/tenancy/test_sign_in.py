"""Signing in: password, lock-out, reset, second step; what a guesser can and cannot learn."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client
from django.urls import reverse

from csworkbench.tenancy.models import Member, User, Workspace
from tests.factories import make_user

from .conftest import GOOD, SignIn

PASSWORD = "correct horse battery staple"
LOGIN = "/auth/login/"
RESET = "/auth/password/reset/"


@pytest.fixture
def keiko(db: None) -> User:
    return make_user("Keiko Ueda")


def sign_in(client: Client, email: str, password: str = PASSWORD, **data: str) -> Any:
    return client.post(LOGIN, {"login": email, "password": password, **data})


def code_for(secret: str, steps: int = 0) -> str:
    """The code an authenticator app shows now, or some half minutes later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


class TestPassword:
    def test_signs_in_and_goes_to_the_front_door(self, client: Client, keiko: User) -> None:
        answer = sign_in(client, keiko.email.upper())
        assert (answer.status_code, answer.headers["Location"]) == (302, "/")
        assert client.session["_auth_user_id"] == str(keiko.pk)

    def test_goes_back_where_it_was_asked_for(self, client: Client, keiko: User) -> None:
        assert sign_in(client, keiko.email, next="/workspaces/").headers["Location"] == "/workspaces/"

    def test_never_leads_to_another_site(self, client: Client, keiko: User) -> None:
        assert sign_in(client, keiko.email, next="https://evil.example.org/").headers["Location"] == "/"

    def test_a_wrong_password_is_refused_in_words(self, client: Client, keiko: User) -> None:
        answer = sign_in(client, keiko.email, "wrong")
        assert "do not belong together" in answer.content.decode()
        assert "_auth_user_id" not in client.session

    def test_a_closed_login_is_told_so(self, client: Client, keiko: User) -> None:
        User.objects.filter(pk=keiko.pk).update(is_active=False)
        assert sign_in(client, keiko.email).headers["Location"] == "/auth/inactive/"
        assert "_auth_user_id" not in client.session

    def test_the_invited_address_counts_as_proven(self, client: Client, keiko: User) -> None:
        sign_in(client, keiko.email)
        sign_in(client, keiko.email)
        assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(keiko.email, True, True)]

    def test_brings_the_theme_to_a_new_browser(self, client: Client, keiko: User) -> None:
        User.objects.filter(pk=keiko.pk).update(theme="dark")
        assert sign_in(client, keiko.email).cookies["theme"].value == "dark"

    def test_leaves_the_theme_of_this_browser(self, client: Client, keiko: User) -> None:
        User.objects.filter(pk=keiko.pk).update(theme="dark")
        client.cookies["theme"] = "light"
        assert "theme" not in sign_in(client, keiko.email).cookies

    def test_signing_out_needs_a_post(self, client: Client, keiko: User) -> None:
        sign_in(client, keiko.email)
        assert "Sign out?" in client.get("/auth/logout/").content.decode()
        assert client.post("/auth/logout/").headers["Location"] == LOGIN
        assert "_auth_user_id" not in client.session

    def test_nobody_signs_up(self, client: Client, db: None) -> None:
        form = {"email": "stranger@example.org", "password1": GOOD}
        assert "by invitation" in client.post("/auth/signup/", form).content.decode()
        assert not User.objects.filter(email="stranger@example.org").exists()


class TestLockOut:
    def test_ten_wrong_passwords_lock_the_right_one_out(self, client: Client, keiko: User) -> None:
        for _ in range(10):
            sign_in(client, keiko.email, "wrong")
        answer = sign_in(client, keiko.email)
        assert "Too many wrong attempts" in answer.content.decode()
        assert "_auth_user_id" not in client.session

    def test_it_ends_after_ten_minutes(self, client: Client, keiko: User) -> None:
        with time_machine.travel("2026-11-23 15:00", tick=False) as clock:
            for _ in range(10):
                sign_in(client, keiko.email, "wrong")
            clock.move_to("2026-11-23 15:11")
            assert sign_in(client, keiko.email).status_code == 302

    def test_an_unknown_address_is_locked_the_same_way(self, client: Client, keiko: User) -> None:
        answers = [self._tenth(Client(), address) for address in (keiko.email, "nobody@example.org")]
        assert answers[0] == answers[1].replace("nobody@example.org", keiko.email)

    def test_a_password_that_fits_does_not_use_up_an_attempt(self, client: Client, keiko: User) -> None:
        for _ in range(12):
            assert sign_in(client, keiko.email).status_code == 302
            client.post("/auth/logout/")

    @staticmethod
    def _tenth(client: Client, address: str) -> str:
        for _ in range(10):
            sign_in(client, address, "wrong")
        return without_token(sign_in(client, address, "wrong"))


def without_token(answer: Any) -> str:
    """A page without the token that differs each time."""
    text = answer.content.decode()
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)
    return re.sub(r'"X-CSRFToken": "[^"]+"', "", text)


class TestReset:
    def test_a_known_and_an_unknown_address_get_the_same_answer(self, keiko: User) -> None:
        known, unknown = Client(), Client()
        first = known.post(RESET, {"email": keiko.email}, follow=True)
        second = unknown.post(RESET, {"email": "nobody@example.org"}, follow=True)
        assert first.redirect_chain == second.redirect_chain == [("/auth/password/reset/done/", 302)]
        assert without_token(first) == without_token(second)

    def test_each_gets_a_mail_that_says_what_is_true(self, client: Client, keiko: User) -> None:
        client.post(RESET, {"email": keiko.email})
        client.post(RESET, {"email": "o'neill@example.org"})
        known, unknown = mail.outbox
        assert (known.to, known.subject) == ([keiko.email], "Choose a new password")
        assert "/auth/password/reset/key/" in known.body
        assert unknown.to == ["o'neill@example.org"]
        assert "no login has this address" in unknown.body and "o'neill@" in unknown.body
        assert "signup" not in unknown.body

    def test_a_mail_server_that_is_away_changes_nothing_one_can_see(
        self, client: Client, keiko: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*args: Any, **kwargs: Any) -> None:
            raise ConnectionRefusedError

        monkeypatch.setattr("django.core.mail.message.EmailMessage.send", away)
        assert client.post(RESET, {"email": keiko.email}).status_code == 302

    def test_the_link_sets_a_password_once_and_opens_the_lock(self, client: Client, keiko: User) -> None:
        sign_in(client, keiko.email)
        client.post("/auth/logout/")
        for _ in range(10):
            sign_in(client, keiko.email, "wrong")
        link = self._link(client, keiko)
        page = client.get(link, follow=True)
        form_url = page.redirect_chain[-1][0]
        done = client.post(form_url, {"password1": GOOD, "password2": GOOD})
        assert done.status_code == 302
        assert sign_in(Client(), keiko.email, GOOD).status_code == 302
        assert "no longer works" in Client().get(link, follow=True).content.decode()

    def test_a_guessable_password_is_refused(self, client: Client, keiko: User) -> None:
        form_url = client.get(self._link(client, keiko), follow=True).redirect_chain[-1][0]
        answer = client.post(form_url, {"password1": "password1234", "password2": "password1234"})
        assert "lists of breached" in answer.content.decode()

    def test_the_second_step_survives_a_reset(self, client: Client, keiko: User) -> None:
        Authenticator.objects.create(user=keiko, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
        form_url = client.get(self._link(client, keiko), follow=True).redirect_chain[-1][0]
        client.post(form_url, {"password1": GOOD, "password2": GOOD})
        fresh = Client()
        assert sign_in(fresh, keiko.email, GOOD).headers["Location"] == "/auth/2fa/authenticate/"
        assert "_auth_user_id" not in fresh.session

    @staticmethod
    def _link(client: Client, user: User) -> str:
        client.post(RESET, {"email": user.email})
        line = next(line for line in mail.outbox[-1].body.splitlines() if "/key/" in line)
        return line.removeprefix("http://testserver")


class TestPasswordChange:
    def test_keeps_this_session_and_ends_the_others(self, keiko: User) -> None:
        here, elsewhere = Client(), Client()
        sign_in(here, keiko.email)
        sign_in(elsewhere, keiko.email)
        form = {"oldpassword": PASSWORD, "password1": GOOD, "password2": GOOD}
        assert here.post("/auth/password/change/", form).status_code == 302
        assert here.get("/workspaces/").status_code == 200
        assert elsewhere.get("/workspaces/").status_code == 302

    def test_needs_the_old_password(self, client: Client, keiko: User) -> None:
        sign_in(client, keiko.email)
        form = {"oldpassword": "wrong", "password1": GOOD, "password2": GOOD}
        assert "not your current password" in client.post("/auth/password/change/", form).content.decode()

    def test_a_second_address_cannot_be_added(self, client: Client, keiko: User) -> None:
        sign_in(client, keiko.email)
        reauthenticate(client)
        client.post("/auth/email/", {"action_add": "", "email": "other@example.org"})
        assert list(EmailAddress.objects.values_list("email", flat=True)) == [keiko.email]
        assert keiko.email in client.get("/auth/email/").content.decode()


def reauthenticate(client: Client) -> None:
    client.post("/auth/reauthenticate/", {"password": PASSWORD})


class TestAuthenticatorApp:
    """The whole way: set up, sign in, replay, recovery code, turn off."""

    @pytest.fixture
    def secret(self, client: Client, keiko: User, django_capture_on_commit_callbacks: Any) -> str:
        sign_in(client, keiko.email)
        assert "/auth/reauthenticate/" in client.get("/auth/2fa/totp/activate/").headers["Location"]
        reauthenticate(client)
        page = client.get("/auth/2fa/totp/activate/").content.decode()
        assert 'src="data:image/svg+xml' in page
        secret: str = client.session["mfa.totp.secret"]
        with django_capture_on_commit_callbacks(execute=True):
            done = client.post("/auth/2fa/totp/activate/", {"code": code_for(secret)})
        assert done.headers["Location"] == "/auth/2fa/recovery-codes/"
        client.post("/auth/logout/")
        return secret

    def test_the_secret_is_not_readable_in_the_database(self, secret: str) -> None:
        stored = Authenticator.objects.get(type="totp").data["secret"]
        assert stored.startswith("f1:") and secret not in stored

    def test_a_password_alone_no_longer_signs_in(self, client: Client, keiko: User, secret: str) -> None:
        assert sign_in(client, keiko.email).headers["Location"] == "/auth/2fa/authenticate/"
        assert "_auth_user_id" not in client.session
        assert "Second step" in client.get("/auth/2fa/authenticate/").content.decode()

    def test_a_code_signs_in_once(self, client: Client, keiko: User, secret: str) -> None:
        other = Client()
        for each in (client, other):
            sign_in(each, keiko.email)
        code = code_for(secret, 1)
        with time_machine.travel(time.time() + 30):
            assert client.post("/auth/2fa/authenticate/", {"code": code}).headers["Location"] == "/"
            replayed = other.post("/auth/2fa/authenticate/", {"code": code})
        assert "wrong, expired or already used" in replayed.content.decode()
        assert "_auth_user_id" not in other.session

    def test_ten_wrong_codes_lock_out(self, client: Client, keiko: User, secret: str) -> None:
        sign_in(client, keiko.email)
        for _ in range(10):
            client.post("/auth/2fa/authenticate/", {"code": "000000"})
        answer = client.post("/auth/2fa/authenticate/", {"code": "000000"})
        assert "Too many wrong attempts" in answer.content.decode()

    def test_a_recovery_code_signs_in_once(self, client: Client, keiko: User, secret: str) -> None:
        code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
        sign_in(client, keiko.email)
        assert client.post("/auth/2fa/authenticate/", {"code": code}).headers["Location"] == "/"
        again = Client()
        sign_in(again, keiko.email)
        assert again.post("/auth/2fa/authenticate/", {"code": code}).status_code == 200

    def test_recovery_codes_are_shown_and_can_be_renewed(self, client: Client, keiko: User, secret: str) -> None:
        self._sign_in_fully(client, keiko, secret)
        codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
        assert codes[0] in client.get("/auth/2fa/recovery-codes/").content.decode()
        assert codes[0] in client.get("/auth/2fa/recovery-codes/download/").content.decode()
        assert "stop working" in client.get("/auth/2fa/recovery-codes/generate/").content.decode()
        client.post("/auth/2fa/recovery-codes/generate/")
        assert codes[0] not in client.get("/auth/2fa/recovery-codes/").content.decode()

    def test_it_can_be_turned_off_by_whoever_proves_it_is_them(self, client: Client, keiko: User, secret: str) -> None:
        self._sign_in_fully(client, keiko, secret)
        assert "Turn off" in client.get("/auth/2fa/totp/deactivate/").content.decode()
        client.post("/auth/2fa/totp/deactivate/")
        assert not Authenticator.objects.filter(user=keiko).exists()

    @staticmethod
    def _sign_in_fully(client: Client, user: User, secret: str) -> None:
        sign_in(client, user.email)
        with time_machine.travel(time.time() + 30):
            client.post("/auth/2fa/authenticate/", {"code": code_for(secret)})
        reauthenticate(client)


PAGES = [
    "account_login", "account_signup", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key_done", "account_inactive",
]  # fmt: skip
OWN_PAGES = [
    "account_logout", "account_change_password", "account_email", "mfa_index", "mfa_activate_totp",
    "mfa_list_webauthn", "mfa_add_webauthn", "account_reauthenticate", "account_email_verification_sent",
]  # fmt: skip


class TestNotices:
    """What changes a login is told to its owner by mail."""

    @pytest.fixture(autouse=True)
    def _told(self, settings: Any) -> None:
        settings.ACCOUNT_EMAIL_NOTIFICATIONS = True

    def test_a_new_password_is_told_with_where_it_came_from(self, client: Client, keiko: User) -> None:
        sign_in(client, keiko.email)
        form = {"oldpassword": PASSWORD, "password1": GOOD, "password2": GOOD}
        client.post("/auth/password/change/", form, headers={"User-Agent": "Firefox <1> 'x'"})
        (notice,) = mail.outbox
        assert (notice.to, notice.subject) == ([keiko.email], "Your password was changed")
        assert "With: Firefox <1> 'x'" in notice.body and "From: 127.0.0.1" in notice.body

    def test_a_second_step_is_told(self, client: Client, keiko: User, django_capture_on_commit_callbacks: Any) -> None:
        sign_in(client, keiko.email)
        reauthenticate(client)
        client.get("/auth/2fa/totp/activate/")
        with django_capture_on_commit_callbacks(execute=True):
            client.post("/auth/2fa/totp/activate/", {"code": code_for(client.session["mfa.totp.secret"])})
        client.post("/auth/2fa/totp/deactivate/")
        assert [notice.subject for notice in mail.outbox] == [
            "An authenticator app guards your login now",
            "The authenticator app was turned off",
        ]


class TestPages:
    @pytest.mark.parametrize("name", PAGES)
    def test_an_open_page_has_language_landmark_and_heading(self, client: Client, db: None, name: str) -> None:
        check_page(client.get(reverse(name)).content.decode())

    @pytest.mark.parametrize("name", OWN_PAGES)
    def test_a_page_of_ones_own_login_too(self, client: Client, keiko: User, name: str) -> None:
        sign_in(client, keiko.email)
        reauthenticate(client)
        check_page(client.get(reverse(name)).content.decode())

    def test_a_user_without_a_password_chooses_one(self, client: Client, keiko: User) -> None:
        keiko.set_unusable_password()
        keiko.save()
        client.force_login(keiko)
        check_page(client.get("/auth/password/set/").content.decode())

    def test_too_many_requests_are_told_so(self, client: Client, db: None) -> None:
        answers = [client.post(RESET, {"email": f"n{n}@example.org"}) for n in range(21)]
        assert answers[-1].status_code == 429
        assert "Too many requests" in answers[-1].content.decode()


def check_page(page: str) -> None:
    assert '<html lang="en"' in page
    assert page.count("<main ") == 1
    assert page.count("<h1>") == 1
    assert "<style" not in page and " style=" not in page and "onclick" not in page


class TestSecondStepRequired:
    """A workspace may ask everyone for a second step."""

    @pytest.fixture
    def strict(self, workspace: Workspace) -> Workspace:
        Workspace.objects.filter(pk=workspace.pk).update(requires_mfa=True)
        workspace.refresh_from_db()
        return workspace

    def test_a_member_without_one_is_sent_to_set_it_up(
        self, strict: Workspace, as_csm: Client, url: Callable[..., str]
    ) -> None:
        answer = as_csm.get(url("members"), follow=True)
        assert answer.redirect_chain == [("/auth/2fa/", 302)]
        assert "asks everyone for a second step" in answer.content.decode()

    def test_htmx_leaves_the_page(self, strict: Workspace, as_csm: Client, url: Callable[..., str]) -> None:
        answer = as_csm.get(url("members"), headers={"HX-Request": "true"})
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/auth/2fa/")

    def test_nothing_is_written_before(self, strict: Workspace, as_admin: Client, url: Callable[..., str]) -> None:
        as_admin.post(url("settings"), {"name": "Changed"})
        strict.refresh_from_db()
        assert strict.name == "Northwind"

    @pytest.mark.parametrize("kind", ["totp", "webauthn"])
    def test_a_member_with_one_goes_on(
        self, strict: Workspace, client_for: SignIn, csm: Member, url: Callable[..., str], kind: str
    ) -> None:
        Authenticator.objects.create(user=csm.user, type=kind, data={})
        assert client_for(csm).get(url("members")).status_code == 200

    def test_recovery_codes_alone_do_not_count(
        self, strict: Workspace, client_for: SignIn, csm: Member, url: Callable[..., str]
    ) -> None:
        Authenticator.objects.create(user=csm.user, type="recovery_codes", data={})
        assert client_for(csm).get(url("members")).status_code == 302

    def test_a_stranger_still_gets_404(self, strict: Workspace, as_stranger: Client, url: Callable[..., str]) -> None:
        assert as_stranger.get(url("members")).status_code == 404
