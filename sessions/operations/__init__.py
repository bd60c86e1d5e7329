"""The only place that changes sessions, turns, absences, attendance and calendar feeds."""

from sessions.operations.absences import declare_absence, withdraw_absence
from sessions.operations.actions import (
    do_action,
    drop_action,
    promise_action,
    promise_between_sessions,
)
from sessions.operations.calendars import close_calendar, open_calendar
from sessions.operations.changes import cancel, describe_session, reschedule
from sessions.operations.planning import plan_missing_seasons, plan_season
from sessions.operations.recording import (
    Lines,
    correct_attendance,
    mark_missed_sessions,
    record_extra_session,
    record_session,
    write_retrospective,
)
from sessions.operations.rooms import Tapped, change_agenda, tap_room, tell_room, write_card
from sessions.operations.rotation import replan
from sessions.operations.tables import replan_changed_tables
from sessions.operations.turns import assign_turn, swap_turns

__all__ = [
    "Lines",
    "Tapped",
    "assign_turn",
    "cancel",
    "change_agenda",
    "close_calendar",
    "correct_attendance",
    "declare_absence",
    "describe_session",
    "do_action",
    "drop_action",
    "mark_missed_sessions",
    "open_calendar",
    "plan_missing_seasons",
    "plan_season",
    "promise_action",
    "promise_between_sessions",
    "record_extra_session",
    "record_session",
    "replan",
    "replan_changed_tables",
    "reschedule",
    "swap_turns",
    "tap_room",
    "tell_room",
    "withdraw_absence",
    "write_card",
    "write_retrospective",
]
