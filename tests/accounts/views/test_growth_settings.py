"""Settings of subtypes and offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Offer, Subtype
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope

HOME = "/w/northwind/settings/growth/"
LINES = {"c-count": "1", "c-0-fact": "tier", "c-0-operator": "is", "c-0-value": "1"}
SUBTYPE = {"name": "Key account", "place": "1", "is_active": "on"}
OFFER = {"name": "Portal", "kind": "product", "place": "1", "is_active": "on", "pitch": "Say this"}


@pytest.fixture
def as_ops(client_for: Callable[[Member], Client], ops: Member) -> Client:
    return client_for(ops)


class TestSubtypes:
    def test_added_and_listed_in_words(self, account: Account, as_ops: Client, workspace: Workspace) -> None:
        assert as_ops.post(f"{HOME}subtypes/add/", SUBTYPE | LINES).status_code == 302
        made = Subtype.objects.get()
        assert (made.key, made.condition) == ("key-account", {"fact": "tier", "op": "is", "value": 1})
        text = as_ops.get(HOME).text
        assert "Key account" in text
        assert "Tier is 1" in text

    def test_one_that_is_only_chosen_by_hand(self, as_ops: Client, workspace: Workspace) -> None:
        as_ops.post(f"{HOME}subtypes/add/", SUBTYPE | {"c-count": "0"})
        assert Subtype.objects.get().condition is None

    def test_a_wrong_line_keeps_what_was_typed(self, as_ops: Client, workspace: Workspace) -> None:
        response = as_ops.post(f"{HOME}subtypes/add/", SUBTYPE | LINES | {"c-0-value": "many"})
        assert response.status_code == 422
        for part in ('value="Key account"', 'value="many"', "whole number"):
            assert part in response.text
        assert not Subtype.objects.exists()

    def test_lines_come_and_go_without_saving(self, as_ops: Client, workspace: Workspace) -> None:
        response = as_ops.post(f"{HOME}subtypes/add/", SUBTYPE | LINES | {"do": "c-add"})
        assert response.status_code == 200
        assert 'name="c-1-fact"' in response.text
        assert 'value="Key account"' in response.text
        assert not Subtype.objects.exists()

    def test_a_stale_form_is_told(self, as_ops: Client, workspace: Workspace) -> None:
        as_ops.post(f"{HOME}subtypes/add/", SUBTYPE | LINES)
        made = Subtype.objects.get()
        assert as_ops.post(f"{HOME}subtypes/{made.pk}/", SUBTYPE | LINES | {"seen": "0"}).status_code == 409

    def test_what_lines_cannot_show_is_kept(self, as_ops: Client, workspace: Workspace) -> None:
        both = [{"fact": "tier", "op": "is", "value": 1}, {"fact": "mrr", "op": "gt", "value": 5}]
        deep: dict[str, Any] = {"any": [{"all": both}, {"fact": "tier", "op": "is", "value": 2}]}
        made = Subtype.objects.create(workspace=workspace, key="deep", name="Deep", condition=deep)
        assert "more storeys" in as_ops.get(f"{HOME}subtypes/{made.pk}/").text
        as_ops.post(f"{HOME}subtypes/{made.pk}/", SUBTYPE | {"c-keep": "yes"})
        made.refresh_from_db()
        assert (made.name, made.condition) == ("Key account", deep)


class TestOffers:
    def test_added_and_counted(self, account: Account, as_ops: Client, workspace: Workspace) -> None:
        Account.objects.update(tier=1)
        assert as_ops.post(f"{HOME}offers/add/", OFFER | LINES).status_code == 302
        assert Offer.objects.get().key == "portal"
        # The acting member sees the effect at once: what was marked is drained before the answer.
        assert f'?offer={Offer.objects.get().pk}">1</a>' in as_ops.get(HOME).text

    def test_has_to_say_whom_it_fits(self, as_ops: Client, workspace: Workspace) -> None:
        response = as_ops.post(f"{HOME}offers/add/", OFFER | {"c-count": "0"})
        assert response.status_code == 422
        assert "at least one line" in response.text

    def test_cannot_rest_on_what_is_decided_later(self, as_ops: Client, workspace: Workspace) -> None:
        later = LINES | {"c-0-fact": "level", "c-0-value": "critical"}
        assert as_ops.post(f"{HOME}offers/add/", OFFER | later).status_code == 422


class TestWho:
    @pytest.mark.parametrize("what", ["subtypes/add/", "offers/add/"])
    def test_others_read_and_do_not_write(self, as_csm: Client, workspace: Workspace, what: str) -> None:
        assert as_csm.get(HOME).status_code == 200
        assert as_csm.get(HOME + what).status_code == 403
        assert as_csm.post(HOME + what, SUBTYPE | LINES).status_code == 403

    def test_nothing_of_another_workspace(self, as_ops: Client, other_workspace: Workspace) -> None:
        with workspace_scope(other_workspace.pk):
            one = Subtype.objects.create(workspace=other_workspace, key="x", name="Foreign Canary")
        assert as_ops.get(f"{HOME}subtypes/{one.pk}/").status_code == 404
        assert "Foreign Canary" not in as_ops.get(HOME).text
