"""Members: everyone sees them, an admin or CS Ops changes them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from csworkbench.common import clock
from csworkbench.common.pages import page_of
from csworkbench.common.sheets import Column, sheet_response

from ..access import member_or_404
from ..forms import InvitationForm, MemberForm
from ..frame import answered, lost_race, refuse, settings_page
from ..http import WorkspaceRequest, member_required
from ..models import Member, Role
from ..queries import MEMBER_ORDERS, members_of, open_invitations
from ..services import deactivate_member, reactivate_member, update_member

PAGE = 100


@require_safe
@member_required()
def members(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The members of the workspace and the open invitations."""
    context = list_context(request) | invitations_context(request)
    return settings_page(request, "tenancy/members.html", "tenancy:members", context, partial="members-list")


@require_safe
@member_required()
def export(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The list as a sheet, filtered and sorted as the address says."""
    columns: list[Column[Member]] = [
        ("Name", lambda each: each.name),
        ("Email", lambda each: each.user.email),
        ("Title", lambda each: each.title),
        ("Roles", lambda each: ", ".join(each.role_labels)),
        ("Lead", lambda each: each.lead.name if each.lead else ""),
        ("Time zone", lambda each: each.time_zone or request.workspace.time_zone),
        ("State", lambda each: "Active" if each.is_active else "Deactivated"),
    ]
    found = members_of(request.workspace, **asked_for(request))
    return sheet_response(f"members-{request.workspace.today:%Y-%m-%d}.xlsx", columns, found)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required("admin", "ops")
def member(request: WorkspaceRequest, workspace: str, member: UUID) -> HttpResponse:
    """One member's name, title, roles, lead and time zone."""
    shown = member_or_404(request, member)
    form = MemberForm(request.POST or None, member=shown, workspace=request.workspace)
    if request.method != "POST":
        return member_page(request, shown, form)
    if form.is_stale:
        fresh = MemberForm(member=shown, workspace=request.workspace)
        return lost_race(request, lambda: member_page(request, shown, fresh, status=409))
    if form.is_valid():
        data = {key: value for key, value in form.cleaned_data.items() if key != "seen"}
        try:
            changed = update_member(actor=request.member, member=shown, **data)
        except ValidationError as error:
            refuse(form, error)
        else:
            answered(request, f"{shown.name} saved.", changed=changed)
            if not request.htmx:
                return redirect("tenancy:members", request.workspace.slug)
            return member_page(request, shown, MemberForm(member=shown, workspace=request.workspace))
    return member_page(request, shown, form, status=422)


@require_POST
@member_required("admin", "ops")
def deactivate(request: WorkspaceRequest, workspace: str, member: UUID) -> HttpResponse:
    """Shut a member out from their next request on."""
    shown = member_or_404(request, member)
    try:
        changed = deactivate_member(actor=request.member, member=shown)
    except ValidationError as error:
        return members_answer(request, problem=" ".join(error.messages))
    answered(request, f"{shown.name} can no longer enter.", changed=changed)
    return members_answer(request)


@require_POST
@member_required("admin", "ops")
def reactivate(request: WorkspaceRequest, workspace: str, member: UUID) -> HttpResponse:
    """Let a deactivated member in again."""
    shown = member_or_404(request, member)
    changed = reactivate_member(actor=request.member, member=shown)
    answered(request, f"{shown.name} can enter again.", changed=changed)
    return members_answer(request)


def member_page(request: WorkspaceRequest, shown: Member, form: MemberForm, status: int = 200) -> HttpResponse:
    """The page of one member, or its form for htmx."""
    context = {
        "shown": shown,
        "form": form,
        "reports": shown.reports.filter(workspace=shown.workspace_id).count(),
    }
    return settings_page(
        request, "tenancy/member.html", "tenancy:members", context, partial="member-form", status=status
    )


def members_answer(request: WorkspaceRequest, problem: str = "") -> HttpResponse:
    """After a write: the list for htmx, a redirect otherwise; a refusal shows the page with the reason."""
    if not problem and not request.htmx:
        return redirect("tenancy:members", request.workspace.slug)
    context = list_context(request) | {"problem": problem}
    if not request.htmx:
        context |= invitations_context(request)
    status = 422 if problem else 200
    return settings_page(
        request, "tenancy/members.html", "tenancy:members", context, partial="!members-list", status=status
    )


def list_context(request: WorkspaceRequest) -> dict[str, Any]:
    """What the list shows: the filters and the order are the address's."""
    asked = asked_for(request)
    kept = request.GET.copy()
    kept.pop("page", None)
    unsorted = kept.copy()
    unsorted.pop("order", None)
    return asked | {
        "page": page_of(members_of(request.workspace, **asked), request.GET.get("page"), size=PAGE),
        "query": f"{kept.urlencode()}&" if kept else "",
        "sort_query": f"{unsorted.urlencode()}&" if unsorted else "",
        "roles": Role.choices,
    }


def asked_for(request: WorkspaceRequest) -> dict[str, str]:
    """The filters and the order in the address; what makes no sense there counts as not asked."""
    asked = request.GET
    return {
        "search": asked.get("q", "").replace("\0", "").strip()[:120],
        "role": asked.get("role", "") if asked.get("role") in Role.values else "",
        "state": asked.get("state", "active") if asked.get("state") in {"inactive", "all"} else "active",
        "order": asked.get("order", "name") if asked.get("order") in MEMBER_ORDERS else "name",
    }


def invitations_context(request: WorkspaceRequest, form: InvitationForm | None = None) -> dict[str, Any]:
    """The open invitations and, for those who may invite, the form."""
    if not request.member.has_role("admin", "ops"):
        return {"invitations": []}
    return {
        "invitations": list(open_invitations(request.workspace)),
        "now": clock.now(),
        "invite_form": form or InvitationForm(workspace=request.workspace),
    }
