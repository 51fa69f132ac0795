"""The renewal board, its forecast, and what is done with a renewal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from csworkbench.common import charts, words
from csworkbench.common.sheets import Column, sheet_response
from csworkbench.tenancy import hooks
from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.frame import LOST_RACE
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..models import RenewalOutcome, Subscription
from ..renewals import services
from ..renewals.board import Card, card_of, closed_lately, columns_of, renewing, with_totals
from ..renewals.forecast import Cell, Forecast, forecasts_of, kept_of
from ..renewals.forms import CloseForm, RenewalFilterForm, SteerForm
from ..renewals.months import month_called, months_from
from ..renewals.probability import BANDS, BANDS_WORDS, BY_HEALTH_WORDS
from .page import WRITERS

BOARD, CARD = "accounts/renewals.html", "accounts/renewal.html"


@require_safe
@member_required()
def board(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """What is overdue and the next twelve months as columns; with ``month`` one of them, from a card on."""
    form = RenewalFilterForm(request.GET, workspace=request.workspace)
    months = months_from(request.workspace.today)
    only = month_called(months, request.GET.get("month", ""))
    context = {
        "form": form,
        "query": urlencode(form.query),
        "columns": columns_of(request.workspace, form.wanted, only=only, start=_start(request) if only else 0),
        "only": only,
        "closed": closed_lately(request.workspace),
        "may_write": request.member.has_role(*WRITERS),
        "by_health": BY_HEALTH_WORDS,
        "nav": "renewals",
    }
    return render_page(request, BOARD, context, partial="board")


def _start(request: WorkspaceRequest) -> int:
    """The card from which a month is shown."""
    number = request.GET.get("from", "")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 0


@require_http_methods(["GET", "HEAD", "POST"])
@member_required()
def renewal(request: WorkspaceRequest, workspace: str, subscription: UUID) -> HttpResponse:
    """One card with everything known about it, and the form that steers it: stage, probability, decider, note."""
    card = card_or_404(request, subscription)
    back = request.POST.get("back", "") if request.method == "POST" else request.GET.urlencode()
    if request.method != "POST":
        form = SteerForm(card=card, auto_id="renewal_%s")
        return show_card(request, card, form, back)
    if not request.member.has_role(*WRITERS):
        raise PermissionDenied("Your role cannot do this here.")
    form = SteerForm(request.POST, card=card, auto_id="renewal_%s")
    if form.is_stale:
        return lost(request, card, back)
    if not form.is_valid():
        return show_card(request, card, form, back, status=422)
    try:
        services.steer_renewal(actor=request.member, card=card, seen=form.now, changes=form.changes)
    except services.Conflict:
        return lost(request, card_or_404(request, subscription), back)
    hooks.run_after_write(request.workspace)
    messages.success(request, f"Saved the renewal of {card.account.name}.")
    if not request.htmx:
        return redirect(f"{reverse('accounts:renewals', args=[workspace])}?{kept(back)}#card-{card.pk}")
    fresh = card_or_404(request, subscription)
    return show_card(request, fresh, SteerForm(card=fresh, auto_id="renewal_%s"), back, saved=True)


def card_or_404(request: WorkspaceRequest, pk: UUID) -> Card:
    """The card of a running subscription with a renewal date."""
    running = Subscription.objects.filter(ended_on__isnull=True, renews_on__isnull=False)
    card = card_of(request.workspace, get_or_404(running, request.workspace, pk))
    if card is None:
        raise ValueError("a running subscription with a date has a card")
    return card


def show_card(
    request: WorkspaceRequest, card: Card, form: SteerForm, back: str, *, status: int = 200, saved: bool = False
) -> HttpResponse:
    """The card as a page, or as the drawer of the board; after a save the board's own parts come along."""
    context: dict[str, Any] = {
        "card": card,
        "form": form,
        "back": kept(back),
        "may_write": request.member.has_role(*WRITERS),
        "by_health": BY_HEALTH_WORDS,
        "saved": saved,
        "nav": "renewals",
    }
    if saved:
        filters = RenewalFilterForm(QueryDict(kept(back)), workspace=request.workspace)
        months = months_from(request.workspace.today)
        columns = with_totals(renewing(request.workspace, months[-1].last, filters.wanted), months)
        context["column"] = next((each for each in columns if each.month.holds(card.renews_on)), None)
    return render_page(request, CARD, context, partial="!renewal", status=status)


def kept(back: str) -> str:
    """The filters of the board that a form stood on, and nothing else."""
    given = QueryDict(back[:400])
    names = (*RenewalFilterForm.base_fields, "month", "from")
    return urlencode({name: given[name] for name in names if given.get(name)})


def lost(request: WorkspaceRequest, card: Card, back: str) -> HttpResponse:
    """Somebody was faster: 409 with the renewal as it is now."""
    if not request.htmx:
        return render(request, "409.html", {"reason": LOST_RACE, "current_url": request.path}, status=409)
    messages.warning(request, f"{LOST_RACE} This is how it is now.")
    return show_card(request, card, SteerForm(card=card, auto_id="renewal_%s"), back, status=409)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*WRITERS)
