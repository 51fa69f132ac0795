"""Settings of subtypes and offers: what tells accounts apart, and what could be sold to whom (ACC-2, GRO-1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from accounts.conditions import in_words, validate
from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.frame import answered, lost_race, refuse, settings_page
from csworkbench.tenancy.http import WorkspaceRequest, member_required

from .. import building
from ..facts import context_for
from ..growth import services
from ..growth.forms import OfferForm, SubtypeForm
from ..models import Account, Candidate, Offer, Subtype

EDITORS = ("admin", "ops")
TAB = "account_settings:growth"
PREFIX = "c"


@require_safe
@member_required()
def growth(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Both lists, each row with its condition in words and how many accounts it holds for."""
    context = context_for(request.workspace)
    subtypes = list(Subtype.objects.filter(workspace=request.workspace))
    held = {
        f"many_{at}": Count("pk", filter=Q(figures__subtypes__contains=[one.key], subtypes_chosen=None)
                            | Q(subtypes_chosen__contains=[one.key]))
        for at, one in enumerate(subtypes)
    }  # fmt: skip
    counts = Account.objects.filter(workspace=request.workspace).aggregate(**held) if held else {}
    fitting = Count("candidates", filter=Q(candidates__state=Candidate.State.OPEN))
    offers = Offer.objects.filter(workspace=request.workspace).select_related("product").annotate(many=fitting)
    page = {
        "subtypes": [(one, _words(one.condition, context), counts[f"many_{at}"]) for at, one in enumerate(subtypes)],
        "offers": [(one, _words(one.condition, context)) for one in offers],
    }
    return settings_page(request, "accounts/growth/settings.html", TAB, page)


def _words(tree: Any, context: Any) -> str:
    if not tree:
        return "Only chosen by hand"
    return "Rests on a fact that is gone" if validate(tree) else in_words(tree, context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*EDITORS)
def subtype(request: WorkspaceRequest, workspace: str, subtype: UUID | None = None) -> HttpResponse:
    """Add a subtype, or change one."""
    one = Subtype(workspace=request.workspace, condition=None)
    if subtype is not None:
        one = get_or_404(Subtype.objects.all(), request.workspace, subtype)
    form = SubtypeForm(_saving(request), subtype=one)
    return _edit(request, one, form, "Subtype", may_be_empty=True)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*EDITORS)
def offer(request: WorkspaceRequest, workspace: str, offer: UUID | None = None) -> HttpResponse:
    """Add an offer, or change one."""
    one = Offer(workspace=request.workspace, condition=None)
    if offer is not None:
        one = get_or_404(Offer.objects.all(), request.workspace, offer)
    form = OfferForm(_saving(request), offer=one, workspace=request.workspace)
    return _edit(request, one, form, "Offer", may_be_empty=False)


def _saving(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _edit(
    request: WorkspaceRequest, one: Any, form: SubtypeForm | OfferForm, what: str, *, may_be_empty: bool
) -> HttpResponse:
    lines = building.lines_of(one.condition)
    if request.method != "POST":
        return _page(request, one, form, lines, what)
    lines = building.lines_from(request.POST, PREFIX, one.condition)
    moved = building.acted(lines, request.POST, PREFIX)
    if moved is not None:
        form.errors.clear()
        return _page(request, one, form, moved, what)
    if form.is_stale:
        fresh = type(one)._default_manager.get(workspace=request.workspace, pk=one.pk)
        again = (
            SubtypeForm(subtype=fresh)
            if isinstance(fresh, Subtype)
            else OfferForm(offer=fresh, workspace=request.workspace)
        )
        return lost_race(
            request, lambda: _page(request, fresh, again, building.lines_of(fresh.condition), what, status=409)
        )
    if form.is_valid() and not lines.errors:
        tree = lines.tree()
        if tree is None and not may_be_empty:
            form.add_error(None, "Say whom it fits: at least one line.")
        elif _saved(request, one, form, tree):
            answered(request, f"{one.name} saved. Accounts follow within seconds.")
            return redirect(TAB, request.workspace.slug)
    return _page(request, one, form, lines, what, status=422)


def _saved(request: WorkspaceRequest, one: Any, form: SubtypeForm | OfferForm, tree: Any) -> bool:
    for name, value in form.cleaned_data.items():
        if name != "seen":
            setattr(one, name, value)
    one.condition = tree
    if one._state.adding:
        taken = set(type(one)._default_manager.filter(workspace=request.workspace).values_list("key", flat=True))
        one.key = _key_for(one.name, taken)
    save = services.save_subtype if isinstance(one, Subtype) else services.save_offer
    try:
        save(actor=request.member, **{type(one).__name__.lower(): one})
    except ValidationError as error:
        refuse(form, error)
        return False
    return True


def _key_for(name: str, taken: set[str]) -> str:
    """A key that is free: it names a fact, so it stays when the name changes."""
    base = slugify(name)[:34] or "kind"
    return next(key for key in (base, *(f"{base}-{number}" for number in range(2, 1000))) if key not in taken)


def _page(
    request: WorkspaceRequest,
    one: Any,
    form: SubtypeForm | OfferForm,
    lines: building.Lines,
    what: str,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "one": one,
        "form": form,
        "what": what,
        "lines": lines,
        "prefix": PREFIX,
        "facts": building.choices_for(request.workspace),
        "operators": building.OPERATORS,
        "said": lines.words(context_for(request.workspace)),
        "most": building.MOST,
    }
    return settings_page(request, "accounts/growth/settings_one.html", TAB, context, status=status)
