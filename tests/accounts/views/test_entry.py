"""The page of one interaction or note: corrected and removed for a while, with every version it had."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts import services
from accounts.models import Account, Contact, Interaction, Note
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from csworkbench.tenancy.scope import workspace_scope

Url = Callable[..., str]


@pytest.fixture
def call(account: Account, ada: Contact, csm: Member) -> Interaction:
    return services.log_interaction(
        actor=csm, account=account, kind="call", answered=True, contact=ada, subject="Renewal", body="Two years."
    )


@pytest.fixture
def note(account: Account, csm: Member) -> Note:
    return services.write_note(actor=csm, account=account, text="Wants a quote")


@pytest.fixture
def at(url: Url) -> Callable[..., str]:
    def made(row: Interaction | Note, part: str = "") -> str:
        return url(row.account, f"entries/{row.pk}{f'/{part}' if part else ''}")

    return made


def form_of(client: Client, address: str, **typed: str) -> dict[str, str]:
    """What a browser would send back, with some fields typed anew."""
    form = client.get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in sent.items() if value not in (None, False)}
    if "happened_at" in sent:
        sent["happened_at"] = f"{sent['happened_at']:%Y-%m-%dT%H:%M}"
    return sent | typed


class TestEntry:
    def test_shows_what_was_said_to_a_reader_without_forms(
        self, call: Interaction, note: Note, as_reader: Client, at: Url
    ) -> None:
        text = as_reader.get(at(call)).text
        assert "Two years." in text
        assert "Ada Gallo" in text
        assert "11/23/26-QA-Wants a quote" in as_reader.get(at(note)).text
        for part in ("/remove/", 'id="edit"', "Add a correction"):
            assert part not in text

    def test_corrects_and_tells_both_versions(self, call: Interaction, as_csm: Client, at: Url) -> None:
        answer = as_csm.post(at(call), form_of(as_csm, at(call), body="Three years.", sentiment="-1"))
        assert (answer.status_code, answer["Location"]) == (302, at(call))
        call.refresh_from_db()
        assert (call.body, call.sentiment) == ("Three years.", -1)
        assert call.edited_at is not None
        assert call.happened_at == datetime(2026, 11, 23, 15, tzinfo=UTC), "the moment was left alone"
        text = as_csm.get(at(call)).text
        for part in ("edited", "Two years.", "Three years.", "Quinn Abbott", "Negative"):
            assert part in text
        assert HistoryEntry.objects.get(row_id=call.pk, operation="update").changes["body"] == [
            "Two years.",
            "Three years.",
        ]

    def test_a_note_keeps_its_date_and_initials(self, note: Note, as_csm: Client, at: Url) -> None:
        as_csm.post(at(note), form_of(as_csm, at(note), text="Wants two quotes"))
        note.refresh_from_db()
        assert note.house_format == "11/23/26-QA-Wants two quotes"

    def test_saving_it_as_it_is_changes_nothing(self, call: Interaction, note: Note, as_csm: Client, at: Url) -> None:
        for row in (call, note):
            for _ in range(2):
                assert as_csm.post(at(row), form_of(as_csm, at(row))).status_code == 302
            row.refresh_from_db()
            assert row.edited_at is None
        assert not HistoryEntry.objects.filter(operation="update", row_id__in=[call.pk, note.pk]).exists()

    def test_who_edits_first_wins_and_the_other_loses_nothing(
        self, call: Interaction, as_csm: Client, client_for: Callable[[Member], Client], admin: Member, at: Url
    ) -> None:
        mine = form_of(as_csm, at(call), body="Mine")
        as_admin = client_for(admin)
        assert as_admin.post(at(call), form_of(as_admin, at(call), body="Theirs")).status_code == 302
        answer = as_csm.post(at(call), mine)
        assert answer.status_code == 409
        assert "Mine" in answer.text and "Theirs" in answer.text
        again = mine | {"seen": answer.context["form"].data["seen"]}
        assert as_csm.post(at(call), again).status_code == 302
        call.refresh_from_db()
        assert call.body == "Mine"

    def test_another_member_is_refused(
        self, call: Interaction, client_for: Callable[[Member], Client], lead: Member, at: Url
    ) -> None:
        as_lead = client_for(lead)
        assert as_lead.get(at(call)).status_code == 200
        for part in ("", "remove"):
            assert as_lead.post(at(call, part), {"kind": "call", "direction": "out", "seen": "x"}).status_code == 403
        assert Interaction.objects.get().body == "Two years."

    def test_a_reader_is_refused(self, call: Interaction, as_reader: Client, at: Url) -> None:
        for part in ("", "remove", "recap"):
            assert as_reader.post(at(call, part), {}).status_code == 403

    @pytest.mark.parametrize("hours", [24, 0])
    def test_after_the_hours_a_correction_is_offered_instead(
        self, workspace: Workspace, call: Interaction, as_csm: Client, at: Url, frozen: object, hours: int
    ) -> None:
        form = form_of(as_csm, at(call), body="Too late for this")
        Workspace.objects.filter(pk=workspace.pk).update(edit_window_hours=hours)
        frozen.shift(timedelta(hours=25))  # type: ignore[attr-defined]
        answer = as_csm.post(at(call), form)
        assert answer.status_code == 422
        assert "Too late for this" in answer.text
        assert f"?correct={call.pk}" in answer.text
        assert ("more than 24 hours ago" if hours else "not edited once they are written") in answer.text
        assert as_csm.post(at(call, "remove")).status_code == 422
        assert Interaction.objects.get().body == "Two years."

    def test_a_correction_begins_with_what_it_corrects(
        self, call: Interaction, note: Note, account: Account, as_csm: Client, url: Url
    ) -> None:
        shown = as_csm.get(url(account), {"correct": str(call.pk)}).context
        assert shown["log_form"]["subject"].value() == "Correction of the call of Nov 23, 2026: Renewal"
        shown = as_csm.get(url(account), {"correct": str(note.pk)}).context
        assert shown["composer_open"] == "note"
        assert shown["note_form"]["text"].value() == "Correction of 11/23/26-QA: "

    def test_bad_input_keeps_what_was_typed(self, call: Interaction, as_csm: Client, at: Url) -> None:
        form = form_of(as_csm, at(call), body="Kept", happened_at="2026-12-24T10:00")
        answer = as_csm.post(at(call), form)
        assert answer.status_code == 422
        assert "Kept" in answer.text
        assert "still to come" in answer.text

    def test_elsewhere_it_is_404(
        self, call: Interaction, foreign: Account, account: Account, csm: Member, as_csm: Client, url: Url
    ) -> None:
        with workspace_scope(foreign.workspace_id):
            theirs = Note.objects.create(
                workspace=foreign.workspace, account=foreign, written_on="2026-11-23", initials="X", text="Canary"
            )
        for address in (
            url(foreign, f"entries/{theirs.pk}"),
            url(account, f"entries/{theirs.pk}"),
            url(foreign, f"entries/{call.pk}"),
        ):
            assert as_csm.get(address).status_code == 404
            for part in ("", "remove/", "recap/"):
                assert as_csm.post(address + part).status_code == 404


class TestRemove:
    def test_takes_it_away_once(self, call: Interaction, account: Account, as_csm: Client, at: Url, url: Url) -> None:
        answer = as_csm.post(at(call, "remove"))
        assert (answer.status_code, answer["Location"]) == (302, url(account))
        assert not Interaction.objects.exists()
        assert as_csm.post(at(call, "remove")).status_code == 404
        account.figures.refresh_from_db()
        assert account.figures.last_interaction_at is None

    def test_rejects_get(self, call: Interaction, as_csm: Client, at: Url) -> None:
        assert as_csm.get(at(call, "remove")).status_code == 405
