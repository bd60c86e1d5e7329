"""Long work: addresses below /o/<organisation>/, and public doors."""

from django.urls import URLPattern

app_name = "jobs"

urlpatterns: list[URLPattern] = []
public_urlpatterns: list[URLPattern] = []
