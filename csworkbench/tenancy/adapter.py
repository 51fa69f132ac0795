"""How allauth meets this product: logins come by invitation, mail never breaks a page."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.sites.shortcuts import get_current_site
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from .mailer import plain_text
from .models import User

logger = logging.getLogger(__name__)
A_YEAR = 365 * 24 * 3600


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closed sign-up: a person joins a workspace through an invitation only."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This address and password do not belong together.",
        "too_many_login_attempts": "Too many wrong attempts. Wait ten minutes, or reset the password.",
        "incorrect_password": "This is not your password.",
        "enter_current_password": "This is not your current password.",
        "incorrect_code": "This code is wrong, expired or already used.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def generate_unique_username(self, txts: Any, regex: Any = None) -> str:
        return ""

    def clean_email(self, email: str) -> str:
        """Refuse a second address: the one that was invited is the login everywhere."""
        match = getattr(self.request, "resolver_match", None)
        if match is not None and match.url_name == "account_email":
            raise ValidationError("Addresses are not changed here. Ask an admin to invite the new one.")
        return email

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in. Every login came through a mailed invitation, so its address counts as proven."""
        super().login(request, user)
        EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if "theme" not in request.COOKIES and user.theme != "auto":
            set_theme_cookie(response, user.theme)
        return response

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url(settings.LOGIN_URL)

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMessage:
        """Plain text only: nothing in these mails is worth a picture, and text cannot hide where a link goes."""
        subject = " ".join(plain_text(f"{template_prefix}_subject.txt", context).split())
        body = plain_text(f"{template_prefix}_message.txt", context)
        return EmailMessage(subject, body, self.get_from_email(), [email], headers=headers)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail about signing in.

        It is not kept as a row, because it carries a secret that must not lie in the database. A mail server
        that is away is logged and not shown: a password reset must answer the same for every address.
        """
        about = {"request": self.request, "email": email, "current_site": get_current_site(self.request)}
        message = self.render_mail(template_prefix, email, about | context)
        try:
            message.send()
        except OSError:  # smtplib's errors are OSErrors too
            logger.exception("could not send %s", template_prefix)


def set_theme_cookie(response: HttpResponse, theme: str) -> None:
    """Remember light, dark or auto in this browser; scripts may read it, so that the menu can change it."""
    response.set_cookie("theme", theme, max_age=A_YEAR, samesite="Lax", secure=settings.HTTPS)
