"""Joining, people, settings: addresses below /o/<organisation>/, and public doors."""

from django.urls import URLPattern

app_name = "accounts"

urlpatterns: list[URLPattern] = []
public_urlpatterns: list[URLPattern] = []
