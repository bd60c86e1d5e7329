"""Programs, cohorts, enrolment, import: addresses below /o/<organisation>/, and public doors."""

from django.urls import URLPattern

app_name = "programs"

urlpatterns: list[URLPattern] = []
public_urlpatterns: list[URLPattern] = []
