"""Sessions, the season, calendars: addresses below /o/<organisation>/, and public doors."""

from django.urls import URLPattern, URLResolver, include, path

from sessions.views import (
    actions,
    calendar,
    charters,
    cohort,
    elections,
    goals,
    kits,
    offers,
    planning,
    polls,
    publication,
    replies,
    room,
    season,
    session,
)
from sessions.views.decisions import door, lists
from sessions.views.decisions import page as decision

app_name = "sessions"

# /o/<org>/cohorts/<cohort_id>/
cohort_urls = [
    path("sessions/", cohort.cohort_sessions, name="cohort_sessions"),
    path("sessions.csv", cohort.cohort_sessions_csv, name="cohort_sessions_csv"),
]

# /o/<org>/partnerships/<partnership_id>/sessions/
partnership_urls = [
    path("", season.partnership_sessions, name="partnership_sessions"),
    path("plan/", planning.plan_season, name="plan_season"),
    path("poll/", polls.open_poll, name="open_poll"),
    path("turns/swap/", season.swap_turns, name="swap_turns"),
    path("turns/ask/", offers.request_swap, name="request_swap"),
    path("record/", season.record_extra_session, name="record_extra_session"),
]

# /o/<org>/partnerships/<partnership_id>/elections/
election_urls = [
    path("", elections.elections, name="elections"),
    path("open/", elections.open_election, name="open_election"),
    path("<uuid:election_id>/", elections.election, name="election"),
    path("<uuid:election_id>/nominate/", elections.nominate, name="nominate"),
    path("<uuid:election_id>/step/", elections.step_election, name="step_election"),
    path("<uuid:election_id>/propose/", elections.propose, name="propose"),
    path("<uuid:election_id>/consent/", elections.consent, name="consent"),
    path("<uuid:election_id>/end/", elections.end_election, name="end_election"),
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
    path("kit/", kits.kit, name="kit"),
    path("reschedule/", session.reschedule, name="reschedule"),
    path("cancel/", session.cancel, name="cancel_session"),
    path("turns/assign/", session.assign_turn, name="assign_turn"),
    path("turns/decline/", offers.decline_turn, name="decline_turn"),
    path("turns/take/", offers.take_turn, name="take_turn"),
    path("invitation.ics", calendar.session_ics, name="session_ics"),
    path("agenda/", room.change_agenda, name="change_agenda"),
    path("room/", room.room, name="room"),
    path("room/tap/", room.tap_room, name="tap_room"),
    path("room/words/", room.room_words, name="room_words"),
    path("room/card/", room.write_card, name="write_card"),
    path("room/promise/", room.promise_in_room, name="promise_in_room"),
    path("room/done/", room.done_in_room, name="done_in_room"),
    path("room/lines/", room.lines_in_room, name="lines_in_room"),
]

# /o/<org>/partnerships/<partnership_id>/decisions/
partnership_decision_urls = [
    path("", lists.decisions, name="decisions"),
    path("new/", lists.new_decision, name="new_decision"),
    path("in-room/", lists.decision_in_room, name="decision_in_room"),
    path("on-agenda/", lists.decisions_on_agenda, name="decisions_on_agenda"),
]

# /o/<org>/partnerships/<partnership_id>/charter/
charter_urls = [
    path("", charters.charter, name="charter"),
    path("begin/", charters.begin_charter, name="begin_charter"),
    path("sections/add/", charters.add_section, name="add_section"),
    path("sections/<uuid:section_id>/", charters.edit_section, name="edit_section"),
    path("sign/", charters.sign_charter, name="sign_charter"),
    path("object/", charters.object_to_charter, name="object_to_charter"),
]

# /o/<org>/partnerships/<partnership_id>/goals/
partnership_goal_urls = [
    path("", goals.goals, name="goals"),
    path("new/", goals.new_goal, name="new_goal"),
    path("close/", goals.agree_to_close, name="agree_to_close"),
]

