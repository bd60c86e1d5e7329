"""Sessions, the season, calendars: addresses below /o/<organisation>/, and public doors."""

from django.urls import URLPattern

app_name = "sessions"

urlpatterns: list[URLPattern] = []
public_urlpatterns: list[URLPattern] = []
