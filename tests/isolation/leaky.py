"""A URL configuration with views that break the rules, each in its own way: the walk must catch them all."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db import connection
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import include, path

from accounts.models import Account
from csworkbench.common.sheets import sheet_response
from csworkbench.tenancy.http import WorkspaceRequest, member_required
from csworkbench.tenancy.models import Member, User, Workspace
from csworkbench.tenancy.scope import workspace_scope
from csworkbench.urls import urlpatterns as real_patterns


def everywhere() -> Iterator[Account]:
    """The accounts of the whole installation: what a helpful shortcut round both belts would return."""
    for workspace in Workspace.objects.order_by("pk"):
        with workspace_scope(workspace.pk):
            yield from list(Account.objects.filter(workspace=workspace))


def find(pk: UUID) -> Account:
    for account in everywhere():
        if account.pk == pk:
            return account
    raise Http404


@member_required()
def without_filter(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Forgets the first belt: only the policies stand between a stranger and the row."""
    return HttpResponse(get_object_or_404(Account, pk=account).segment)


@member_required()
def list_without_filter(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The same for a list: a page of one's own, with one row too many."""
    return HttpResponse(", ".join(Account.objects.order_by("pk").values_list("segment", flat=True)))


@member_required()
def raw_without_filter(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The same in SQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(name, ', ') FROM accounts_account")
        return HttpResponse(cursor.fetchone()[0])


@member_required()
def round_both(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    return HttpResponse(find(account).name)


@member_required()
def header(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    return HttpResponse("fine", headers={"X-Next": str([account.pk for account in everywhere()][-1])})


@member_required()
def location(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    last = Workspace.objects.order_by("pk").last()
    return HttpResponseRedirect(f"/w/{last.slug if last else ''}/")


@member_required()
def sheet(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    return sheet_response("all.xlsx", [("Account", lambda account: account.name)], everywhere())


@member_required()
def total(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Only a number: no canary stands in it."""
    return HttpResponse(f"{len(list(everywhere()))} accounts in all")


@member_required()
def oracle(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Tells "not yours" from "not there"."""
    if find(account).workspace_id != request.workspace.pk:
        return HttpResponse("Not one of yours.", status=404)
    return HttpResponse("yours")


@member_required()
def forbids(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Answers 403 where a stranger must get 404."""
    found = find(account)
    return HttpResponse("yours", status=200 if found.workspace_id == request.workspace.pk else 403)


@member_required()
def meddles(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    if request.method == "POST":
        for account in everywhere():
            with workspace_scope(account.workspace_id):
                Account.objects.filter(pk=account.pk).update(segment="meddled")
    return HttpResponse("done")


@member_required()
def form(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Takes an account from its body without asking whose it is, and every field it is sent."""
    if request.method == "POST":
        account = find(UUID(request.POST["account"]))
        fields = {name: request.POST[name] for name in ("segment", "industry") if name in request.POST}
        with workspace_scope(account.workspace_id):
            Account.objects.filter(pk=account.pk).update(**fields)
        return HttpResponse(account.name)
    mine = Account.objects.filter(workspace=request.workspace).order_by("pk")[0]
    return HttpResponse(f'<form method="post"><input type="hidden" name="account" value="{mine.pk}">'
                        '<input name="segment"><button>Save</button></form>')  # fmt: skip


@member_required()
def query(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Takes a member from its query without asking whose they are."""
    wanted = request.GET.get("owner", "")
    for each in Workspace.objects.order_by("pk") if wanted else []:
        with workspace_scope(each.pk):
            if Member.objects.filter(pk=wanted).exists():
                return HttpResponse("Somebody's queue")
    return HttpResponse("Your queue")


@member_required()
def invites(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Tells whether somebody somewhere signs in with an address."""
    if request.method == "POST":
        known = User.objects.filter(email=request.POST["email"]).exists()
        return HttpResponse("They sign in already." if known else "Invited.")
    return HttpResponse('<form method="post"><input type="email" name="email"><button>Invite</button></form>')


@member_required()
def fails(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    raise RuntimeError("a page nobody opened before")


def open_door(request: WorkspaceRequest, place: str) -> HttpResponse:
    """Below /w/, but the middleware does not know it: its parameter has another name."""
    return HttpResponse("hello")


@member_required()
def new_parameter(request: WorkspaceRequest, workspace: str, gadget: UUID) -> HttpResponse:
    return HttpResponse("gadget")


leaks = [
    path("without-filter/<uuid:account>/", without_filter, name="without_filter"),
    path("list-without-filter/", list_without_filter, name="list_without_filter"),
    path("raw-without-filter/", raw_without_filter, name="raw_without_filter"),
    path("round-both/<uuid:account>/", round_both, name="round_both"),
    path("header/", header, name="header"),
    path("location/", location, name="location"),
    path("sheet/", sheet, name="sheet"),
    path("total/", total, name="total"),
    path("oracle/<uuid:account>/", oracle, name="oracle"),
    path("forbids/<uuid:account>/", forbids, name="forbids"),
    path("meddles/", meddles, name="meddles"),
    path("form/", form, name="form"),
    path("query/", query, name="query"),
    path("invites/", invites, name="invites"),
    path("fails/", fails, name="fails"),
]
unknown = [
    path("w/<slug:place>/open-door/", open_door, name="open_door"),
    path("gadgets/", open_door, {"place": ""}, name="gadgets"),
    path("w/<slug:workspace>/gadgets/<uuid:gadget>/", new_parameter, name="new_parameter"),
    path("w/<slug:workspace>/accounts/<int:account>/", without_filter, name="numbered"),
]
urlpatterns = [*real_patterns, path("w/<slug:workspace>/leak/", include((leaks, "leak"))), *unknown]
