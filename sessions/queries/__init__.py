"""What is asked of sessions: by their own pages, by the apps above and by the home page."""

from sessions.queries.actions import (
    action_counts,
    actions_of_session,
    my_open_actions,
    open_actions,
)
from sessions.queries.availability import proposed_start
from sessions.queries.calendars import (
    CalendarContent,
    calendar_content,
    calendar_door,
    calendar_member,
    open_feed,
    turn_of,
)
from sessions.queries.facts import (
    NextSession,
    held_counts,
    lead_spreads,
    my_turns,
    next_session_of,
    next_sessions_of,
    open_seats,
    quiet_partnerships,
    seat_of,
    turns_to_swap,
)
from sessions.queries.lists import (
    COLUMNS,
    FILTERS,
    OVERDUE,
    count_by_state,
    exported,
    sessions_of_cohort,
    turns_for_facts,
)
from sessions.queries.rooms import (
    Snapshot,
    presence_in_room,
    room_is_open,
    room_of,
    room_words,
    snapshot,
    steps_of,
)
from sessions.queries.rotation import Rotation, read_rotation
from sessions.queries.season import SeasonTable, season_table
from sessions.queries.sheet import Presence, SessionSheet, session_sheet
from sessions.queries.voices import NO_VOICES, Voices, voices_of

__all__ = [
    "COLUMNS",
    "FILTERS",
    "NO_VOICES",
    "OVERDUE",
    "CalendarContent",
    "NextSession",
    "Presence",
    "Rotation",
    "SeasonTable",
    "SessionSheet",
    "Snapshot",
    "Voices",
    "action_counts",
    "actions_of_session",
    "calendar_content",
    "calendar_door",
    "calendar_member",
    "count_by_state",
    "exported",
    "held_counts",
    "lead_spreads",
    "my_open_actions",
    "my_turns",
    "next_session_of",
    "next_sessions_of",
    "open_actions",
    "open_feed",
    "open_seats",
    "presence_in_room",
    "proposed_start",
    "quiet_partnerships",
    "read_rotation",
    "room_is_open",
    "room_of",
    "room_words",
    "season_table",
    "seat_of",
    "session_sheet",
    "sessions_of_cohort",
    "snapshot",
    "steps_of",
    "turn_of",
    "turns_for_facts",
    "turns_to_swap",
    "voices_of",
]
