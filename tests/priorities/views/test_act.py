"""Acting on a task from the queue: each verb works, refuses, repeats harmlessly and can be undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Interaction, Note
from csworkbench.tenancy.models import Member
from csworkbench.tenancy.scope import workspace_scope
from playbooks.models import Task, TaskAction
from tests.factories import AccountFactory, ContactFactory, make_member

from .conftest import Book

HTMX = {"HX-Request": "true", "HX-Target": "board"}


def form_of(verb: str, book: Book, lead: Member) -> dict[str, str]:
    """A form that is accepted for each verb."""
    return {
        "complete": {"outcome": "success", "note": "They are happy"},
        "snooze": {"until": str(book.workspace.today + timedelta(days=3)), "reason": "On leave"},
        "hand-over": {"to": str(lead.pk)},
        "log": {"kind": "call", "direction": "out", "answered": "yes", "body": "Spoke about the outage"},
        "note": {"text": "Wants a quote"},
    }[verb]


def effect(verb: str, task: Task) -> bool:
    """Whether the verb has done its work."""
    task.refresh_from_db()
    return {
        "complete": task.state == "done",
        "snooze": task.snoozed_until is not None,
        "hand-over": task.assignee_id is not None,
        "log": Interaction.objects.filter(account=task.account_id).exists(),
        "note": Note.objects.filter(account=task.account_id).exists(),
    }[verb]


@pytest.mark.parametrize("verb", ["complete", "snooze", "hand-over", "log", "note"])
class TestEveryAction:
    def test_works_and_redirects_without_htmx(self, verb: str, book: Book, as_csm: Client, lead: Member) -> None:
        response = as_csm.post(book.url(book.urgent, verb), form_of(verb, book, lead))
        assert response.status_code == 302
        assert effect(verb, book.urgent)

    def test_htmx_returns_the_board(self, verb: str, book: Book, as_csm: Client, lead: Member) -> None:
        response = as_csm.post(book.url(book.urgent, verb), form_of(verb, book, lead), headers=HTMX)
        assert response.status_code == 200
        assert 'id="board"' in response.text
        assert "<html" not in response.text

    def test_a_reader_is_refused(self, verb: str, book: Book, as_reader: Client, lead: Member) -> None:
        assert as_reader.post(book.url(book.urgent, verb), form_of(verb, book, lead)).status_code == 403
        assert not effect(verb, book.urgent)

    def test_another_workspace_gets_404(
        self, verb: str, book: Book, as_csm: Client, foreign_task: Task, lead: Member
    ) -> None:
        assert as_csm.post(book.url(foreign_task, verb), form_of(verb, book, lead)).status_code == 404

    def test_bad_input_keeps_what_was_typed(self, verb: str, book: Book, as_csm: Client) -> None:
        bad = {
            "complete": {"outcome": "nonsense", "note": "My long note"},
            "snooze": {"until": "2020-01-01", "reason": "My long note"},
            "hand-over": {"to": str(uuid4())},
            "log": {"kind": "email", "direction": "out", "subject": "", "body": ""},
            "note": {"text": ""},
        }[verb]
        response = as_csm.post(book.url(book.urgent, verb), bad)
        assert response.status_code == 422
        assert not effect(verb, book.urgent)
        if "My long note" in bad.values():
            assert "My long note" in response.text

    def test_undo_takes_it_back(self, verb: str, book: Book, as_csm: Client, lead: Member) -> None:
        as_csm.post(book.url(book.urgent, verb), form_of(verb, book, lead))
        response = as_csm.post(f"{book.home}queue/undo/", headers=HTMX)
        assert response.status_code == 200
        assert not effect(verb, book.urgent)

    def test_is_attributed_to_the_member(
        self, verb: str, book: Book, as_csm: Client, csm: Member, lead: Member
    ) -> None:
        as_csm.post(book.url(book.urgent, verb), form_of(verb, book, lead))
        assert TaskAction.objects.get().member == csm


class TestComplete:
    def test_a_lost_race_is_409_with_the_current_board(self, book: Book, as_csm: Client) -> None:
        Task.objects.filter(pk=book.urgent.pk).update(state="done")
        response = as_csm.post(book.url(book.urgent, "complete"), {"outcome": "success"}, headers=HTMX)
        assert response.status_code == 409
        assert "closed already" in response.text

    def test_the_next_task_moves_up(self, book: Book, as_csm: Client) -> None:
        response = as_csm.post(book.url(book.urgent, "complete"), {"outcome": "success"}, headers=HTMX)
        assert [row.task for row in response.context["queue"].rows] == [book.later]


class TestLog:
    @pytest.mark.parametrize("kind", ["%d", "complete", ""])
    def test_a_kind_that_does_not_exist_is_told_in_the_form_of_a_call(
        self, book: Book, as_csm: Client, kind: str
    ) -> None:
        response = as_csm.post(book.url(book.urgent, "log"), {"kind": kind, "direction": "out"})
        assert response.status_code == 422
        assert response.context["call_form"].errors["kind"]

    def test_a_double_click_logs_once(self, book: Book, as_csm: Client) -> None:
        form = {"kind": "call", "direction": "out", "body": "Hello", "request_key": str(uuid4())}
        as_csm.post(book.url(book.urgent, "log"), form)
        as_csm.post(book.url(book.urgent, "log"), form)
        assert Interaction.objects.count() == 1
        assert TaskAction.objects.count() == 1

    def test_a_contact_of_another_account_is_refused(self, book: Book, as_csm: Client) -> None:
        other = ContactFactory(account=book.calm)
        form = {"kind": "call", "direction": "out", "contact": str(other.pk)}
        assert as_csm.post(book.url(book.urgent, "log"), form).status_code == 422


class TestNote:
    def test_is_written_in_the_house_format(self, book: Book, as_csm: Client) -> None:
        as_csm.post(book.url(book.urgent, "note"), {"text": "Wants a quote"})
        assert Note.objects.get().house_format == "11/23/26-QA-Wants a quote"


class TestHandOver:
    def test_a_member_of_another_workspace_cannot_be_chosen(
        self, book: Book, as_csm: Client, other_workspace: object
    ) -> None:
        with workspace_scope(other_workspace.pk):  # type: ignore[attr-defined]
            stranger = make_member(other_workspace, "Mara Petrov", roles=["csm"])  # type: ignore[arg-type]
        response = as_csm.post(book.url(book.urgent, "hand-over"), {"to": str(stranger.pk)})
        assert response.status_code == 422
        assert "Mara Petrov" not in response.text


class TestUndo:
    def test_says_when_there_is_nothing(self, book: Book, as_csm: Client) -> None:
        assert "nothing to undo" in as_csm.post(f"{book.home}queue/undo/", headers=HTMX).text

    def test_refuses_when_somebody_changed_the_task_since(self, book: Book, as_csm: Client, lead: Member) -> None:
        as_csm.post(book.url(book.urgent, "hand-over"), {"to": str(lead.pk)})
        Task.objects.filter(pk=book.urgent.pk).update(assignee=None)
        response = as_csm.post(f"{book.home}queue/undo/", headers=HTMX)
        assert response.status_code == 409
        assert "changed since" in response.text

    def test_one_does_not_undo_another_members_action(
        self, book: Book, as_csm: Client, client_for: Callable[[Member], Client], lead: Member
    ) -> None:
        as_csm.post(book.url(book.urgent, "complete"), {"outcome": "success"})
        client_for(lead).post(f"{book.home}queue/undo/")
        assert effect("complete", book.urgent)

    def test_is_over_after_half_an_hour(self, book: Book, as_csm: Client, frozen: object) -> None:
        as_csm.post(book.url(book.urgent, "complete"), {"outcome": "success"})
        frozen.shift(timedelta(minutes=31))  # type: ignore[attr-defined]
        as_csm.post(f"{book.home}queue/undo/")
        assert effect("complete", book.urgent)

    def test_rejects_get(self, book: Book, as_csm: Client) -> None:
        assert as_csm.get(f"{book.home}queue/undo/").status_code == 405


class TestAddTask:
    def url(self, book: Book) -> str:
        return f"{book.home}queue/add/"

    def form(self, book: Book) -> dict[str, str]:
        return {
            "account": str(book.calm.pk),
            "title": "Prepare the review",
            "kind": "follow_up",
            "source": "self",
            "severity": "1",
            "due_on": "",
            "request_key": str(uuid4()),
        }

    def test_adds_and_ranks_it_at_once(self, book: Book, as_csm: Client) -> None:
        assert as_csm.post(self.url(book), self.form(book)).status_code == 302
        assert Task.objects.get(title="Prepare the review").level == 3

    def test_the_same_form_twice_adds_one(self, book: Book, as_csm: Client) -> None:
        form = self.form(book)
        as_csm.post(self.url(book), form)
        as_csm.post(self.url(book), form)
        assert Task.objects.filter(title="Prepare the review").count() == 1

    def test_another_workspaces_account_is_404(self, book: Book, as_csm: Client, foreign_task: Task) -> None:
        form = self.form(book) | {"account": str(foreign_task.account_id)}
        assert as_csm.post(self.url(book), form).status_code == 404

    def test_a_reader_is_refused(self, book: Book, as_reader: Client) -> None:
        assert as_reader.post(self.url(book), self.form(book)).status_code == 403

    def test_shows_its_form(self, book: Book, as_csm: Client) -> None:
        assert "Cedar Clinic" in as_csm.get(self.url(book), {"account": str(book.calm.pk)}).text


class TestTeam:
    def test_shows_each_csms_load(
        self, book: Book, lead: Member, csm: Member, client_for: Callable[[Member], Client]
    ) -> None:
        response = client_for(lead).get(f"{book.home}team/")
        row = next(row for row in response.context["rows"] if row.member == csm)
        assert (row.accounts, row.levels, row.overdue) == (2, [1, 0, 0, 1], 0)

    def test_a_csm_is_refused(self, book: Book, as_csm: Client) -> None:
        assert as_csm.get(f"{book.home}team/").status_code == 403


class TestAccountPanel:
    def test_explains_the_account_and_lists_its_tasks(self, book: Book, as_csm: Client) -> None:
        response = as_csm.get(f"{book.home}queue/account/{book.red.pk}/", headers={"HX-Request": "true"})
        assert "Tier 1 at risk" in response.text
        assert "Call about the outage" in response.text
        assert "<html" not in response.text

    def test_is_a_page_of_its_own_without_htmx(self, book: Book, as_csm: Client) -> None:
        assert "<html" in as_csm.get(f"{book.home}queue/account/{book.red.pk}/").text

    def test_another_workspaces_account_is_404(self, book: Book, as_csm: Client, other_workspace: object) -> None:
        with workspace_scope(other_workspace.pk):  # type: ignore[attr-defined]
            foreign = AccountFactory(workspace=other_workspace)
        assert as_csm.get(f"{book.home}queue/account/{foreign.pk}/").status_code == 404
