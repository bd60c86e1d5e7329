"""Profiles: addresses below /o/<organisation>/."""

from django.urls import path

from programs.profiles import views

urlpatterns = [
    path("me/shown/", views.my_profile, name="my_profile"),
    path("profiles/<uuid:member_id>/", views.profile, name="profile"),
]
