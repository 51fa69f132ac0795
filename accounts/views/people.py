"""The people at an account: all of them with their attempts, and adding or correcting one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from csworkbench.common.pages import page_of
from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.frame import lost_race, refuse
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..models import Account, Contact
from ..people.forms import ContactForm, PeopleFilter
from ..people.queries import contacts_of, filtered, people_of
from ..people.services import hold_account, save_contact
from .page import WRITERS, account_or_404

PAGE_SIZE = 100
# So many stand on the account page; the others are one link away.
CARD_SIZE = 12


@require_safe
@member_required()
def people(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Everybody at an account, by area; filters stand in the address."""
    found = account_or_404(request, account)
    form = PeopleFilter(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    everybody = contacts_of(found, request.workspace)
    page = page_of(filtered(everybody, chosen), request.GET.get("page"), size=PAGE_SIZE)
    kept = {key: value for key, value in chosen.items() if value}
    context = {
        "account": found,
        "form": form if form.is_bound else PeopleFilter(),
        "page": page,
        "query": "".join(f"{key}={value}&" for key, value in kept.items()),
        "is_filtered": bool(kept),
        "people": people_of(found, request.workspace, list(page), area=chosen.get("area", "")),
        "may_write": request.member.has_role(*WRITERS),
        "nav": "accounts",
    }
    return render_page(request, "accounts/people.html", context, partial="everybody")


@require_safe
@member_required()
def people_panel(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """The first people of an account as a panel of its page: who decides, whom to call, whether they answer."""
    found = get_or_404(Account.objects.all(), request.workspace, account)
    contacts = list(contacts_of(found, request.workspace))
    context = {
        "account": found,
        "people": people_of(found, request.workspace, contacts[:CARD_SIZE]),
        "count": len(contacts),
        "may_write": request.member.has_role(*WRITERS),
        "nav": "accounts",
    }
    return render_page(request, "accounts/people_panel.html", context, partial="!people")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*WRITERS)
def contact(request: WorkspaceRequest, workspace: str, account: UUID, contact: UUID | None = None) -> HttpResponse:
    """Add or correct a contact; whoever was slower than somebody else looks at them as they are now."""
    found = account_or_404(request, account)
    if request.method == "POST":
        hold_account(found)
    person = contact_or_404(request, found, contact)
    form = ContactForm(request.POST or None, instance=person, region=request.workspace.phone_region)
    if request.method == "POST" and form.is_stale:
        return lost_race(request, lambda: contact_page(request, fresh_form(request, found, contact), status=409))
    if request.method == "POST" and form.is_valid():
        try:
            save_contact(actor=request.member, contact=form.save(commit=False), fields=form.changed_columns)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect("accounts:detail", workspace=workspace, account=found.pk)
    return contact_page(request, form, status=422 if form.errors else 200)


def contact_or_404(request: WorkspaceRequest, account: Account, pk: UUID | None) -> Contact:
    """A contact of an account, or a new one."""
    if pk is None:
        return Contact(workspace=request.workspace, account=account, validity_source="", dnc_reason="", lms_user_id="")
    person = get_or_404(Contact.objects.filter(account=account), request.workspace, pk)
    person.account = account
    return person


def fresh_form(request: WorkspaceRequest, account: Account, pk: UUID | None) -> ContactForm:
    """The form of a contact as it stands."""
    return ContactForm(instance=contact_or_404(request, account, pk), region=request.workspace.phone_region)


def contact_page(request: WorkspaceRequest, form: ContactForm, *, status: int = 200) -> HttpResponse:
    """The form of a contact."""
    person: Any = form.instance
    title = "Add a contact" if person._state.adding else f"Edit {form.shown_name}"
    context = {"form": form, "account": person.account, "title": title, "nav": "accounts"}
    return render_page(request, "accounts/edit.html", context, status=status)