# /o/<org>/goals/<goal_id>/
goal_urls = [
    path("", goals.goal, name="goal"),
    path("change/", goals.change_goal, name="change_goal"),
    path("take-on/", goals.take_on_goal, name="take_on_goal"),
    path("milestones/tick/", goals.tick_milestone, name="tick_milestone"),
    path("progress/", goals.record_progress, name="record_progress"),
    path("lead/", goals.lead_goal, name="lead_goal"),
    path("share/", goals.share_goal, name="share_goal"),
    path("met/", goals.declare_met, name="declare_met"),
    path("drop/", goals.drop_goal, name="drop_goal"),
]

# /o/<org>/partnerships/<partnership_id>/actions/
partnership_action_urls = [
    path("", actions.actions, name="actions"),
    path("promise/", actions.promise_action, name="promise_action"),
]

# /o/<org>/actions/<action_id>/
action_urls = [
    path("done/", actions.do_action, name="do_action"),
    path("drop/", actions.drop_action, name="drop_action"),
]

# /o/<org>/decisions/<decision_id>/
decision_urls = [
    path("", decision.decision, name="decision"),
    path("draft/", decision.edit_draft, name="edit_draft"),
    path("discard/", decision.discard_draft, name="discard_draft"),
    path("open/", decision.open_decision, name="open_decision"),
    path("questions/ask/", decision.ask_question, name="ask_question"),
    path("questions/<uuid:remark_id>/answer/", decision.answer_question, name="answer_question"),
    path("reactions/start/", decision.start_reactions, name="start_reactions"),
    path("react/", decision.react, name="react"),
    path("amend/", decision.amend, name="amend_decision"),
    path("voting/open/", decision.open_voting, name="open_voting"),
    path("vote/", decision.vote, name="vote"),
    path("objection/withdraw/", decision.withdraw_objection, name="withdraw_objection"),
    path("close/", decision.close_decision, name="close_decision"),
    path("withdraw/", decision.withdraw_decision, name="withdraw_decision"),
    path("outcome/", decision.agree_outcome, name="agree_outcome"),
    path("keep/", decision.keep_decision, name="keep_decision"),
    path("reopen/", decision.reopen_decision, name="reopen_decision"),
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
    path("", offers.turn_offer, name="turn_offer"),
    path("withdraw/", offers.withdraw_offer, name="withdraw_offer"),
]

# /o/<org>/calendar/
calendar_urls = [
    path("", calendar.calendar, name="calendar"),
    path("open/", calendar.open_calendar, name="open_calendar"),
    path("close/", calendar.close_calendar, name="close_calendar"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("match-runs/<uuid:run_id>/undo/", publication.undo_publication, name="undo_publication"),
    path("cohorts/<uuid:cohort_id>/", include(cohort_urls)),
    path("partnerships/<uuid:partnership_id>/sessions/", include(partnership_urls)),
    path("partnerships/<uuid:partnership_id>/decisions/", include(partnership_decision_urls)),
    path("partnerships/<uuid:partnership_id>/charter/", include(charter_urls)),
    path("partnerships/<uuid:partnership_id>/goals/", include(partnership_goal_urls)),
    path("partnerships/<uuid:partnership_id>/actions/", include(partnership_action_urls)),
    path("partnerships/<uuid:partnership_id>/together/", actions.together, name="together"),
    path("sessions/<uuid:session_id>/", include(session_urls)),
    path("goals/<uuid:goal_id>/", include(goal_urls)),
    path("actions/<uuid:action_id>/", include(action_urls)),
    path("decisions/<uuid:decision_id>/", include(decision_urls)),
    path("polls/<uuid:poll_id>/", include(poll_urls)),
    path("partnerships/<uuid:partnership_id>/elections/", include(election_urls)),
    path("turns/<uuid:offer_id>/", include(offer_urls)),
    path("calendar/", include(calendar_urls)),
]
public_urlpatterns: list[URLPattern | URLResolver] = [
    path("l/turn/<str:token>/", offers.open_turn_offer, name="open_turn_offer"),
    path("l/room/<str:token>/", room.room_door, name="room_door"),
    path("calendar/<slug:key>.ics", calendar.feed, name="calendar_feed"),
    path("l/vote/<str:token>/", door.open_vote, name="open_vote"),
    path("l/rsvp/<str:token>/", replies.rsvp, name="rsvp"),
    path("l/times/<str:token>/", polls.open_times, name="open_times"),
]
