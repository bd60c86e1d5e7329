from __future__ import annotations

from django.urls import path

from mentoring.design import views

app_name = "design"

# /kit/
urlpatterns = [path("", views.kit, name="kit")]
