"""Addresses of imports."""

from django.urls import path

from .views import catalogue, decisions, downloads, history, page

app_name = "imports"
urlpatterns = [
    path("", history.import_list, name="list"),
    path("export/", history.export, name="export_list"),
    path("upload/", history.upload, name="upload"),
    path("kinds/", catalogue.kinds, name="kinds"),
    path("kinds/<slug:kind>/", catalogue.kind, name="kind"),
    path("template/<slug:kind>/", catalogue.template, name="template"),
    path("<uuid:pk>/", page.detail, name="detail"),
    path("<uuid:pk>/table/", decisions.table, name="table"),
    path("<uuid:pk>/columns/", decisions.columns, name="columns"),
    path("<uuid:pk>/fix/", decisions.fix, name="fix"),
    path("<uuid:pk>/unfix/", decisions.unfix, name="unfix"),
    path("<uuid:pk>/crm/", decisions.crm, name="crm"),
    path("<uuid:pk>/approve/", decisions.approve, name="approve"),
    path("<uuid:pk>/pause/", decisions.pause, name="pause"),
    path("<uuid:pk>/resume/", decisions.resume, name="resume"),
    path("<uuid:pk>/cancel/", decisions.cancel, name="cancel"),
    path("<uuid:pk>/undo/", decisions.undo, name="undo"),
    path("<uuid:pk>/rejects/", downloads.rejects, name="rejects"),
    path("<uuid:pk>/export/", downloads.export, name="export"),
    path("<uuid:pk>/prepare/", downloads.prepare, name="prepare"),
]
