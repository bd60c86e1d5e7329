"""Long work: addresses below /o/<organisation>/, and public links."""

from django.urls import URLPattern, path

from core.jobs import views

app_name = "jobs"

# /o/<org>/jobs/<job_id>/
urlpatterns: list[URLPattern] = [
    path("jobs/<uuid:job_id>/", views.job, name="job"),
    path("jobs/<uuid:job_id>/cancel/", views.cancel_job, name="cancel_job"),
]
public_urlpatterns: list[URLPattern] = []
