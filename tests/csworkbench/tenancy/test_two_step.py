"""Two-step sign-in: secrets at rest, and who counts as having a second step."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken

from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.queries import members_of, memberships_of
from csworkbench.tenancy.scope import user_scope
from csworkbench.tenancy.two_step import TwoStepAdapter, second_steps_of

SECRET = "JBSWY3DPEHPK3PXP"


class TestSecretsAtRest:
    def test_a_secret_comes_back_and_is_stored_unreadable(self) -> None:
        stored = TwoStepAdapter().encrypt(SECRET)
        assert SECRET not in stored
        assert TwoStepAdapter().decrypt(stored) == SECRET

    def test_a_rotated_key_still_opens_what_the_old_one_closed(self, settings: Any) -> None:
        settings.SECRET_KEY = "the old key of this installation"
        stored = TwoStepAdapter().encrypt(SECRET)
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the new one", ["the old key of this installation"]
        assert TwoStepAdapter().decrypt(stored) == SECRET

    def test_another_key_opens_nothing(self, settings: Any) -> None:
        settings.SECRET_KEY = "the old key of this installation"
        stored = TwoStepAdapter().encrypt(SECRET)
        settings.SECRET_KEY = "an unrelated one"
        with pytest.raises(InvalidToken):
            TwoStepAdapter().decrypt(stored)

    def test_a_secret_from_before_encryption_still_works(self) -> None:
        assert TwoStepAdapter().decrypt(SECRET) == SECRET


class TestHavingASecondStep:
    @pytest.mark.parametrize(("kind", "counts"), [("totp", True), ("webauthn", True), ("recovery_codes", False)])
    def test_an_app_or_a_passkey_counts(self, workspace: Workspace, csm: Member, kind: str, counts: bool) -> None:
        Authenticator.objects.create(user=csm.user, type=kind, data={})
        with user_scope(csm.user_id):
            assert [vars(member)["second_step"] for member in memberships_of(csm.user_id)] == [counts]
        assert {vars(member)["second_step"] for member in members_of(workspace)} == {counts}
        assert second_steps_of(csm.user) == ([kind] if counts else [])
