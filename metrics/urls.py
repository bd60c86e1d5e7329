"""Figures, reports, exports: addresses below /o/<organisation>/, and public links."""

from django.urls import URLPattern, URLResolver, include, path

from metrics import views

app_name = "metrics"

# insights/
insight_urls: list[URLPattern] = [
    path("", views.insights, name="insights"),
    path("definitions/", views.definitions, name="definitions"),
    path("definitions/<slug:key>/", views.figure_definition, name="definition"),
]
# cohorts/<cohort_id>/
cohort_urls: list[URLPattern] = [
    path("report/", views.cohort_report, name="report"),
    path("report.csv", views.report_csv, name="report_csv"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("insights/", include(insight_urls)),
    path("cohorts/<uuid:cohort_id>/", include(cohort_urls)),
]
public_urlpatterns: list[URLPattern | URLResolver] = []
