"""Addresses of playbooks."""

from django.urls import path

from .views import gallery

app_name = "playbooks"
urlpatterns = [
    path("", gallery.gallery, name="list"),
    path("<uuid:playbook>/", gallery.detail, name="detail"),
    path("<uuid:playbook>/pause/", gallery.pause, name="pause"),
]
