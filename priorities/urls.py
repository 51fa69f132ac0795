"""Addresses of the queue."""

from django.urls import path

from .views import act, panel, queue, setup, team

app_name = "priorities"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("queue/of/<uuid:member>/", queue.queue_of_member, name="queue_of"),
    path("queue/account/<uuid:account>/", panel.account_panel, name="account_panel"),
    path("queue/undo/", act.undo, name="undo"),
    path("queue/add/", act.add, name="add_task"),
    path("queue/<uuid:task>/", queue.drawer, name="drawer"),
    path("queue/<uuid:task>/complete/", act.complete, name="complete"),
    path("queue/<uuid:task>/log/", act.log, name="log"),
    path("queue/<uuid:task>/note/", act.note, name="note"),
    path("queue/<uuid:task>/snooze/", act.snooze, name="snooze"),
    path("queue/<uuid:task>/hand-over/", act.hand_over, name="hand_over"),
    path("setup/", setup.setup, name="setup"),
    path("team/", team.team, name="team"),
]
