"""The settings page of API tokens, for admins."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.frame import answered, refuse, settings_page
from csworkbench.tenancy.http import WorkspaceRequest, member_required

from . import services
from .forms import TokenForm
from .models import ApiToken
from .scopes import all_scopes


@require_safe
@member_required("admin")
def tokens(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The tokens of the workspace, running ones first."""
    return tokens_page(request)


@require_POST
@member_required("admin")
def create(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Make a token. Its secret is in this answer and never again, so there is no redirect to forget it on."""
    form = TokenForm(request.POST)
    if form.is_valid():
        try:
            token, secret = services.create_token(actor=request.member, **form.cleaned_data)
        except ValidationError as error:
            refuse(form, error)
        else:
            response = tokens_page(request, made=token, secret=secret)
            response.headers["Cache-Control"] = "no-store"
            return response
    return tokens_page(request, form, status=422)


@require_POST
@member_required("admin")
def revoke(request: WorkspaceRequest, workspace: str, token: UUID) -> HttpResponse:
    """End a token."""
    found = get_or_404(ApiToken.objects.all(), request.workspace, token)
    changed = services.revoke_token(actor=request.member, token=found)
    answered(request, f"{found.name} is revoked. Requests with it are refused from now on.", changed=changed)
    return tokens_page(request) if request.htmx else redirect("integrations:tokens", workspace)


def tokens_page(
    request: WorkspaceRequest,
    form: TokenForm | None = None,
    *,
    made: ApiToken | None = None,
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    labels = {scope.key: scope.label for scope in all_scopes()}
    today = request.workspace.today
    rows = [
        {
            "token": token,
            "scopes": [labels.get(key, key) for key in token.scopes],
            "is_expired": token.expires_on is not None and token.expires_on < today,
        }
        for token in ApiToken.objects.filter(workspace=request.workspace)
        .select_related("author", "revoked_by")
        .order_by("-created_at")
    ]
    context = {
        "running": [row for row in rows if row["token"].revoked_at is None],  # type: ignore[attr-defined]
        "revoked": [row for row in rows if row["token"].revoked_at is not None],  # type: ignore[attr-defined]
        "form": form or TokenForm(),
        "made": made,
        "secret": secret,
    }
    template, tab = "integrations/tokens.html", "integrations:tokens"
    return settings_page(request, template, tab, context, partial="tokens", status=status)
