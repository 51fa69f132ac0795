"""Addresses of the settings that integrations add."""

from django.urls import path

from . import views

app_name = "integrations"
urlpatterns = [
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/create/", views.create, name="create_token"),
    path("tokens/<uuid:token>/revoke/", views.revoke, name="revoke_token"),
]
