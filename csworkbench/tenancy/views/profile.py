"""A member's own page: name, time zone, theme, and the way to the sign-in settings."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from ..forms import ProfileForm, ThemeForm
from ..frame import answered, settings_page
from ..http import WorkspaceRequest, member_required
from ..services import update_profile
from ..two_step import second_steps_of


@require_http_methods(["GET", "HEAD", "POST"])
@member_required()
def profile(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The signed-in member's own data in this workspace."""
    form = ProfileForm(request.POST or None, member=request.member, workspace=request.workspace)
    if request.method == "POST":
        if not form.is_valid():
            return profile_page(request, form, status=422)
        changed = update_profile(actor=request.member, **form.cleaned_data)
        answered(request, "Saved.", changed=changed)
        if not request.htmx:
            return redirect("tenancy:profile", request.workspace.slug)
        form = ProfileForm(member=request.member, workspace=request.workspace)
    return profile_page(request, form)


def profile_page(request: WorkspaceRequest, form: ProfileForm, status: int = 200) -> HttpResponse:
    """The page, or its form for htmx."""
    theme = request.COOKIES.get("theme", request.user.theme)
    context = {
        "form": form,
        "theme_form": ThemeForm(initial={"theme": theme if theme in {"light", "dark"} else "auto"}),
        "second_steps": second_steps_of(request.user),
    }
    return settings_page(
        request, "tenancy/profile.html", "tenancy:profile", context, partial="profile-form", status=status
    )