def close(request: WorkspaceRequest, workspace: str, subscription: UUID) -> HttpResponse:
    """Close one renewal: renewed, for more or less, or lost."""
    running = Subscription.objects.filter(ended_on__isnull=True, renews_on__isnull=False)
    one = get_or_404(running.select_related("account", "product"), request.workspace, subscription)
    last = not services.running_beside(one)
    form = CloseForm(request.POST or None, subscription=one, last=last, today=request.workspace.today)
    if request.method == "POST" and form.is_stale:
        return render(request, "409.html", {"reason": LOST_RACE, "current_url": request.path}, status=409)
    if request.method == "POST" and form.is_valid():
        try:
            outcome = close_as(request, one, form.cleaned_data)
        except services.Conflict as conflict:
            return render(request, "409.html", {"reason": str(conflict), "current_url": request.path}, status=409)
        except services.Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, f"{outcome.get_result_display()}: {one.product.name} of {one.account.name}.")
            return redirect("accounts:renewals", workspace=workspace)
    context = {"form": form, "subscription": one, "account": one.account, "nav": "renewals"}
    return render_page(request, "accounts/close_renewal.html", context, status=422 if form.errors else 200)


def close_as(request: WorkspaceRequest, one: Subscription, data: dict[str, Any]) -> RenewalOutcome:
    """Call the service that fits the answer."""
    due_on = one.renews_on or request.workspace.today
    if data["outcome"] == "lost":
        return services.lose_subscription(
            actor=request.member,
            subscription=one,
            due_on=due_on,
            ended_on=data["ended_on"],
            reason=data["reason"],
            churned=data.get("churned", False),
        )
    return services.renew_subscription(
        actor=request.member,
        subscription=one,
        due_on=due_on,
        renews_on=data["renews_on"],
        mrr_minor=int(data["mrr"] * 100),
        service_tier=data["service_tier"],
    )


@require_POST
@member_required(*WRITERS)
def reopen(request: WorkspaceRequest, workspace: str, outcome: UUID) -> HttpResponse:
    """Take a close of today back."""
    found = get_or_404(RenewalOutcome.objects.select_related("account"), request.workspace, outcome)
    try:
        services.undo_outcome(actor=request.member, outcome=found)
    except services.Conflict as conflict:
        address = reverse("accounts:detail", args=[workspace, found.account_id])
        return render(request, "409.html", {"reason": str(conflict), "current_url": address}, status=409)
    messages.success(request, f"The renewal of {found.account.name} is open again.")
    return redirect("accounts:renewals", workspace=workspace)


@require_safe
@member_required()
def forecast(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """What is up for renewal and what is likely to come, by month, owner and band, each currency by itself."""
    form = RenewalFilterForm(request.GET, workspace=request.workspace)
    forecasts, _ = forecasts_of(request.workspace, form.wanted)
    context = {
        "form": form,
        "query": urlencode(form.query),
        "forecasts": [(one, chart_of(one)) for one in forecasts],
        "kept": kept_of(request.workspace, form.wanted),
        "bands": [label for _, label in BANDS],
        "bands_words": BANDS_WORDS,
        "by_health": BY_HEALTH_WORDS,
        "nav": "renewals",
    }
    return render_page(request, "accounts/renewal_forecast.html", context, partial="forecast")


def chart_of(one: Forecast) -> charts.Chart:
    """MRR up for renewal by month, each band a part of the bar."""
    tones = ("good", "", "bad")
    series = [
        charts.Series(label, [(month.short, amounts.bands[band] / 100) for month, amounts in one.months], tone)
        for (band, label), tone in zip(BANDS, tones, strict=True)
    ]
    return charts.bar_chart(
        title=f"MRR up for renewal ({one.currency})",
        series=series,
        stacked=True,
        say=lambda amount: words.money(round(amount * 100), one.currency),
        key=f"forecast-{one.currency.lower()}",
    )


@require_safe
@member_required()
def export(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The forecast as a spreadsheet that holds no formula: a row per month, owner and currency."""
    form = RenewalFilterForm(request.GET, workspace=request.workspace)
    _, cells = forecasts_of(request.workspace, form.wanted)
    months = months_from(request.workspace.today)
    columns: list[Column[Cell]] = [
        ("Month", lambda cell: months[cell.place].title),
        ("Owner", lambda cell: cell.name),
        ("Currency", lambda cell: cell.currency),
        ("Subscriptions", lambda cell: cell.amounts.subscriptions),
        ("MRR up for renewal", lambda cell: cell.amounts.mrr_minor / 100),
        ("Forecast", lambda cell: cell.amounts.forecast_minor / 100),
        ("Committed", lambda cell: cell.amounts.bands["committed"] / 100),
        ("Likely", lambda cell: cell.amounts.bands["likely"] / 100),
        ("At risk", lambda cell: cell.amounts.bands["at_risk"] / 100),
    ]
    return sheet_response(f"renewal-forecast-{request.workspace.today:%Y-%m-%d}.xlsx", columns, cells)
