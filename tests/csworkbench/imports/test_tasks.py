"""The doors from the queue, and the tick that finds what a lost message forgot."""

from __future__ import annotations

import pytest

from accounts.models import Account
from csworkbench.imports import services, tasks
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member, Workspace

from .sheets import book_csv, compared, row_of, upload

Sent = list[tuple[str, dict[str, object]]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Messages instead of a broker."""
    messages: Sent = []
    monkeypatch.setattr(tasks, "enqueue", lambda name, **ids: messages.append((name, ids)))
    return messages


def test_an_upload_goes_through_both_doors(ops: Member, keiko: Member) -> None:
    one = upload(ops, book_csv(row_of()))
    tasks.examine(workspace_id=one.workspace_id, import_id=str(one.pk))
    services.approve(actor=ops, one=Import.objects.get())
    tasks.apply(workspace_id=one.workspace_id, import_id=str(one.pk))
    assert (Import.objects.get().state, Account.objects.count()) == ("applied", 1)


def test_the_tick_sends_what_is_due_and_only_that(ops: Member, keiko: Member, sent: Sent) -> None:
    uploaded = upload(ops, book_csv(row_of()))
    compared(ops, book_csv(row_of()))
    approved = compared(ops, book_csv(row_of()))
    services.approve(actor=ops, one=approved)
    tasks.resume_all()
    assert sorted(sent) == sorted(
        [
            ("imports.examine", {"workspace_id": ops.workspace_id, "import_id": str(uploaded.pk)}),
            ("imports.apply", {"workspace_id": ops.workspace_id, "import_id": str(approved.pk)}),
        ],
    )


def test_the_tick_leaves_work_in_hand_alone(ops: Member, sent: Sent) -> None:
    one = upload(ops, book_csv(row_of()))
    services.claiming.claim(one.workspace_id, one.pk, "uploaded")
    tasks.resume_all()
    assert sent == []


def test_the_tick_passes_by_inactive_workspaces(ops: Member, workspace: Workspace, sent: Sent) -> None:
    upload(ops, book_csv(row_of()))
    Workspace.objects.update(is_active=False)
    tasks.resume_all()
    assert sent == []


def test_an_upload_sends_its_message_on_commit(
    ops: Member, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    from csworkbench.common import queueing

    names: list[str] = []
    monkeypatch.setattr(queueing, "_send", lambda name, ids: names.append(name))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        upload(ops, book_csv(row_of()))
        assert names == []
    assert names == ["imports.examine"]
