"""Addresses by which other systems bring usage."""

from django.urls import path

from . import api

app_name = "usage_api"
urlpatterns = [
    path("", api.receive, name="receive"),
    path("<uuid:drop>/", api.report, name="report"),
]
