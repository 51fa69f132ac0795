"""Addresses of the settings that accounts add."""

from django.urls import path

from .views import goal_templates, settings

app_name = "account_settings"
urlpatterns = [
    path("fields/", settings.fields, name="fields"),
    path("fields/add/", settings.add, name="add_field"),
    path("fields/<uuid:field>/", settings.field, name="field"),
    path("fields/<uuid:field>/retire/", settings.retire, name="retire_field"),
    path("fields/<uuid:field>/restore/", settings.restore, name="restore_field"),
    path("field-owners/", settings.owners, name="owners"),
    path("onboarding/", goal_templates.goals, name="onboarding"),
    path("onboarding/add/", goal_templates.add, name="add_onboarding_goal"),
    path("onboarding/<uuid:goal_template>/", goal_templates.goal, name="onboarding_goal"),
    path("onboarding/<uuid:goal_template>/retire/", goal_templates.retire, name="retire_onboarding_goal"),
    path("onboarding/<uuid:goal_template>/restore/", goal_templates.restore, name="restore_onboarding_goal"),
]
