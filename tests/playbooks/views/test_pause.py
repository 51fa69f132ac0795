"""Pausing and resuming a playbook."""

from __future__ import annotations

from django.contrib.messages import get_messages
from django.test import Client

from playbooks.models import Playbook


def url(playbook: Playbook) -> str:
    return f"/w/northwind/playbooks/{playbook.pk}/pause/"


class TestPause:
    def test_pauses_and_resumes(self, rescue: Playbook, as_ops: Client) -> None:
        for paused in (True, False):
            response = as_ops.post(url(rescue), {"paused": "yes" if paused else "no"})
            assert (response.status_code, response["Location"]) == (302, url(rescue).removesuffix("pause/"))
            rescue.refresh_from_db()
            assert rescue.is_paused is paused

    def test_twice_does_nothing_and_says_nothing(self, rescue: Playbook, as_ops: Client) -> None:
        as_ops.post(url(rescue), {"paused": "yes"})
        response = as_ops.post(url(rescue), {"paused": "yes"})
        assert len(list(get_messages(response.wsgi_request))) == 1

    def test_a_csm_is_refused(self, rescue: Playbook, as_csm: Client) -> None:
        assert as_csm.post(url(rescue), {"paused": "yes"}).status_code == 403
        rescue.refresh_from_db()
        assert not rescue.is_paused

    def test_another_workspaces_playbook_is_404(self, rescue: Playbook, foreign: Playbook, as_ops: Client) -> None:
        assert as_ops.post(url(foreign), {"paused": "yes"}).status_code == 404

    def test_rejects_get(self, rescue: Playbook, as_ops: Client) -> None:
        assert as_ops.get(url(rescue)).status_code == 405
