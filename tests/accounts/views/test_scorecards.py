"""Settings of health: the list of scorecards, the editor of one, and its preview."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.health import editing
from accounts.health.definitions import validate_measures
from accounts.health.starter import install_scorecards
from accounts.models import Account, Scorecard
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from priorities.packs import install_catalogue

HOME = "/w/northwind/settings/health/"
HEAD = {"name": "Clinics", "green_from": "70", "yellow_from": "40", "least_known": "50", "yellow_is": "risky"}
MEASURE = {
    "m-count": "1",
    "m-0-label": "Tier",
    "m-0-fact": "tier",
    "m-0-weight": "10",
    "m-0-bands": "2",
    "m-0-0-operator": "is",
    "m-0-0-value": "1",
    "m-0-0-points": "100",
    "m-0-1-operator": "gte",
    "m-0-1-value": "",
    "m-0-1-points": "",
    "m-0-otherwise": "20",
    "m-0-unknown": "",
    "a-count": "0",
}


@pytest.fixture
def as_ops(client_for: Callable[[Member], Client], ops: Member) -> Client:
    return client_for(ops)


@pytest.fixture
def starter(workspace: Workspace) -> list[Scorecard]:
    install_catalogue(workspace, "compliance")
    install_scorecards(workspace, "compliance")
    return list(Scorecard.objects.filter(workspace=workspace))


class TestList:
    def test_says_whom_each_one_fits(self, starter: list[Scorecard], as_ops: Client) -> None:
        text = as_ops.get(HOME).text
        for card in starter:
            assert card.name in text
        assert "Every account" in text

    def test_order_copies_and_whether_they_count(self, starter: list[Scorecard], as_ops: Client) -> None:
        first, second = starter[:2]
        assert as_ops.post(f"{HOME}{first.pk}/down/").status_code == 302
        assert list(Scorecard.objects.values_list("pk", flat=True))[:2] == [second.pk, first.pk]
        as_ops.post(f"{HOME}{first.pk}/deactivate/")
        first.refresh_from_db()
        assert not first.is_active
        assert "Does not count" in as_ops.get(HOME).text
        as_ops.post(f"{HOME}{first.pk}/activate/")
        as_ops.post(f"{HOME}{first.pk}/copy/")
        assert Scorecard.objects.filter(name=f"{first.name} (copy)", is_active=False).exists()

    def test_without_any(self, as_ops: Client, workspace: Workspace) -> None:
        assert "health is what members judge" in as_ops.get(HOME).text


class TestEditor:
    def test_every_starter_scorecard_survives_its_form(self, starter: list[Scorecard], as_ops: Client) -> None:
        for card in starter:
            rows = editing.rows_of(card.measures)
            assert [row.is_wrong for row in rows] == [False] * len(rows)
            assert editing.measures_of(rows) == card.measures
            assert as_ops.get(f"{HOME}{card.pk}/").status_code == 200

    def test_a_new_one_waits_to_be_activated(self, as_ops: Client, workspace: Workspace) -> None:
        assert as_ops.post(f"{HOME}add/", HEAD | MEASURE).status_code == 302
        made = Scorecard.objects.get()
        assert not made.is_active
        assert made.measures[0]["bands"] == [{"op": "is", "value": 1, "points": 100}]
        assert made.measures[0]["unknown"] is None

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"m-0-0-points": "900"}, "Points from 0 to 100"),
            ({"m-0-0-value": "many"}, "whole number"),
            ({"m-0-label": ""}, "Name the measure"),
            ({"m-0-fact": "level"}, "which follows from health"),
            ({"green_from": "10"}, "below the one that green starts at"),
            ({"m-count": "0"}, "at least one measure"),
            ({"a-count": "1", "a-0-fact": "tier", "a-0-operator": "is", "a-0-value": "x"}, "whole number"),
        ],
    )
    def test_refuses_beside_the_box_and_loses_nothing(
        self, as_ops: Client, workspace: Workspace, wrong: dict[str, str], said: str
    ) -> None:
        response = as_ops.post(f"{HOME}add/", HEAD | MEASURE | wrong)
        assert response.status_code == 422
        assert said in response.text
        assert 'value="Clinics"' in response.text
        assert not Scorecard.objects.exists()

    def test_measures_come_go_and_move_without_saving(self, starter: list[Scorecard], as_ops: Client) -> None:
        two = HEAD | MEASURE | {key.replace("m-0", "m-1"): value for key, value in MEASURE.items() if "m-0" in key}
        two |= {"m-count": "2", "m-1-label": "Second", "m-1-key": "second"}
        added = as_ops.post(f"{HOME}add/", two | {"do": "m-add"})
        assert added.status_code == 200
        assert 'name="m-2-label"' in added.text
        moved = as_ops.post(f"{HOME}add/", two | {"do": "m-up-1"}).text
        assert moved.index('value="Second"') < moved.index('value="Tier"')
        removed = as_ops.post(f"{HOME}add/", two | {"do": "m-remove-0"}).text
        assert 'value="Tier"' not in removed

    def test_the_preview_writes_nothing(self, account: Account, starter: list[Scorecard], as_ops: Client) -> None:
        card = starter[-1]
        response = as_ops.post(f"{HOME}{card.pk}/", HEAD | MEASURE | {"do": "preview", "version": str(card.version)})
        assert response.status_code == 200
        assert "What would change" in response.text
        card.refresh_from_db()
        assert card.name != "Clinics"

    def test_two_editors(self, starter: list[Scorecard], as_ops: Client) -> None:
        card = starter[0]
        sent = HEAD | MEASURE | {"version": str(card.version)}
        assert as_ops.post(f"{HOME}{card.pk}/", sent).status_code == 302
        assert as_ops.post(f"{HOME}{card.pk}/", sent | {"name": "Late"}).status_code == 409
        card.refresh_from_db()
        assert card.name == "Clinics"


class TestWho:
    def test_others_read_and_do_not_write(self, starter: list[Scorecard], as_csm: Client) -> None:
        assert as_csm.get(HOME).status_code == 200
        for what in ("add/", f"{starter[0].pk}/", f"{starter[0].pk}/copy/"):
            assert as_csm.post(HOME + what, HEAD | MEASURE).status_code == 403

    def test_nothing_of_another_workspace(self, as_ops: Client, other_workspace: Workspace) -> None:
        with workspace_scope(other_workspace.pk):
            one = Scorecard.objects.create(workspace=other_workspace, key="x", name="Foreign Canary")
        assert as_ops.get(f"{HOME}{one.pk}/").status_code == 404
        assert as_ops.post(f"{HOME}{one.pk}/copy/").status_code == 404
        assert "Foreign Canary" not in as_ops.get(HOME).text


BOXES = st.sampled_from(
    ["m-count", *(f"m-0-{box}" for box in ("label", "fact", "weight", "otherwise", "unknown", "bands", "key")),
     *(f"m-0-0-{box}" for box in ("operator", "value", "points"))]
)  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=10),
    st.sampled_from(["1", "tier", "mrr", "stage", "between", "one_of", "5 to 10", "a, b", "empty"]),
)


class TestRows:
    @given(data=st.dictionaries(BOXES, VALUES))
    def test_anything_sent_is_refused_beside_its_box_or_sound(self, data: dict[str, Any]) -> None:
        rows = editing.rows_from(MEASURE | data)
        if rows and not any(row.is_wrong for row in rows):
            problems = [each for each in validate_measures(editing.measures_of(rows)) if "follows" not in each.message]
            assert problems == [] or all("key" in each.path for each in problems)
