"""Lists as files: addresses below /o/<organisation>/."""

from django.urls import URLPattern, path

from mentoring.exports import views

app_name = "exports"

# exports/
urlpatterns: list[URLPattern] = [
    path("exports/", views.exports, name="exports"),
    path("exports/columns.csv", views.columns, name="columns"),
    path("exports/<uuid:job_id>/", views.file, name="file"),
]
public_urlpatterns: list[URLPattern] = []
