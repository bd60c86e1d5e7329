"""How I lead, and the library of scales: addresses below /o/<organisation>/."""

from django.urls import path

from feedback.assessments import views

urlpatterns = [
    path("how-i-lead/", views.how_i_lead, name="how_i_lead"),
    path("how-i-lead/<uuid:enrolment_id>/", views.how_i_lead_in, name="how_i_lead_in"),
    path(
        "how-i-lead/<uuid:enrolment_id>/how-i-lead.pdf",
        views.how_i_lead_pdf,
        name="how_i_lead_pdf",
    ),
    path("scales/", views.scales, name="scales"),
    path("scales/new/", views.new_scale, name="new_scale"),
    path("scales/<slug:scale_key>/", views.scale, name="scale"),
    path("scales/<slug:scale_key>/edit/", views.edit_scale, name="edit_scale"),
    path("scales/<slug:scale_key>/remove/", views.remove_scale, name="remove_scale"),
    path("scales/<slug:scale_key>/export/", views.export_scale, name="export_scale"),
]
