"""Figures, reports, exports: addresses below /o/<organisation>/, and public links."""

from django.urls import URLPattern, URLResolver, include, path

from metrics import views
from metrics.fit import views as fit
from metrics.impact import views as impact

app_name = "metrics"

# insights/
insight_urls: list[URLPattern] = [
    path("", views.insights, name="insights"),
    path("compare/", views.compare, name="compare"),
    path("compare.csv", views.compare_csv, name="compare_csv"),
    path("definitions/", views.definitions, name="definitions"),
    path("definitions/<slug:key>/", views.figure_definition, name="definition"),
]
# insights/impact/
impact_urls: list[URLPattern] = [
    path("", impact.impact_page, name="impact"),
    path("impact.csv", impact.impact_csv, name="impact_csv"),
    path("programs/<uuid:program_id>/compare/", impact.compare_program, name="compare_program"),
    path("records/new/", impact.new_record_import, name="new_record_import"),
    path("records/<uuid:record_import_id>/", impact.record_import, name="record_import"),
    path("records/<uuid:record_import_id>/map/", impact.map_records, name="map_records"),
    path("records/<uuid:record_import_id>/apply/", impact.apply_records, name="apply_records"),
    path("records/<uuid:record_import_id>/undo/", impact.undo_records, name="undo_records"),
]
# insights/matching/
fit_urls: list[URLPattern] = [
    path("", fit.fit_page, name="fit"),
    path("programs/<uuid:program_id>/look/", fit.look_at_program, name="look_at_fit"),
]
# to-do/
todo_urls: list[URLPattern] = [
    path("", views.todo, name="todo"),
    path("<slug:reason>/<uuid:about_id>/", views.todo_item, name="todo_item"),
    path("<slug:reason>/<uuid:about_id>/<uuid:person_id>/", views.todo_item, name="todo_item"),
]
# cohorts/<cohort_id>/
cohort_urls: list[URLPattern] = [
    path("report/", views.cohort_report, name="report"),
    path("report/trends/", views.trends, name="trends"),
    path("report/contact/", views.contact, name="contact"),
    *(
        path(f"report/<slug:key>.{form}", views.chart, {"form": form}, name=f"chart_{form}")
        for form in ("csv", "xlsx", "png")
    ),
    path("report.csv", views.report_csv, name="report_csv"),
    path("report/printed/", views.printed, name="printed"),
    path("report/printed.pdf", views.printed_file, name="printed_file"),
    path("report/readers/", views.add_reader, name="add_reader"),
    path("report/readers/<uuid:reader_id>/stop/", views.remove_reader, name="remove_reader"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("insights/", include(insight_urls)),
    path("insights/impact/", include(impact_urls)),
    path("insights/matching/", include(fit_urls)),
    path("to-do/", include(todo_urls)),
    path("cohorts/<uuid:cohort_id>/", include(cohort_urls)),
]
public_urlpatterns: list[URLPattern | URLResolver] = []
