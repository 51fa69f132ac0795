"""Addresses of the settings that accounts add."""

from django.urls import path

from .views import goal_templates, growth_settings, questionnaire_settings, scorecards, settings, usage

app_name = "account_settings"
urlpatterns = [
    path("fields/", settings.fields, name="fields"),
    path("fields/add/", settings.add, name="add_field"),
    path("fields/<uuid:field>/", settings.field, name="field"),
    path("fields/<uuid:field>/retire/", settings.retire, name="retire_field"),
    path("fields/<uuid:field>/restore/", settings.restore, name="restore_field"),
    path("usage/", usage.drops, name="usage"),
    path("usage/<uuid:drop>/", usage.drop, name="drop"),
    path("usage/<uuid:drop>/rejects/", usage.rejects, name="drop_rejects"),
    path("field-owners/", settings.owners, name="owners"),
    path("questionnaires/", questionnaire_settings.questionnaires, name="questionnaires"),
    path("questionnaires/add/", questionnaire_settings.add, name="add_questionnaire"),
    path("questionnaires/<uuid:questionnaire>/", questionnaire_settings.questionnaire, name="questionnaire"),
    path("questionnaires/<uuid:questionnaire>/preview/", questionnaire_settings.preview, name="preview_questionnaire"),
    path("questionnaires/<uuid:questionnaire>/publish/", questionnaire_settings.publish, name="publish_questionnaire"),
    path("questionnaires/<uuid:questionnaire>/draft/", questionnaire_settings.draft, name="draft_questionnaire"),
    path("questionnaires/<uuid:questionnaire>/retire/", questionnaire_settings.retire, name="retire_questionnaire"),
    path("questionnaires/<uuid:questionnaire>/discard/", questionnaire_settings.discard, name="discard_questionnaire"),
    path("health/", scorecards.scorecards, name="health"),
    path("health/add/", scorecards.scorecard, name="add_scorecard"),
    path("health/<uuid:scorecard>/", scorecards.scorecard, name="scorecard"),
    path("health/<uuid:scorecard>/up/", scorecards.act, {"what": "up"}, name="scorecard_up"),
    path("health/<uuid:scorecard>/down/", scorecards.act, {"what": "down"}, name="scorecard_down"),
    path("health/<uuid:scorecard>/copy/", scorecards.act, {"what": "copy"}, name="copy_scorecard"),
    path("health/<uuid:scorecard>/activate/", scorecards.act, {"what": "activate"}, name="activate_scorecard"),
    path("health/<uuid:scorecard>/deactivate/", scorecards.act, {"what": "deactivate"}, name="deactivate_scorecard"),
    path("growth/", growth_settings.growth, name="growth"),
    path("growth/subtypes/add/", growth_settings.subtype, name="add_subtype"),
    path("growth/subtypes/<uuid:subtype>/", growth_settings.subtype, name="subtype"),
    path("growth/offers/add/", growth_settings.offer, name="add_offer"),
    path("growth/offers/<uuid:offer>/", growth_settings.offer, name="offer"),
    path("onboarding/", goal_templates.goals, name="onboarding"),
    path("onboarding/add/", goal_templates.add, name="add_onboarding_goal"),
    path("onboarding/<uuid:goal_template>/", goal_templates.goal, name="onboarding_goal"),
    path("onboarding/<uuid:goal_template>/retire/", goal_templates.retire, name="retire_onboarding_goal"),
    path("onboarding/<uuid:goal_template>/restore/", goal_templates.restore, name="restore_onboarding_goal"),
]
