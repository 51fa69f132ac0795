"""Before a workspace: the front door, choosing a workspace, the colour theme."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..adapter import set_theme_cookie
from ..forms import ThemeForm
from ..http import WorkspaceRequest, member_required
from ..models import Member, User
from ..queries import memberships_of
from ..scope import user_scope
from ..services import remember_workspace


@never_cache
@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The workspace used last, or the only one, or the choice."""
    user = signed_in(request)
    mine = own_memberships(user)
    last = [member for member in mine if member.workspace_id == user.last_workspace_id]
    if last or len(mine) == 1:
        return redirect("priorities:queue", (last or mine)[0].workspace.slug)
    return redirect("entrance:workspaces")


@never_cache
@require_safe
@login_required
def workspaces(request: HttpRequest) -> HttpResponse:
    """The workspaces of the user; for someone who belongs to none, what to do about it."""
    user = signed_in(request)
    context = {"choices": own_memberships(user), "last_id": user.last_workspace_id}
    return render(request, "tenancy/workspaces.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required()
def switch(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Go to the queue of a workspace, and make it the one to land in after signing in.

    A link counts when it was followed on one of our own pages, which the browser vouches for: no other site, and
    nothing that fetches ahead, can change anything by it (T11).
    """
    if request.method == "POST" or request.headers.get("Sec-Fetch-Site") == "same-origin":
        remember_workspace(user=request.user, workspace=request.workspace)
    return redirect("priorities:queue", request.workspace.slug)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or the system's choice, kept in this browser and for the user's next one."""
    form = ThemeForm(request.POST)
    response = redirect(back_url(request))
    if form.is_valid():
        chosen = form.cleaned_data["theme"]
        set_theme_cookie(response, chosen)
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(theme=chosen)
    return response


def own_memberships(user: User) -> list[Member]:
    """The active memberships of the user, read under the user's own scope."""
    with user_scope(user.pk):
        return memberships_of(user.pk)


def signed_in(request: HttpRequest) -> User:
    """The user of a request behind ``login_required``."""
    if not isinstance(request.user, User):
        raise TypeError("only behind login_required")
    return request.user


def back_url(request: HttpRequest) -> str:
    """Where the form says it came from, if that is here."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/"
