"""Matching and partnerships: addresses below /o/<organisation>/, and public doors."""

from django.urls import URLPattern

app_name = "pairing"

urlpatterns: list[URLPattern] = []
public_urlpatterns: list[URLPattern] = []
