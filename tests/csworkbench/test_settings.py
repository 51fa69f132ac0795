"""What guards sign-in is switched on in the product's settings, which the suite's settings partly replace."""

from __future__ import annotations

from django.contrib.auth.hashers import get_hashers_by_algorithm
from django.test import override_settings
from django.utils.module_loading import import_string

from csworkbench import settings as product
from csworkbench.tenancy.cache import SteadyCache
from csworkbench.tenancy.hashers import PasswordHasher
from csworkbench.tenancy.two_step import TwoStepAdapter


class TestSignInIsGuarded:
    def test_rate_limits_outlive_redis(self) -> None:
        assert import_string(product.CACHES["default"]["BACKEND"]) is SteadyCache

    def test_passwords_are_hashed_at_the_cost_of_this_house(self) -> None:
        assert import_string(product.PASSWORD_HASHERS[0]) is PasswordHasher
        with override_settings(PASSWORD_HASHERS=product.PASSWORD_HASHERS):
            assert isinstance(get_hashers_by_algorithm()["argon2"], PasswordHasher)

    def test_secrets_of_authenticators_are_encrypted(self) -> None:
        assert import_string(product.MFA_ADAPTER) is TwoStepAdapter
