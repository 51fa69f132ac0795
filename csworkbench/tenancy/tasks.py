"""Background work of the ground floor: sending mail."""

from __future__ import annotations

from celery import shared_task

from csworkbench.common import enqueue

from .mailer import deliver, message_for
from .models import Workspace
from .scope import workspace_scope
from .services.mail import claim_mail, due_mail, park_lost_mail, record_outcome
from .task_base import TenantTask, visit_workspaces

# Per workspace and tick, so that one workspace's campaign does not keep the others' mail waiting (T21).
PER_TICK = 50


@shared_task(name="tenancy.send_mail", base=TenantTask, scoped=False, queue="mail", soft_time_limit=45, time_limit=60)
def send_mail(*, workspace_id: int, mail_id: str) -> None:
    """Claim (commit), send outside any transaction, record the outcome (commit); nothing if not due."""
    with workspace_scope(workspace_id):
        mail = claim_mail(workspace_id=workspace_id, mail_id=mail_id)
    if mail is None:
        return
    outcome = deliver(message_for(mail))
    with workspace_scope(workspace_id):
        record_outcome(mail=mail, outcome=outcome)


@shared_task(name="tenancy.send_due_mail", queue="default", soft_time_limit=45, time_limit=60)
def send_due_mail() -> None:
    """Find the mails whose message was lost or whose next try has come, and those whose worker died."""

    def find(workspace: Workspace) -> None:
        park_lost_mail(workspace_id=workspace.pk)
        for mail_id in due_mail(workspace_id=workspace.pk, limit=PER_TICK):
            enqueue("tenancy.send_mail", workspace_id=workspace.pk, mail_id=str(mail_id))

    visit_workspaces(find, "look for mail")
