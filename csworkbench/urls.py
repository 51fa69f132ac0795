"""Addresses. Every workspace page stands below ``/w/<slug>/``; apps are named here by string only."""

from django.urls import include, path

from csworkbench.common import views

workspace_patterns = [
    path("", include("priorities.urls")),
    path("accounts/", include("accounts.urls")),
    path("playbooks/", include("playbooks.urls")),
    path("imports/", include("csworkbench.imports.urls")),
    path("settings/", include("csworkbench.tenancy.urls")),
    path("settings/", include("accounts.settings_urls")),
    path("settings/", include("csworkbench.integrations.urls")),
]

urlpatterns = [
    path("healthz", views.alive, name="healthz"),
    path("readyz", views.ready, name="readyz"),
    path("auth/", include("allauth.urls")),
    path("", include("csworkbench.tenancy.entrance_urls")),
    # Other systems: a token instead of a session, so the middleware opens no workspace here.
    path("api/w/<slug:slug>/usage/", include("accounts.usage.api_urls")),
    path("w/<slug:workspace>/", include(workspace_patterns)),
]

handler404 = "csworkbench.common.views.not_found"
handler403 = "csworkbench.common.views.forbidden"
