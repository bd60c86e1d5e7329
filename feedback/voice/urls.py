"""How a circle talks: addresses below /o/<organisation>/."""

from django.urls import path

from feedback.voice import views

urlpatterns = [
    path("partnerships/<uuid:partnership_id>/voices/", views.voices, name="voices"),
]
