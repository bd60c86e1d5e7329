"""Surveys of a program's own: addresses below /o/<organisation>/."""

from django.urls import path

from feedback.builder import views

urlpatterns = [
    path("programs/<uuid:program_id>/surveys/", views.surveys, name="program_surveys"),
    path("programs/<uuid:program_id>/surveys/new/", views.new_survey, name="new_survey"),
    path("programs/<uuid:program_id>/surveys/copy/", views.copy_survey, name="copy_survey"),
    path("programs/<uuid:program_id>/surveys/add/", views.add_suggested, name="add_suggested"),
    path("cohorts/<uuid:cohort_id>/surveys/", views.cohort_surveys, name="cohort_surveys"),
    path(
        "cohorts/<uuid:cohort_id>/surveys/export/",
        views.cohort_surveys_csv,
        name="cohort_surveys_csv",
    ),
    path("built/<uuid:survey_id>/", views.built_survey, name="built_survey"),
    path("built/<uuid:survey_id>/edit/", views.edit_survey, name="edit_survey"),
    path("built/<uuid:survey_id>/start/", views.start_survey, name="start_survey"),
    path("built/<uuid:survey_id>/preview/", views.preview, name="preview_survey"),
    path("built/<uuid:survey_id>/bank/", views.bank, name="survey_bank"),
    path("built/<uuid:survey_id>/questions/new/", views.new_item, name="new_item"),
    path("built/<uuid:survey_id>/questions/<slug:item_key>/", views.edit_item, name="edit_item"),
    path(
        "built/<uuid:survey_id>/questions/<slug:item_key>/move/",
        views.move_item,
        name="move_item",
    ),
    path(
        "built/<uuid:survey_id>/questions/<slug:item_key>/remove/",
        views.remove_item,
        name="remove_item",
    ),
]
