"""Holidays: seen by everyone, kept by an admin or CS Ops."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from django.test import Client

from csworkbench.tenancy.models import HistoryEntry, Holiday, Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.csworkbench.tenancy.conftest import htmx

Url = Callable[..., str]
FORM = {"day": "2026-12-24", "name": "Christmas Eve"}


@pytest.fixture(autouse=True)
def _in_november(frozen: time_machine.Traveller) -> None:
    """The pages speak of this year and the next."""


@pytest.fixture
def holiday(workspace: Workspace) -> Holiday:
    return Holiday.objects.create(workspace=workspace, day=date(2026, 12, 24), name="Christmas Eve")


class TestHolidays:
    def test_everyone_sees_them(self, as_csm: Client, workspace: Workspace, holiday: Holiday, url: Url) -> None:
        Holiday.objects.create(workspace=workspace, day=date(2025, 1, 1), name="Long ago")
        page = as_csm.get(url("holidays")).content.decode()
        assert "Thu, Dec 24, 2026" in page and "1 past" in page
        assert "Remove" not in page and "Add the day" not in page

    def test_an_empty_calendar_says_what_it_means(self, as_ops: Client, url: Url) -> None:
        page = as_ops.get(url("holidays")).content.decode()
        assert "No coming holidays" in page and "Add the year" in page

    def test_other_workspace_gets_404(self, as_stranger: Client, holiday: Holiday, url: Url) -> None:
        assert as_stranger.get(url("holidays")).status_code == 404

    def test_rejects_post(self, as_admin: Client, url: Url) -> None:
        assert as_admin.post(url("holidays")).status_code == 405


class TestAdd:
    def test_adds_a_day(self, as_ops: Client, ops: Member, url: Url) -> None:
        assert as_ops.post(url("holiday_add"), FORM).headers["Location"] == url("holidays")
        holiday = Holiday.objects.get()
        assert (holiday.day, holiday.name) == (date(2026, 12, 24), "Christmas Eve")
        assert HistoryEntry.objects.get(row_id=holiday.pk).actor_id == ops.pk

    def test_a_reader_is_refused(self, as_csm: Client, url: Url) -> None:
        assert as_csm.post(url("holiday_add"), FORM).status_code == 403
        assert not Holiday.objects.exists()

    def test_other_workspace_gets_404(self, as_stranger: Client, url: Url) -> None:
        assert as_stranger.post(url("holiday_add"), FORM).status_code == 404

    def test_rejects_get(self, as_ops: Client, url: Url) -> None:
        assert as_ops.get(url("holiday_add")).status_code == 405

    def test_second_call_changes_nothing(self, as_ops: Client, holiday: Holiday, url: Url) -> None:
        answer = as_ops.post(url("holiday_add"), FORM | {"name": "Again"})
        assert answer.status_code == 422
        assert "holiday already" in answer.content.decode() and 'value="Again"' in answer.content.decode()
        assert Holiday.objects.get().name == "Christmas Eve"

    def test_htmx_gets_the_list(self, as_ops: Client, url: Url) -> None:
        page = as_ops.post(url("holiday_add"), FORM, headers=htmx("holidays")).content.decode()
        assert 'id="holidays"' in page and "<html" not in page and "Christmas Eve added." in page

    @pytest.mark.parametrize("day", ["", "24 December", "2026-13-01"])
    def test_what_is_no_day_is_refused(self, as_ops: Client, url: Url, day: str) -> None:
        assert as_ops.post(url("holiday_add"), FORM | {"day": day}).status_code == 422


class TestAddFederal:
    def test_adds_a_year_with_the_days_it_is_observed(self, as_ops: Client, url: Url) -> None:
        assert as_ops.post(url("holiday_add_federal"), {"year": "2027"}).status_code == 302
        days = dict(Holiday.objects.values_list("day", "name"))
        assert days[date(2027, 11, 25)] == "Thanksgiving Day"
        assert days[date(2027, 7, 5)] == "Independence Day (observed)"

    def test_second_call_changes_nothing(self, as_ops: Client, url: Url) -> None:
        as_ops.post(url("holiday_add_federal"), {"year": "2027"})
        count = Holiday.objects.count()
        page = as_ops.post(url("holiday_add_federal"), {"year": "2027"}, follow=True).content.decode()
        assert (Holiday.objects.count(), "Nothing changed." in page) == (count, True)

    def test_a_day_of_ones_own_stays_as_it_is(self, as_ops: Client, workspace: Workspace, url: Url) -> None:
        Holiday.objects.create(workspace=workspace, day=date(2027, 11, 25), name="Harvest")
        as_ops.post(url("holiday_add_federal"), {"year": "2027"})
        assert Holiday.objects.get(day=date(2027, 11, 25)).name == "Harvest"

    @pytest.mark.parametrize("year", ["", "1066", "99999", "x"])
    def test_a_year_that_is_not_offered_is_refused(self, as_ops: Client, url: Url, year: str) -> None:
        assert as_ops.post(url("holiday_add_federal"), {"year": year}).status_code == 422
        assert not Holiday.objects.exists()

    def test_a_reader_is_refused(self, as_csm: Client, url: Url) -> None:
        assert as_csm.post(url("holiday_add_federal"), {"year": "2027"}).status_code == 403

    def test_other_workspace_gets_404(self, as_stranger: Client, url: Url) -> None:
        assert as_stranger.post(url("holiday_add_federal"), {"year": "2027"}).status_code == 404

    def test_rejects_get(self, as_ops: Client, url: Url) -> None:
        assert as_ops.get(url("holiday_add_federal")).status_code == 405

    def test_htmx_gets_the_list(self, as_ops: Client, url: Url) -> None:
        page = as_ops.post(url("holiday_add_federal"), {"year": "2027"}, headers=htmx("holidays")).content.decode()
        assert "Memorial Day" in page and "<html" not in page


class TestRemove:
    def test_removes_it_and_keeps_it_in_the_history(self, as_ops: Client, holiday: Holiday, url: Url) -> None:
        assert as_ops.post(url("holiday_remove", holiday.pk)).headers["Location"] == url("holidays")
        assert not Holiday.objects.exists()
        entry = HistoryEntry.objects.get(row_id=holiday.pk, operation="delete")
        assert entry.changes["name"] == ["Christmas Eve", None]

    def test_a_second_call_finds_nothing(self, as_ops: Client, holiday: Holiday, url: Url) -> None:
        as_ops.post(url("holiday_remove", holiday.pk))
        assert as_ops.post(url("holiday_remove", holiday.pk)).status_code == 404

    def test_a_reader_is_refused(self, as_csm: Client, holiday: Holiday, url: Url) -> None:
        assert as_csm.post(url("holiday_remove", holiday.pk)).status_code == 403
        assert Holiday.objects.exists()

    def test_other_workspace_gets_404(
        self, as_stranger: Client, as_ops: Client, holiday: Holiday, foreign: Member, url: Url
    ) -> None:
        with workspace_scope(foreign.workspace_id):
            theirs = Holiday.objects.create(workspace_id=foreign.workspace_id, day=date(2026, 12, 24), name="X")
        assert as_stranger.post(url("holiday_remove", holiday.pk)).status_code == 404
        assert as_ops.post(url("holiday_remove", theirs.pk)).status_code == 404
        assert Holiday.objects.exists()

    def test_rejects_get(self, as_ops: Client, holiday: Holiday, url: Url) -> None:
        assert as_ops.get(url("holiday_remove", holiday.pk)).status_code == 405

    def test_htmx_gets_the_list(self, as_ops: Client, holiday: Holiday, url: Url) -> None:
        page = as_ops.post(url("holiday_remove", holiday.pk), headers=htmx("holidays")).content.decode()
        assert "Christmas Eve removed." in page and "<html" not in page
