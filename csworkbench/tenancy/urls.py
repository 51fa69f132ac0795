"""Addresses of the settings of a workspace."""

from django.urls import path

from .views import entrance, history, invitations, mail, members, profile, settings

app_name = "tenancy"
urlpatterns = [
    path("", settings.settings, name="settings"),
    path("switch/", entrance.switch, name="switch"),
    path("you/", profile.profile, name="profile"),
    path("members/", members.members, name="members"),
    path("members/export/", members.export, name="members_export"),
    path("members/<uuid:member>/", members.member, name="member"),
    path("members/<uuid:member>/deactivate/", members.deactivate, name="deactivate"),
    path("members/<uuid:member>/reactivate/", members.reactivate, name="reactivate"),
    path("invitations/", invitations.invite, name="invite"),
    path("invitations/<uuid:invitation>/resend/", invitations.resend, name="resend"),
    path("invitations/<uuid:invitation>/withdraw/", invitations.withdraw, name="withdraw"),
    path("holidays/", settings.holidays, name="holidays"),
    path("holidays/add/", settings.holiday_add, name="holiday_add"),
    path("holidays/add-federal/", settings.holiday_add_federal, name="holiday_add_federal"),
    path("holidays/<uuid:holiday>/remove/", settings.holiday_remove, name="holiday_remove"),
    path("mail/", mail.mail, name="mail"),
    path("mail/<uuid:mail>/retry/", mail.retry, name="mail_retry"),
    path("mail/<uuid:mail>/settle/", mail.settle, name="mail_settle"),
    path("history/", history.history, name="history"),
    path("history/export/", history.export, name="history_export"),
]
