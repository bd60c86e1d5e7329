"""Recognition: addresses below /o/<organisation>/, and a certificate's public address."""

from django.urls import path

from feedback.recognition import views

urlpatterns = [
    path("recognition/", views.recognition, name="recognition"),
    path(
        "cohorts/<uuid:cohort_id>/recognition/", views.cohort_recognition, name="cohort_recognition"
    ),
    path(
        "cohorts/<uuid:cohort_id>/celebrations/",
        views.cohort_celebrations,
        name="cohort_celebrations",
    ),
    path(
        "partnerships/<uuid:partnership_id>/celebrations/", views.celebrations, name="celebrations"
    ),
    path("certificates/<uuid:certificate_id>/", views.certificate, name="certificate"),
    path(
        "certificates/<uuid:certificate_id>/certificate.pdf",
        views.certificate_pdf,
        name="certificate_pdf",
    ),
    path(
        "certificates/<uuid:certificate_id>/competencies/",
        views.show_competencies,
        name="show_competencies",
    ),
    path(
        "certificates/<uuid:certificate_id>/revoke/",
        views.revoke_certificate,
        name="revoke_certificate",
    ),
]

public_urlpatterns = [path("certificates/<str:key>/", views.verify, name="verify_certificate")]
