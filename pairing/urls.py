"""Matching and partnerships: addresses below /o/<organisation>/, and public links."""

from django.urls import URLPattern, URLResolver, include, path

from pairing.companions import views as companions
from pairing.partnerships import dates, preview, profiles
from pairing.partnerships import views as partnerships
from pairing.requests import views as requests
from pairing.runs.views import compare, composing, matching, runs
from pairing.seating import views as seating

app_name = "pairing"

# /o/<org>/cohorts/<cohort_id>/matching/sets/<set_id>/
set_urls = [
    path("rename/", matching.rename_criteria_set, name="rename_criteria_set"),
    path("remove/", matching.remove_criteria_set, name="remove_criteria_set"),
    path("restore/", matching.restore_criteria_set, name="restore_criteria_set"),
]

# /o/<org>/cohorts/<cohort_id>/
cohort_urls: list[URLPattern | URLResolver] = [
    path("matching/", matching.matching, name="matching"),
    path("matching/run/", matching.start_match_run, name="start_match_run"),
    path("matching/counts/", matching.matching_counts, name="matching_counts"),
    path("matching/compare/", compare.compare_runs, name="compare_runs"),
    path("matching/sets/keep/", matching.keep_criteria_set, name="keep_criteria_set"),
    path("matching/sets/<uuid:set_id>/", include(set_urls)),
    path("matching/rules/", matching.set_pair_rule, name="set_pair_rule"),
    path("partnerships/", partnerships.partnerships, name="partnerships"),
    path("partnerships/export/", partnerships.export_partnerships, name="export_partnerships"),
    path("seat/<uuid:enrolment_id>/", seating.seat_person, name="seat_person"),
    path("partnerships/dates/", dates.move_dates, name="move_dates"),
    path("self-match/", requests.self_match, name="self_match"),
    path("self-match/wish/", requests.change_wish, name="change_wish"),
    path("self-match/ask/", requests.ask_partner, name="ask_partner"),
    path("waiting/", requests.waiting, name="waiting"),
    path("waiting/run/", runs.run_for_waiting, name="run_for_waiting"),
]

# /o/<org>/match-runs/<run_id>/
run_urls = [
    path("", runs.match_run, name="match_run"),
    path("fairness/", compare.fairness, name="fairness"),
    path("why-not/", compare.why_not, name="why_not"),
    path("pair/", compare.pair_by_hand, name="pair_by_hand"),
    path("compose/", composing.compose_run, name="compose_run"),
    path("progress/", runs.match_run_progress, name="match_run_progress"),
    path("export/", runs.export_match_run, name="export_match_run"),
    path("cancel/", runs.cancel_match_run, name="cancel_match_run"),
    path("again/", runs.repeat_match_run, name="repeat_match_run"),
    path("discard/", runs.discard_run, name="discard_run"),
    path("restore/", runs.restore_run, name="restore_run"),
    path("publish/", runs.publish_run, name="publish_run"),
    path("publish/approve/", runs.approve_publication, name="approve_publication"),
    path("publish/decline/", runs.decline_publication, name="decline_publication"),
    path("publish/withdraw/", runs.withdraw_publication, name="withdraw_publication"),
]

# /o/<org>/partnerships/<partnership_id>/
partnership_urls = [
    path("", partnerships.partnership, name="partnership"),
    path("profiles/", profiles.profiles, name="profiles"),
    path("rename/", partnerships.rename_partnership, name="rename_partnership"),
    path("pause/", partnerships.pause_partnership, name="pause_partnership"),
    path("resume/", partnerships.resume_partnership, name="resume_partnership"),
    path("go-on/", partnerships.go_on, name="go_on"),
    path("parting/", partnerships.parting, name="parting"),
    path("end/", partnerships.end_partnership, name="end_partnership"),
    path("seats/", seating.seats, name="seats"),
    path("companion/", companions.companion, name="companion"),
    path("join/", seating.join, name="join_circles"),
]

# /o/<org>/requests/<request_id>/
request_urls = [
    path("", requests.partner_request, name="partner_request"),
    path("accept/", requests.accept_on_behalf, name="accept_on_behalf"),
    path("close/", requests.close_request, name="close_request"),
]

urlpatterns = [
    path("programs/<uuid:program_id>/seen/", preview.seen_as, name="seen_as"),
    path("cohorts/<uuid:cohort_id>/", include(cohort_urls)),
    path("match-runs/<uuid:run_id>/", include(run_urls)),
    path("partnerships/<uuid:partnership_id>/", include(partnership_urls)),
    path("accompanied/<uuid:companion_id>/", companions.accompanied, name="accompanied"),
    path("requests/<uuid:request_id>/", include(request_urls)),
]

# /l/<purpose>/<token>/: signed links, no sign-in
public_urlpatterns: list[URLPattern] = [
    path("l/request/<str:token>/", requests.open_request, name="request"),
]
