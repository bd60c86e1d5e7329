"""Figures, reports, exports: addresses below /o/<organisation>/, and public doors."""

from django.urls import URLPattern

app_name = "metrics"

urlpatterns: list[URLPattern] = []
public_urlpatterns: list[URLPattern] = []
