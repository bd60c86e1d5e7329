"""The only place that changes sessions, turns, absences, attendance and calendar feeds."""

from sessions.operations.absences import declare_absence, withdraw_absence
from sessions.operations.actions import (
    do_action,
    drop_action,
    promise_action,
    promise_between_sessions,
)
from sessions.operations.calendars import close_calendar, open_calendar
from sessions.operations.changes import cancel, describe_session, mark_nobody_came, reschedule
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
from sessions.operations.kits import send_due_kits
from sessions.operations.letters import RSVP
from sessions.operations.planning import move_season, plan_missing_seasons, plan_season
from sessions.operations.polls import (
    TIMES,
    answer_poll,
    close_poll,
    confirm_poll,
    open_poll,
    tend_polls,
    withdraw_poll,
)
from sessions.operations.recording import (
    Lines,
    correct_attendance,
    mark_missed_sessions,
    record_extra_session,
    record_session,
    write_retrospective,
)
from sessions.operations.replies import accept_invitation, decline_invitation
from sessions.operations.rooms import Tapped, change_agenda, tap_room, tell_room, write_card
from sessions.operations.rotation import replan
from sessions.operations.tables import replan_changed_tables
from sessions.operations.turns import assign_turn, swap_turns
from sessions.operations.undoing import undo_publication

__all__ = [
    "RSVP",
    "TIMES",
    "Lines",
    "Tapped",
    "accept_invitation",
    "add_section",
    "agree_to_close",
    "answer_poll",
    "assign_turn",
    "begin_charter",
    "cancel",
    "change_agenda",
    "change_goal",
    "close_calendar",
    "close_poll",
    "confirm_poll",
    "correct_attendance",
    "declare_absence",
    "declare_met",
    "decline_invitation",
    "describe_session",
    "do_action",
    "drop_action",
    "drop_goal",
    "edit_section",
    "lead_goal",
    "mark_missed_sessions",
    "mark_nobody_came",
    "move_season",
    "object_to_charter",
    "open_calendar",
    "open_poll",
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
    "send_due_kits",
    "set_goal",
    "share_goal",
    "sign_charter",
    "swap_turns",
    "take_on_goal",
    "tap_room",
    "tell_room",
    "tend_polls",
    "tick_milestone",
    "undo_publication",
    "withdraw_absence",
    "withdraw_poll",
    "write_card",
    "write_retrospective",
]
