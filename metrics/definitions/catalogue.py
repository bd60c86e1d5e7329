"""The dictionary: a line for every figure, in the order in which they are shown.

A new figure is its words and its function in one file beside this one, and a line here.
"""

from __future__ import annotations

from metrics.definitions import decisions, feedback, goals, participation, sessions, voice
from metrics.definitions.shapes import Definition

DEFINITIONS: tuple[Definition, ...] = (
    participation.ENROLLED,
    participation.MATCH_RATE,
    participation.MATCH_RATE_EVER,
    sessions.SESSION_COMPLETION,
    sessions.ATTENDANCE_RATE,
    sessions.WEEKLY_ATTENDANCE,
    feedback.CHECKIN_RESPONSE,
    participation.RETENTION,
    feedback.COMPETENCY_CHANGE,
    voice.VOICE_BALANCE,
    voice.UNHEARD,
    decisions.DECISION_DAYS,
    decisions.DECISION_VOICE,
    goals.GOAL_ATTAINMENT,
    participation.FUNNEL,
)

_BY_KEY = {entry.key: entry for entry in DEFINITIONS}


def definition(key: str) -> Definition | None:
    """Return what a figure means, or None if there is no such figure."""
    return _BY_KEY.get(key)
