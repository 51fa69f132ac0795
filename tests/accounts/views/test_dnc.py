"""Nothing outbound is logged with somebody who is DNC, wherever it is logged from."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account, Contact, Interaction
from playbooks.models import Task
from tests.factories import TaskFactory

Url = Callable[..., str]
CALL = {"kind": "call", "direction": "out", "subject": "Renewal"}


@pytest.fixture
def silent_ada(ada: Contact) -> Contact:
    Contact.objects.update(dnc=True, dnc_reason="Asked in May")
    return ada


@pytest.fixture
def task(account: Account) -> Task:
    return TaskFactory(account=account, workspace=account.workspace)


class TestLogging:
    @pytest.mark.parametrize("place", ["composer", "drawer"])
    def test_outbound_is_refused_with_the_reason(
        self, account: Account, silent_ada: Contact, task: Task, as_csm: Client, url: Url, place: str
    ) -> None:
        address = url(account, "log") if place == "composer" else f"/w/northwind/queue/{task.pk}/log/"
        response = as_csm.post(address, CALL | {"contact": silent_ada.pk})
        assert (response.status_code, "Asked in May" in response.text) == (422, True)
        assert 'value="Renewal"' in response.text
        assert not Interaction.objects.exists()

    @pytest.mark.parametrize("place", ["composer", "drawer"])
    def test_inbound_is_logged(
        self, account: Account, silent_ada: Contact, task: Task, as_csm: Client, url: Url, place: str
    ) -> None:
        address = url(account, "log") if place == "composer" else f"/w/northwind/queue/{task.pk}/log/"
        as_csm.post(address, CALL | {"contact": silent_ada.pk, "direction": "in"})
        assert Interaction.objects.get().contact == silent_ada
