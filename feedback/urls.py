"""Check-ins, ratings, assessments: addresses below /o/<organisation>/, and public doors."""

from django.urls import path

from feedback import views

app_name = "feedback"

# /o/<organisation>/
urlpatterns = [
    path("check-ins/<uuid:check_in_id>/", views.check_in, name="check_in"),
    path("sessions/<uuid:session_id>/rating/", views.rating, name="rating"),
    path("assessments/<uuid:assessment_id>/", views.assessment, name="assessment"),
    path("fit/<uuid:fit_id>/", views.fit, name="fit"),
    path("notes/", views.notes, name="notes"),
    path("cohorts/<uuid:cohort_id>/check-ins/", views.cohort_check_ins, name="cohort_check_ins"),
]

# /l/<purpose>/<token>/: signed links, no sign-in
public_urlpatterns = [
    path("l/check-in/<str:token>/", views.open_check_in, name="check_in"),
    path("l/fit/<str:token>/", views.open_fit, name="fit"),
    path("l/rating/<str:token>/", views.open_rating, name="rating"),
    path("l/assessment/<str:token>/", views.open_assessment, name="assessment"),
]
