"""Two-step sign-in: who must have it, and its secrets at rest."""

from __future__ import annotations

import base64
import hashlib

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db.models import Exists, OuterRef

from .models import User

# Recovery codes alone are no second step: they come with one of these.
SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
MARK = "f1:"


class TwoStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps authenticator secrets encrypted with a key that is not in the database (T19)."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is wrong, expired or already used.",
        "cannot_generate_recovery_codes": "Recovery codes come with a second step. Set one up first.",
    }

    def generate_authenticator_name(self, user: User, type: str) -> str:
        """``Key 1``, ``Key 2``: people call their keys something better, or nothing."""
        return f"Key {Authenticator.objects.filter(user=user.pk, type=type).count() + 1}"

    def encrypt(self, text: str) -> str:
        return MARK + keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret; one stored before encryption was switched on is returned as it stands."""
        if not encrypted_text.startswith(MARK):
            return encrypted_text
        return keys().decrypt(encrypted_text.removeprefix(MARK).encode()).decode()


def keys() -> MultiFernet:
    """Derived from SECRET_KEY and its fallbacks: a rotated key still opens what the old one closed."""
    return MultiFernet([Fernet(derive(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def derive(secret: str) -> bytes:
    """A Fernet key for this one purpose."""
    return base64.urlsafe_b64encode(hashlib.sha256(b"tenancy.two_step:" + secret.encode()).digest())


def has_second_step(user_field: str = "user") -> Exists:
    """An annotation: whether the user behind a row signs in with an authenticator app or a passkey."""
    return Exists(Authenticator.objects.filter(user=OuterRef(user_field), type__in=SECOND_STEPS))


def second_steps_of(user: User) -> list[str]:
    """The kinds of second step a user has, ``totp`` and ``webauthn``; empty when a password is all."""
    own = Authenticator.objects.filter(user=user.pk, type__in=SECOND_STEPS)
    return sorted(set(own.values_list("type", flat=True)))
