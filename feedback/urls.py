"""Surveys and what was said: addresses below /o/<organisation>/, and public ones.

What is a subject of its own has its addresses in its own folder.
"""

from django.urls import path

from feedback import views
from feedback.after_session import urls as after_session
from feedback.assessments import urls as assessments
from feedback.builder import urls as builder
from feedback.concerns import urls as concerns
from feedback.journal import urls as journal
from feedback.recognition import urls as recognition
from feedback.review import urls as review
from feedback.surveys import at_once
from feedback.surveys.check_in import AT_ONCE
from feedback.surveys.table import SURVEYS
from feedback.testimonials import urls as testimonials
from feedback.voice import urls as voice

app_name = "feedback"

# /o/<organisation>/
urlpatterns = [
    *(path(survey.address, survey.signed_in, name=survey.name) for survey in SURVEYS),
    path("check-ins/", at_once.signed_in, name="check_ins"),
    path("notes/", views.notes, name="notes"),
    path("cohorts/<uuid:cohort_id>/leaving/", views.leaving, name="leaving"),
    path("cohorts/<uuid:cohort_id>/ending/", views.cohort_ending, name="cohort_ending"),
    path("cohorts/<uuid:cohort_id>/check-ins/", views.cohort_check_ins, name="cohort_check_ins"),
    *after_session.urlpatterns,
    *assessments.urlpatterns,
    *builder.urlpatterns,
    *concerns.urlpatterns,
    *journal.urlpatterns,
    *recognition.urlpatterns,
    *review.urlpatterns,
    *testimonials.urlpatterns,
    *voice.urlpatterns,
]

# no sign-in: signed links below /l/, a nameless concern below /c/, a certificate's address
public_urlpatterns = [
    path(f"l/{AT_ONCE}/<str:token>/", at_once.by_link, name="check_ins"),
    *(
        path(f"l/{survey.purpose}/<str:token>/", survey.by_link, name=survey.name)
        for survey in SURVEYS
    ),
    *concerns.public_urlpatterns,
    *recognition.public_urlpatterns,
]
