"""The last letters that the SMTP sink has kept; only where DEBUG is on."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
