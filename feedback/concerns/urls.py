"""Addresses of the concerns desk: below /o/<organisation>/, and without a sign-in."""

from django.urls import path

from feedback.concerns import public, views

urlpatterns = [
    path("concerns/", views.concerns, name="concerns"),
    path("concerns/new/", views.raise_concern, name="raise_concern"),
    path("concerns/<uuid:concern_id>/", views.concern, name="concern"),
    path("concerns/<uuid:concern_id>/step/", views.concern_step, name="concern_step"),
    path("concerns/<uuid:concern_id>/close/", views.close_concern, name="close_concern"),
    path("if-it-is-hard/", views.if_it_is_hard, name="if_it_is_hard"),
    path("settings/concerns/", views.desk, name="concerns_desk"),
    path("settings/concerns/handlers/", views.name_handler, name="name_concern_handler"),
    path(
        "settings/concerns/handlers/<uuid:handler_id>/remove/",
        views.remove_handler,
        name="remove_concern_handler",
    ),
    path("settings/concerns/link/", views.make_link, name="make_concern_link"),
    path("settings/concerns/link/revoke/", views.revoke_link, name="revoke_concern_link"),
]

public_urlpatterns = [
    path("c/status/", public.status, name="concern_status"),
    path("c/<str:key>/", public.raise_nameless, name="raise_nameless"),
]
