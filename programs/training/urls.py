"""Training: addresses below /o/<organisation>/."""

from django.urls import path

from programs.training import events, views

urlpatterns = [
    path("learn/", views.learn, name="learn"),
    path("learn/new/", views.new_lesson, name="new_lesson"),
    path("learn/for-sponsors/", views.guide_for_sponsors, name="guide_for_sponsors"),
    path("learn/lessons/<slug:lesson_key>/", views.lesson, name="lesson"),
    path("learn/lessons/<slug:lesson_key>/bookmark/", views.bookmark, name="bookmark_lesson"),
    path("learn/lessons/<slug:lesson_key>/edit/", views.edit_lesson, name="edit_lesson"),
    path("learn/lessons/<slug:lesson_key>/files/", views.add_lesson_file, name="add_lesson_file"),
    path("learn/versions/<uuid:lesson_version_id>/", views.lesson_version, name="lesson_version"),
    path("learn/files/<uuid:lesson_file_id>/", views.lesson_file, name="lesson_file"),
    path(
        "learn/files/<uuid:lesson_file_id>/remove/",
        views.remove_lesson_file,
        name="remove_lesson_file",
    ),
    path("learn/roles/<uuid:meeting_role_id>/", views.role_lesson, name="role_lesson"),
    path("programs/<uuid:program_id>/training/", views.program_training, name="program_training"),
    path("programs/training/<uuid:step_id>/require/", views.require_step, name="require_step"),
    path("programs/training/<uuid:step_id>/remove/", views.remove_step, name="remove_step"),
    path("cohorts/<uuid:cohort_id>/training/", views.cohort_training, name="cohort_training"),
    path("cohorts/<uuid:cohort_id>/sponsor/", views.edit_sponsor, name="edit_sponsor"),
    path("enrolments/<uuid:enrolment_id>/let-off/", views.let_off, name="let_off"),
    path("cohorts/<uuid:cohort_id>/workshops/", events.cohort_workshops, name="cohort_workshops"),
    path("cohorts/<uuid:cohort_id>/workshops/new/", events.new_workshop, name="new_workshop"),
    path("workshops/<uuid:workshop_id>/", events.workshop, name="workshop"),
    path("workshops/<uuid:workshop_id>/edit/", events.edit_workshop, name="edit_workshop"),
    path(
        "workshops/<uuid:workshop_id>/call-off/",
        events.call_off_workshop,
        name="call_off_workshop",
    ),
    path("workshops/<uuid:workshop_id>/sign-up/", events.sign_up, name="sign_up"),
    path("workshops/<uuid:workshop_id>/give-up/", events.give_up_place, name="give_up_place"),
    path("workshops/<uuid:workshop_id>/came/", events.record_workshop, name="record_workshop"),
    path("workshops/<uuid:workshop_id>/workshop.ics", events.workshop_ics, name="workshop_ics"),
]
