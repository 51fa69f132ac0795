"""The queue page and its drawer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Product
from csworkbench.tenancy.models import Member
from csworkbench.tenancy.scope import workspace_scope
from playbooks.models import Task
from priorities import pipeline
from tests.factories import AccountFactory, ProductFactory, TaskFactory

from .conftest import Book


def titles(response: object) -> list[str]:
    return [row.task.title for row in response.context["queue"].rows]  # type: ignore[attr-defined]


class TestQueue:
    def test_critical_comes_first_with_its_reasons(self, book: Book, as_csm: Client) -> None:
        response = as_csm.get(book.home)
        assert titles(response) == ["Call about the outage", "Send the yearly review"]
        first = response.context["queue"].rows[0]
        assert (first.task.level, [chip.text for chip in first.why]) == (1, ["Health red"])
        assert "Mesa Dental Group" in response.text

    def test_counts_per_level_and_money_at_stake(self, book: Book, as_csm: Client) -> None:
        book.red.subscriptions.create(
            workspace=book.workspace, product=_product(book), mrr_minor=551_167, renews_on=None
        )
        queue = as_csm.get(book.home).context["queue"]
        assert [count.count for count in queue.counts] == [1, 0, 0, 1]
        assert queue.mrr_at_stake == "$5,512"

    def test_filters_by_level_from_the_address(self, book: Book, as_csm: Client) -> None:
        assert titles(as_csm.get(book.home, {"level": "4"})) == ["Send the yearly review"]

    def test_ignores_an_address_that_makes_no_sense(self, book: Book, as_csm: Client) -> None:
        response = as_csm.get(book.home, {"level": "9", "page": "-3", "kind": "nonsense", "task": "no-uuid"})
        assert len(titles(response)) == 2

    def test_snoozed_tasks_wait_elsewhere_and_return_on_their_day(
        self, book: Book, as_csm: Client, frozen: object
    ) -> None:
        Task.objects.filter(pk=book.urgent.pk).update(snoozed_until=book.workspace.today + timedelta(days=2))
        response = as_csm.get(book.home)
        assert titles(response) == ["Send the yearly review"]
        assert response.context["queue"].snoozed_count == 1
        assert titles(as_csm.get(book.home, {"show": "snoozed"})) == ["Call about the outage"]
        frozen.shift(timedelta(days=2))  # type: ignore[attr-defined]
        assert len(titles(as_csm.get(book.home))) == 2

    def test_a_task_handed_over_moves_to_the_other_queue(
        self, book: Book, as_csm: Client, client_for: Callable[[Member], Client], lead: Member
    ) -> None:
        Task.objects.filter(pk=book.urgent.pk).update(assignee=lead)
        assert titles(as_csm.get(book.home)) == ["Send the yearly review"]
        assert titles(client_for(lead).get(book.home)) == ["Call about the outage"]

    def test_moving_an_account_moves_its_tasks(
        self, book: Book, as_csm: Client, client_for: Callable[[Member], Client], lead: Member
    ) -> None:
        book.red.owner = lead
        book.red.save()
        assert titles(client_for(lead).get(book.home)) == ["Call about the outage"]

    def test_asks_at_most_8_statements_whatever_the_rows(self, book: Book, as_csm: Client) -> None:
        def statements() -> int:
            with CaptureQueriesContext(connection) as captured:
                as_csm.get(book.home)
            return len([q for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))])

        as_csm.get(book.home)  # the published rules are read once and kept
        few = statements()
        accounts = AccountFactory.create_batch(30, workspace=book.workspace, owner=book.red.owner, tier=1, health="red")
        for account in accounts:
            TaskFactory(account=account)
        pipeline.drain(book.workspace)
        # Each test leaves its fixture's scope open, so the middleware restores it: one statement production has not.
        assert statements() - 1 <= 8
        assert statements() == few

    def test_an_empty_queue_says_what_is_next(
        self, book: Book, client_for: Callable[[Member], Client], ops: Member
    ) -> None:
        assert "Nothing is waiting" in client_for(ops).get(book.home).text

    def test_htmx_gets_the_board_alone(self, book: Book, as_csm: Client) -> None:
        response = as_csm.get(book.home, headers={"HX-Request": "true", "HX-Target": "board"})
        assert "<html" not in response.text
        assert 'id="board"' in response.text
        assert "HX-Request" in response["Vary"]

    def test_rejects_post(self, book: Book, as_csm: Client) -> None:
        assert as_csm.post(book.home).status_code == 405

    def test_a_visitor_is_sent_to_sign_in_and_back(self, book: Book) -> None:
        response = Client().get(book.home)
        assert response.status_code == 302
        assert response["Location"].endswith(f"?next={book.home}")

    def test_htmx_of_an_expired_session_leaves_the_page(self, book: Book) -> None:
        response = Client().get(
            book.home, headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{book.home}"}
        )
        assert "HX-Redirect" in response


def _product(book: Book) -> Product:
    return ProductFactory(workspace=book.workspace)


class TestQueueOfMember:
    def test_a_lead_opens_a_csms_queue(
        self, book: Book, csm: Member, lead: Member, client_for: Callable[[Member], Client]
    ) -> None:
        response = client_for(lead).get(f"{book.home}queue/of/{csm.pk}/")
        assert len(titles(response)) == 2
        assert "Quinn Abbott" in response.text

    def test_a_csm_may_not_open_another_queue(self, book: Book, lead: Member, as_csm: Client) -> None:
        assert as_csm.get(f"{book.home}queue/of/{lead.pk}/").status_code == 403

    def test_a_member_of_another_workspace_is_404(
        self, book: Book, lead: Member, other_workspace: object, client_for: Callable[[Member], Client]
    ) -> None:
        from tests.factories import make_member

        with workspace_scope(other_workspace.pk):  # type: ignore[attr-defined]
            stranger = make_member(other_workspace, "Mara Petrov", roles=["csm"])  # type: ignore[arg-type]
        assert client_for(lead).get(f"{book.home}queue/of/{stranger.pk}/").status_code == 404


class TestDrawer:
    def test_explains_the_rank_and_what_would_lower_it(self, book: Book, as_csm: Client) -> None:
        response = as_csm.get(book.url(book.urgent), headers={"HX-Request": "true"})
        explanation = response.context["drawer"].explanation
        assert explanation.sentence.startswith("Critical because of “Tier 1 at risk”")
        assert explanation.lower == ["High, once “health is red” no longer holds"]
        assert "Ada Gallo" in response.text
        assert "<html" not in response.text

    def test_without_htmx_the_page_has_the_task_selected(self, book: Book, as_csm: Client) -> None:
        response = as_csm.get(book.url(book.later))
        assert "<html" in response.text
        assert response.context["drawer"].task == book.later

    def test_a_plain_link_selects_on_the_page(self, book: Book, as_csm: Client) -> None:
        response = as_csm.get(book.home, {"task": str(book.later.pk)})
        assert response.context["drawer"].task == book.later

    def test_another_workspaces_task_is_404(self, book: Book, as_csm: Client, foreign_task: Task) -> None:
        response = as_csm.get(book.url(foreign_task))
        assert response.status_code == 404
        assert "Foreign Canary" not in response.text

    @pytest.mark.parametrize("verb", ["complete", "snooze", "hand-over", "log", "note"])
    def test_actions_reject_get(self, book: Book, as_csm: Client, verb: str) -> None:
        assert as_csm.get(book.url(book.urgent, verb)).status_code == 405
