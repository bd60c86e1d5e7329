"""The review of a program: addresses below /o/<organisation>/."""

from django.urls import path

from feedback.review import views

_COHORT = "cohorts/<uuid:cohort_id>/review/"
_PROGRAM = "programs/<uuid:program_id>/changes/"

urlpatterns = [
    path(_COHORT, views.review, name="review"),
    path(f"{_COHORT}themes/", views.add_theme, name="add_theme"),
    path(f"{_COHORT}themes/remove/", views.remove_theme, name="remove_theme"),
    path(f"{_COHORT}comments/", views.sort_comments, name="sort_comments"),
    path(f"{_COHORT}changes/", views.keep_changes, name="keep_changes"),
    path(f"{_COHORT}quotes/", views.quote, name="quote"),
    path(f"{_COHORT}quotes/<uuid:quote_id>/remove/", views.unquote, name="unquote"),
    path(f"{_COHORT}publish/", views.publish, name="publish_review"),
    path(f"{_COHORT}undo/", views.undo_publication, name="undo_review"),
    path(_PROGRAM, views.carried, name="carried_changes"),
    path(f"{_PROGRAM}<uuid:change_id>/", views.tick, name="tick_change"),
]
