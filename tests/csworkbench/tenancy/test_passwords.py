"""Passwords people may not choose: the breach list and the small steps from it."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from csworkbench.tenancy.hashers import PasswordHasher
from csworkbench.tenancy.models import Member, User, Workspace
from csworkbench.tenancy.passwords import BreachListValidator, breached, repeated_unit, without_runs
from csworkbench.tenancy.scope import user_scope
from tests.factories import make_user

KEIKO = User(email="keiko.ueda@example.org", name="Keiko Ueda")


def verdict(password: str, user: User | None = None) -> str:
    """The code of the refusal, or nothing."""
    try:
        BreachListValidator().validate(password, user)
    except ValidationError as error:
        return str(error.code)
    return ""


class TestBreachList:
    def test_djangos_list_of_breached_passwords_is_there(self) -> None:
        assert len(breached()) > 19_000

    @pytest.mark.parametrize(
        "password",
        [
            "password1234",
            "P@ssw0rd2026!",
            "pa55w0rd!!!!",
            "iloveyou1234!!",
            "L3tm31n!L3tm31n!",
            "monkey12monkey12",
            "passw0rd1passw0rd1",
            "PASSWORD PASSWORD",
            "purple-monkey-42",
            "qwerty-sunshine1",
            "1qaz2wsx3edc!",
            "ｐａｓｓｗｏｒｄ１２３４",
        ],
    )
    def test_a_breached_password_and_one_step_from_it_are_refused(self, password: str) -> None:
        assert verdict(password) == "password_breached"

    @pytest.mark.parametrize(
        "password",
        ["123456789012", "839201748362", "qwertyuiop123", "asdfghjkl;'12", "abcdefghijklmn", "aaaaaaaaaaaaaa1",
         "abababababab", "!!!!!!!!!!!!", "a1234567890123!"],
    )  # fmt: skip
    def test_digits_runs_and_repetition_are_refused(self, password: str) -> None:
        assert verdict(password) == "password_breached"

    @pytest.mark.parametrize(
        "password",
        [
            "correct horse battery staple",
            "blue whale 93 tango",
            "Zx9!kLm2Qp7#",
            "8#2$91!k4%7&",
            "tr0ub4dor&3xkcd",
            "rote Lampe am Fluss",
            "mental health tango lamp",
        ],
    )
    def test_unrelated_words_and_random_characters_are_accepted(self, password: str) -> None:
        assert verdict(password, KEIKO) == ""


class TestNames:
    @pytest.mark.parametrize("password", ["CSWorkbench2026!", "workbench-password", "customer success 1"])
    def test_the_product_is_no_password(self, password: str) -> None:
        assert verdict(password) in {"password_named", "password_breached"}

    def test_the_users_own_name_adds_nothing(self) -> None:
        assert verdict("keiko.ueda2026!", KEIKO) == "password_named"

    def test_the_open_workspaces_name_adds_nothing(self, workspace: Workspace) -> None:
        assert verdict("Northwind2026!!") == "password_named"
        assert verdict("n0rthwind_N0rthwind") == "password_named"
        assert verdict("Northwind lamp river 9") == ""

    def test_the_workspaces_of_the_user_count_outside_any_scope(self, workspace: Workspace, csm: Member) -> None:
        with user_scope(csm.user_id):
            assert verdict("Northwind2026!!", csm.user) == "password_named"

    def test_somebody_elses_workspace_does_not_count(self, workspace: Workspace) -> None:
        loner = make_user("Ada Gallo")
        with user_scope(loner.pk):
            assert verdict("Northwind2026!!", loner) == ""


class TestParts:
    def test_repeated_unit(self) -> None:
        assert [repeated_unit(text) for text in ("abcabc", "aaaa", "abca", "")] == ["abc", "a", "abca", ""]

    def test_without_runs(self) -> None:
        assert without_runs("x1234y") == "xy"
        assert without_runs("lkjhg123") == "123"

    def test_the_length_is_twelve(self) -> None:
        with pytest.raises(ValidationError, match="at least 12"):
            validate_password("Zx9!kLm2Qp7", KEIKO)

    def test_the_help_says_what_is_refused(self) -> None:
        assert "breached" in BreachListValidator().get_help_text()


class TestHashing:
    def test_costs_what_one_machine_can_pay(self) -> None:
        hasher = PasswordHasher()
        encoded = hasher.encode("tango lamp river", hasher.salt())
        assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
        assert hasher.verify("tango lamp river", encoded)
        assert not hasher.must_update(encoded)

    def test_a_costlier_hash_keeps_working_and_is_replaced(self) -> None:
        encoded = Argon2PasswordHasher().encode("tango lamp river", Argon2PasswordHasher().salt())
        assert PasswordHasher().verify("tango lamp river", encoded)
        assert PasswordHasher().must_update(encoded)
