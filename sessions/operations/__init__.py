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
from sessions.operations.charters import (
    add_section,
    begin_charter,
    edit_section,
    object_to_charter,
    sign_charter,
)
from sessions.operations.goals import (
    agree_to_close,
    change_goal,
    declare_met,
    drop_goal,
    lead_goal,
    record_progress,
    set_goal,
    share_goal,
    take_on_goal,
    tick_milestone,
)
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
    "add_section",
    "agree_to_close",
    "assign_turn",
    "begin_charter",
    "cancel",
    "change_agenda",
    "change_goal",
    "close_calendar",
    "correct_attendance",
    "declare_absence",
    "declare_met",
    "describe_session",
    "do_action",
    "drop_action",
    "drop_goal",
    "edit_section",
    "lead_goal",
    "mark_missed_sessions",
    "object_to_charter",
    "open_calendar",
    "plan_missing_seasons",
    "plan_season",
    "promise_action",
    "promise_between_sessions",
    "record_extra_session",
    "record_progress",
    "record_session",
    "replan",
    "replan_changed_tables",
    "reschedule",
    "set_goal",
    "share_goal",
    "sign_charter",
    "swap_turns",
    "take_on_goal",
    "tap_room",
    "tell_room",
    "tick_milestone",
    "withdraw_absence",
    "write_card",
    "write_retrospective",
]
