"""Sessions, the season, calendars: addresses below /o/<organisation>/, and public links."""

from django.urls import URLPattern, URLResolver, include, path

from sessions.actions import views as actions_views
from sessions.calendar import views as calendar_views
from sessions.elections import views as elections_views
from sessions.page.views import cohort, replies, session
from sessions.page.views import session as attendance_views
from sessions.planning.views import planning, polls
from sessions.room import views as room_views
from sessions.rotation import views

app_name = "sessions"

# /o/<org>/cohorts/<cohort_id>/
cohort_urls = [
    path("sessions/", cohort.cohort_sessions, name="cohort_sessions"),
    path("seat/<uuid:enrolment_id>/clashes/", planning.seat_clashes, name="seat_clashes"),
    path("sessions.csv", cohort.cohort_sessions_csv, name="cohort_sessions_csv"),
]

# /o/<org>/partnerships/<partnership_id>/sessions/
partnership_urls = [
    path("", views.partnership_sessions, name="partnership_sessions"),
    path("clashes/", planning.seats_clashes, name="seats_clashes"),
    path("plan/", planning.plan_season, name="plan_season"),
    path("poll/", polls.open_poll, name="open_poll"),
    path("turns/swap/", views.swap_turns, name="swap_turns"),
    path("turns/ask/", views.request_swap, name="request_swap"),
    path("record/", attendance_views.record_extra_session, name="record_extra_session"),
]

# /o/<org>/partnerships/<partnership_id>/elections/
election_urls = [
    path("", elections_views.elections, name="elections"),
    path("open/", elections_views.open_election, name="open_election"),
    path("<uuid:election_id>/", elections_views.election, name="election"),
    path("<uuid:election_id>/nominate/", elections_views.nominate, name="nominate"),
    path("<uuid:election_id>/step/", elections_views.step_election, name="step_election"),
    path("<uuid:election_id>/propose/", elections_views.propose, name="propose"),
    path("<uuid:election_id>/consent/", elections_views.consent, name="consent"),
    path("<uuid:election_id>/end/", elections_views.end_election, name="end_election"),
]

# /o/<org>/sessions/<session_id>/
session_urls = [
    path("", session.session, name="session"),
    path("record/", session.record_session, name="record_session"),
    path("attendance/", session.correct_attendance, name="correct_attendance"),
    path("retrospective/", session.write_retrospective, name="write_retrospective"),
    path("absence/declare/", session.declare_absence, name="declare_absence"),
    path("absence/withdraw/", session.withdraw_absence, name="withdraw_absence"),
    path("missed/", session.mark_nobody_came, name="mark_nobody_came"),
    path("rsvp/", replies.answer_invitation, name="answer_invitation"),
    path("kit/", session.kit, name="kit"),
    path("reschedule/", session.reschedule, name="reschedule"),
    path("cancel/", session.cancel, name="cancel_session"),
    path("turns/assign/", session.assign_turn, name="assign_turn"),
    path("turns/decline/", views.decline_turn, name="decline_turn"),
    path("turns/take/", views.take_turn, name="take_turn"),
    path("invitation.ics", calendar_views.session_ics, name="session_ics"),
    path("agenda/", room_views.change_agenda, name="change_agenda"),
    path("room/", room_views.room, name="room"),
    path("room/words/", room_views.room_words, name="room_words"),
    path("room/card/", room_views.write_card, name="write_card"),
    path("room/promise/", room_views.promise_in_room, name="promise_in_room"),
    path("room/done/", room_views.done_in_room, name="done_in_room"),
    path("room/lines/", room_views.lines_in_room, name="lines_in_room"),
]


# /o/<org>/partnerships/<partnership_id>/actions/
partnership_action_urls = [
    path("", actions_views.actions, name="actions"),
    path("promise/", actions_views.promise_action, name="promise_action"),
]

# /o/<org>/actions/<action_id>/
action_urls = [
    path("done/", actions_views.do_action, name="do_action"),
    path("drop/", actions_views.drop_action, name="drop_action"),
]


# /o/<org>/polls/<poll_id>/
poll_urls = [
    path("", polls.poll, name="poll"),
    path("close/", polls.close_poll, name="close_poll"),
    path("confirm/", polls.confirm_poll, name="confirm_poll"),
    path("withdraw/", polls.withdraw_poll, name="withdraw_poll"),
]

# /o/<org>/turns/<offer_id>/
offer_urls = [
    path("", views.turn_offer, name="turn_offer"),
    path("withdraw/", views.withdraw_offer, name="withdraw_offer"),
]

# /o/<org>/calendar/
calendar_urls = [
    path("", calendar_views.calendar, name="calendar"),
    path("open/", calendar_views.open_calendar, name="open_calendar"),
    path("close/", calendar_views.close_calendar, name="close_calendar"),
    path("busy/add/", calendar_views.add_busy_calendar, name="add_busy_calendar"),
    path("busy/read/", calendar_views.read_busy_calendar, name="read_busy_calendar"),
    path("busy/remove/", calendar_views.remove_busy_calendar, name="remove_busy_calendar"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("match-runs/<uuid:run_id>/undo/", planning.undo_publication, name="undo_publication"),
    path("cohorts/<uuid:cohort_id>/", include(cohort_urls)),
    path("partnerships/<uuid:partnership_id>/sessions/", include(partnership_urls)),
    path(
        "accompanied/<uuid:companion_id>/sessions/",
        planning.accompanied_sessions,
        name="accompanied_sessions",
    ),
    path("partnerships/<uuid:partnership_id>/actions/", include(partnership_action_urls)),
    path("sessions/<uuid:session_id>/", include(session_urls)),
    path("actions/<uuid:action_id>/", include(action_urls)),
    path("polls/<uuid:poll_id>/", include(poll_urls)),
    path("partnerships/<uuid:partnership_id>/elections/", include(election_urls)),
    path("turns/<uuid:offer_id>/", include(offer_urls)),
    path("calendar/", include(calendar_urls)),
]
public_urlpatterns: list[URLPattern | URLResolver] = [
    path("l/turn/<str:token>/", views.open_turn_offer, name="open_turn_offer"),
    path("l/room/<str:token>/", room_views.room_link, name="room_link"),
    path("calendar/<slug:key>.ics", calendar_views.feed, name="calendar_feed"),
    path("l/rsvp/<str:token>/", replies.rsvp, name="rsvp"),
    path("l/times/<str:token>/", polls.open_times, name="open_times"),
]
