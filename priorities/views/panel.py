"""The panel an account page loads by address: its priority explained and its open tasks."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.facts import context_for
from accounts.models import Account
from accounts.queries import fact_values
from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page
from playbooks.queries import open_tasks_of_account

from ..explain import explain, facts_needed
from ..queries import due_of
from .queue import WRITERS


@require_safe
@member_required()
def account_panel(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """A fragment for htmx, a page of its own without."""
    accounts = Account.objects.select_related("priority", "figures")
    found = get_or_404(accounts, request.workspace, account)
    facts = context_for(request.workspace)
    values = fact_values([found.pk], facts_needed([found.priority], []), facts)[found.pk]
    tasks = list(open_tasks_of_account(found))
    context = {
        "account": found,
        "explanation": explain(found.priority, values, facts),
        "computed_at": request.workspace.computed_at,
        "tasks": [(task, due_of(task.due_on, facts.today)) for task in tasks],
        "today": facts.today,
        "may_write": request.member.has_role(*WRITERS),
        "nav": "accounts",
    }
    return render_page(request, "priorities/account_panel.html", context, partial="!panel")
