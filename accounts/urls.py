"""Addresses of accounts."""

from django.urls import path

from .views import edit, lists, opportunities, page, people

app_name = "accounts"
urlpatterns = [
    path("", lists.account_list, name="list"),
    path("export/", lists.export, name="export"),
    path("<uuid:account>/", page.detail, name="detail"),
    path("<uuid:account>/log/", page.log, name="log"),
    path("<uuid:account>/note/", page.note, name="note"),
    path("<uuid:account>/health/", page.health, name="health"),
    path("<uuid:account>/edit/", edit.edit, name="edit"),
    path("<uuid:account>/contacts/add/", people.contact, name="add_contact"),
    path("<uuid:account>/contacts/<uuid:contact>/", people.contact, name="edit_contact"),
    path("<uuid:account>/opportunities/add/", opportunities.opportunity, name="add_opportunity"),
    path("<uuid:account>/opportunities/<uuid:opportunity>/", opportunities.opportunity, name="edit_opportunity"),
]
