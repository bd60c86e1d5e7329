"""The specimen page of all components."""

from __future__ import annotations

from django.urls import path

from core.ui import views

app_name = "design"

# /kit/
urlpatterns = [path("", views.kit, name="kit")]
