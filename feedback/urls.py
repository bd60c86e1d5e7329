"""Check-ins, ratings, assessments: addresses below /o/<organisation>/, and public doors."""

from django.urls import URLPattern

app_name = "feedback"

urlpatterns: list[URLPattern] = []
public_urlpatterns: list[URLPattern] = []
