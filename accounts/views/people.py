"""The people at an account."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from .. import services
from ..forms import ContactForm
from ..models import Contact
from .page import WRITERS, account_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*WRITERS)
def contact(request: WorkspaceRequest, workspace: str, account: UUID, contact: UUID | None = None) -> HttpResponse:
    """Add or correct a contact."""
    found = account_or_404(request, account)
    person = Contact(workspace=request.workspace, account=found)
    if contact is not None:
        person = get_or_404(Contact.objects.filter(account=found), request.workspace, contact)
        person.account = found
    form = ContactForm(request.POST or None, instance=person, region=request.workspace.phone_region)
    if request.method == "POST" and form.is_valid():
        services.save_contact(contact=form.save(commit=False), fields=form.changed_data)
        messages.success(request, "Saved.")
        return redirect("accounts:detail", workspace=workspace, account=found.pk)
    title = f"Edit {person.name}" if contact else "Add a contact"
    context = {"form": form, "account": found, "title": title, "nav": "accounts"}
    return render_page(request, "accounts/edit.html", context, status=422 if form.errors else 200)
