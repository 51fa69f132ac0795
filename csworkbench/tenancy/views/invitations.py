"""Inviting people, and the page where an invitation is accepted."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from csworkbench.common import clock

from ..access import get_or_404
from ..forms import InvitationForm, JoinForm
from ..frame import answered, refuse, settings_page
from ..http import WorkspaceRequest, member_required
from ..invitation_links import read_token
from ..models import Invitation, User
from ..scope import Actor, workspace_scope
from ..services import accept_invitation, invite_member, resend_invitation, withdraw_invitation
from .members import invitations_context, list_context

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@require_POST
@member_required("admin", "ops")
def invite(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Mail an offer of membership."""
    form = InvitationForm(request.POST, workspace=request.workspace)
    if form.is_valid():
        try:
            invitation = invite_member(actor=request.member, join_url=join_url_of(request), **form.cleaned_data)
        except ValidationError as error:
            refuse(form, error)
        else:
            answered(request, f"Invitation to {invitation.email} is on its way.")
            return invitations_answer(request)
    return invitations_answer(request, form)


@require_POST
@member_required("admin", "ops")
def resend(request: WorkspaceRequest, workspace: str, invitation: UUID) -> HttpResponse:
    """Mail an open invitation again; it then runs for another week."""
    shown = get_or_404(Invitation.objects.all(), request.workspace, invitation)
    try:
        changed = resend_invitation(actor=request.member, invitation=shown, join_url=join_url_of(request))
    except ValidationError as error:
        return invitations_answer(request, problem=" ".join(error.messages))
    answered(request, f"Invitation to {shown.email} is on its way again.", changed=changed)
    return invitations_answer(request)


@require_POST
@member_required("admin", "ops")
def withdraw(request: WorkspaceRequest, workspace: str, invitation: UUID) -> HttpResponse:
    """Take an open invitation back."""
    shown = get_or_404(Invitation.objects.all(), request.workspace, invitation)
    changed = withdraw_invitation(actor=request.member, invitation=shown)
    answered(request, f"The invitation to {shown.email} no longer works.", changed=changed)
    return invitations_answer(request)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation: a new login chooses a password, an existing one signs in first."""
    named = read_token(token)
    if named is None:
        raise Http404("No such invitation.")
    workspace_id, invitation_id = named
    with workspace_scope(workspace_id, actor=Actor("member", cause="invitation accepted")):
        invitation = get_or_404(
            Invitation.objects.select_related("workspace", "invited_by", "lead"), workspace_id, invitation_id
        )
        if problem := why_closed(invitation):
            return join_page(request, invitation, {"problem": problem}, status=410)
        known = User.objects.filter(email=invitation.email).first()
        if known is None:
            return join_as_new(request, invitation)
        if not known.is_active:
            return join_page(request, invitation, {"problem": "blocked"}, status=410)
        return join_as_known(request, invitation, known)


def join_as_new(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Make a login with a name and a password, and go to work."""
    if request.user.is_authenticated:
        return join_page(request, invitation, {"other_user": request.user})
    form = JoinForm(request.POST or None, invitation=invitation)
    if request.method != "POST" or not form.is_valid():
        return join_page(request, invitation, {"form": form}, status=422 if request.method == "POST" else 200)
    try:
        with transaction.atomic():
            member = accept_invitation(invitation=invitation, user=None, **form.cleaned_data)
    except IntegrityError:  # the address got a login a moment ago, through another workspace
        return redirect(request.path)
    if member is None:
        return join_page(request, invitation, {"problem": "accepted"}, status=410)
    login(request, member.user, backend=BACKEND)
    record_authentication(request, member.user, method="password", email=member.user.email)
    return redirect("priorities:queue", invitation.workspace.slug)


def join_as_known(request: HttpRequest, invitation: Invitation, known: User) -> HttpResponse:
    """Join with the login that has the invited address; nobody else's session may accept it."""
    if not request.user.is_authenticated:
        sign_in = f"{reverse('account_login')}?next={request.path}"
        return join_page(request, invitation, {"sign_in_url": sign_in})
    if request.user.pk != known.pk:
        return join_page(request, invitation, {"other_user": request.user})
    if request.method != "POST":
        return join_page(request, invitation, {"known": known})
    if accept_invitation(invitation=invitation, user=known) is None:
        return join_page(request, invitation, {"problem": "accepted"}, status=410)
    return redirect("priorities:queue", invitation.workspace.slug)


def why_closed(invitation: Invitation) -> str:
    """``accepted``, ``withdrawn``, ``expired``, ``closed`` (the whole workspace) or nothing."""
    if invitation.accepted_at:
        return "accepted"
    if invitation.withdrawn_at:
        return "withdrawn"
    if not invitation.workspace.is_active:
        return "closed"
    return "expired" if invitation.expires_at <= clock.now() else ""


def join_page(
    request: HttpRequest, invitation: Invitation, context: dict[str, object], status: int = 200
) -> HttpResponse:
    """The page of an invitation in one of its forms."""
    shared = {"invitation": invitation, "joining": invitation.workspace}
    return render(request, "tenancy/join.html", shared | context, status=status)


def join_url_of(request: HttpRequest) -> Callable[[str], str]:
    """How a token becomes an address people can click in a mail."""
    return lambda token: request.build_absolute_uri(reverse("entrance:join", args=[token]))


def invitations_answer(
    request: WorkspaceRequest, form: InvitationForm | None = None, problem: str = ""
) -> HttpResponse:
    """After a write: the invitations for htmx, a redirect otherwise; a refusal keeps what was typed."""
    refused = form is not None or bool(problem)
    if not refused and not request.htmx:
        return redirect(f"{reverse('tenancy:members', args=[request.workspace.slug])}#invitations")
    context = invitations_context(request, form) | {"invitation_problem": problem}
    if not request.htmx:
        context |= list_context(request)
    status = 422 if refused else 200
    return settings_page(
        request, "tenancy/members.html", "tenancy:members", context, partial="!invitations", status=status
    )
