"""What happens to people and reaches into every room: being invited into a program, leaving."""

from django.urls import URLPattern, path

from mentoring.people import views

app_name = "people"

urlpatterns: list[URLPattern] = [
    path("people/invite-chosen/", views.invite_chosen, name="invite_chosen"),
    path(
        "cohorts/<uuid:cohort_id>/people/invite-chosen/",
        views.invite_from_cohort,
        name="invite_from_cohort",
    ),
    path("people/<uuid:member_id>/mark-left/", views.mark_left, name="mark_left"),
    path("people/<uuid:member_id>/merge/", views.choose_merged, name="choose_merged"),
    path("people/<uuid:member_id>/merge/<uuid:other_id>/", views.merge, name="merge"),
    path("merges/<uuid:merge_id>/", views.merge_proposal, name="merge_proposal"),
    path("merges/<uuid:merge_id>/refuse/", views.refuse_merge, name="refuse_merge"),
    path("merges/<uuid:merge_id>/withdraw/", views.withdraw_merge, name="withdraw_merge"),
    path("me/leave/", views.leave, name="leave"),
]
public_urlpatterns: list[URLPattern] = []
