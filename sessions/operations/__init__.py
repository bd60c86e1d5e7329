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
from sessions.operations.elections import (
    change_nomination,
    consent,
    end_election,
    hear_reasons,
    nominate,
    open_changes,
    open_election,
    propose,
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
from sessions.operations.offers import (
    answer_offer,
    decline_turn,
    request_swap,
    settle_offers,
    take_turn,
    withdraw_offer,
)
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
from sessions.operations.rotation import previewed, replan
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
    "answer_offer",
    "answer_poll",
    "assign_turn",
    "begin_charter",
    "cancel",
    "change_agenda",
    "change_goal",
    "change_nomination",
    "close_calendar",
    "close_poll",
    "confirm_poll",
    "consent",
    "correct_attendance",
    "declare_absence",
    "declare_met",
    "decline_invitation",
    "decline_turn",
    "describe_session",
    "do_action",
    "drop_action",
    "drop_goal",
    "edit_section",
    "end_election",
    "hear_reasons",
    "lead_goal",
    "mark_missed_sessions",
    "mark_nobody_came",
    "move_season",
    "nominate",
    "object_to_charter",
    "open_calendar",
    "open_changes",
    "open_election",
    "open_poll",
    "plan_missing_seasons",
    "plan_season",
    "previewed",
    "promise_action",
    "promise_between_sessions",
    "propose",
    "record_extra_session",
    "record_progress",
    "record_session",
    "replan",
    "replan_changed_tables",
    "request_swap",
    "reschedule",
    "send_due_kits",
    "set_goal",
    "settle_offers",
    "share_goal",
    "sign_charter",
    "swap_turns",
    "take_on_goal",
    "take_turn",
    "tap_room",
    "tell_room",
    "tend_polls",
    "tick_milestone",
    "undo_publication",
    "withdraw_absence",
    "withdraw_offer",
    "withdraw_poll",
    "write_card",
    "write_retrospective",
]
