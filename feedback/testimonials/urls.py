"""Testimonials: addresses below /o/<organisation>/."""

from django.urls import path

from feedback.testimonials import views

_COHORT = "cohorts/<uuid:cohort_id>/testimonials/"

urlpatterns = [
    path(_COHORT, views.people_say, name="people_say"),
    path(f"{_COHORT}mine/", views.own, name="own_testimonial"),
    path(f"{_COHORT}mine/revoke/", views.revoke, name="revoke_testimonial"),
    path(f"{_COHORT}report/", views.in_report, name="testimonials_in_report"),
    path(f"{_COHORT}join/", views.to_join, name="testimonials_to_join"),
    path(f"{_COHORT}<uuid:testimonial_id>/pick/", views.pick, name="pick_testimonial"),
    path(f"{_COHORT}<uuid:testimonial_id>/unpick/", views.unpick, name="unpick_testimonial"),
]
