"""Sessions, the season, calendars: addresses below /o/<organisation>/, and public doors."""

from django.urls import URLPattern, URLResolver, include, path

from sessions.views import calendar, cohort, room, season, session

app_name = "sessions"

# /o/<org>/cohorts/<cohort_id>/
cohort_urls = [
    path("sessions/", cohort.cohort_sessions, name="cohort_sessions"),
    path("sessions.csv", cohort.cohort_sessions_csv, name="cohort_sessions_csv"),
]

# /o/<org>/partnerships/<partnership_id>/sessions/
partnership_urls = [
    path("", season.partnership_sessions, name="partnership_sessions"),
    path("plan/", season.plan_season, name="plan_season"),
    path("turns/swap/", season.swap_turns, name="swap_turns"),
    path("record/", season.record_extra_session, name="record_extra_session"),
]

# /o/<org>/sessions/<session_id>/
session_urls = [
    path("", session.session, name="session"),
    path("record/", session.record_session, name="record_session"),
    path("attendance/", session.correct_attendance, name="correct_attendance"),
    path("retrospective/", session.write_retrospective, name="write_retrospective"),
    path("absence/declare/", session.declare_absence, name="declare_absence"),
    path("absence/withdraw/", session.withdraw_absence, name="withdraw_absence"),
    path("reschedule/", session.reschedule, name="reschedule"),
    path("cancel/", session.cancel, name="cancel_session"),
    path("turns/assign/", session.assign_turn, name="assign_turn"),
    path("invitation.ics", calendar.session_ics, name="session_ics"),
    path("agenda/", room.change_agenda, name="change_agenda"),
    path("room/", room.room, name="room"),
    path("room/tap/", room.tap_room, name="tap_room"),
    path("room/words/", room.room_words, name="room_words"),
    path("room/card/", room.write_card, name="write_card"),
    path("room/promise/", room.promise_in_room, name="promise_in_room"),
    path("room/lines/", room.lines_in_room, name="lines_in_room"),
]

# /o/<org>/calendar/
calendar_urls = [
    path("", calendar.calendar, name="calendar"),
    path("open/", calendar.open_calendar, name="open_calendar"),
    path("close/", calendar.close_calendar, name="close_calendar"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("cohorts/<uuid:cohort_id>/", include(cohort_urls)),
    path("partnerships/<uuid:partnership_id>/sessions/", include(partnership_urls)),
    path("sessions/<uuid:session_id>/", include(session_urls)),
    path("calendar/", include(calendar_urls)),
]
public_urlpatterns: list[URLPattern | URLResolver] = [
    path("l/room/<str:token>/", room.room_door, name="room_door"),
    path("calendar/<slug:key>.ics", calendar.feed, name="calendar_feed"),
]
