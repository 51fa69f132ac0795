"""Addresses outside any workspace."""

from django.urls import path

from .views import entrance, invitations

app_name = "entrance"
urlpatterns = [
    path("", entrance.home, name="home"),
    path("workspaces/", entrance.workspaces, name="workspaces"),
    path("join/<str:token>/", invitations.join, name="join"),
    path("theme/", entrance.theme, name="theme"),
]
