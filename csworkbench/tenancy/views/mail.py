"""Outgoing mail and its states: what waits, what failed, and what only a person can find out."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from csworkbench.common.pages import page_of

from ..access import get_or_404
from ..frame import answered, settings_page
from ..http import WorkspaceRequest, member_required
from ..models import OutgoingMail
from ..queries import mail_of
from ..services import retry_mail, settle_mail

PAGE = 50
State = OutgoingMail.State


@require_safe
@member_required("admin")
def mail(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The mails of the workspace, newest first."""
    return mail_page(request)


@require_POST
@member_required("admin")
def retry(request: WorkspaceRequest, workspace: str, mail: UUID) -> HttpResponse:
    """Send a failed or unknown mail again."""
    shown = get_or_404(OutgoingMail.objects.all(), request.workspace, mail)
    answered(request, f"The mail to {shown.to} goes out again.", changed=retry_mail(mail=shown))
    return mail_answer(request)


@require_POST
@member_required("admin")
def settle(request: WorkspaceRequest, workspace: str, mail: UUID) -> HttpResponse:
    """Record that an unknown mail arrived after all."""
    shown = get_or_404(OutgoingMail.objects.all(), request.workspace, mail)
    answered(request, f"The mail to {shown.to} counts as sent.", changed=settle_mail(mail=shown))
    return mail_answer(request)


def mail_page(request: WorkspaceRequest) -> HttpResponse:
    """The list, filtered by state as the address says."""
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    counted = OutgoingMail.objects.filter(workspace=request.workspace.pk).values_list("state")
    counts = dict(counted.annotate(number=Count("pk")))
    context = {
        "page": page_of(mail_of(request.workspace, state=state), request.GET.get("page"), size=PAGE),
        "query": f"state={state}&" if state else "",
        "state": state,
        "states": [{"value": value, "label": label, "count": counts.get(value, 0)} for value, label in State.choices],
        "total": sum(counts.values()),
        "folder": settings.EMAIL_FILE_PATH if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend") else "",
    }
    return settings_page(request, "tenancy/mail.html", "tenancy:mail", context, partial="mail-list")


def mail_answer(request: WorkspaceRequest) -> HttpResponse:
    """After a write: the list for htmx, a redirect otherwise."""
    return mail_page(request) if request.htmx else redirect("tenancy:mail", request.workspace.slug)
