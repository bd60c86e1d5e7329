"""What is read after a session: addresses below /o/<organisation>/."""

from django.urls import path

from feedback.after_session import views

urlpatterns = [
    path("sessions/<uuid:session_id>/feedback/", views.after_session, name="after_session"),
    path("sessions/<uuid:session_id>/last-turn/", views.last_turn, name="last_turn"),
    path("partnerships/<uuid:partnership_id>/ratings/", views.ratings, name="ratings"),
    path("feedback/turns/", views.turns_led, name="turns_led"),
]
