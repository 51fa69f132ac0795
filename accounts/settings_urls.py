"""Addresses of the settings that accounts add."""

from django.urls import path

from .views import settings

app_name = "account_settings"
urlpatterns = [
    path("fields/", settings.fields, name="fields"),
    path("fields/add/", settings.add, name="add_field"),
    path("fields/<uuid:field>/", settings.field, name="field"),
    path("fields/<uuid:field>/retire/", settings.retire, name="retire_field"),
    path("fields/<uuid:field>/restore/", settings.restore, name="restore_field"),
    path("field-owners/", settings.owners, name="owners"),
]
