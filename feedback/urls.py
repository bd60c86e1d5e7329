"""Surveys and what was said: addresses below /o/<organisation>/, and public links."""

from django.urls import path

from feedback import views
from feedback.surveys.table import SURVEYS

app_name = "feedback"

# /o/<organisation>/
urlpatterns = [
    *(path(survey.address, survey.signed_in, name=survey.name) for survey in SURVEYS),
    path("notes/", views.notes, name="notes"),
    path("cohorts/<uuid:cohort_id>/check-ins/", views.cohort_check_ins, name="cohort_check_ins"),
]

# /l/<purpose>/<token>/: signed links, no sign-in
public_urlpatterns = [
    path(f"l/{survey.purpose}/<str:token>/", survey.by_link, name=survey.name) for survey in SURVEYS
]
