"""Sessions of a partnership: when they meet, who holds which role, who came, what was learnt."""

from sessions.models.actions import Action, ActionQuerySet
from sessions.models.calendars import CalendarFeed, CalendarFeedQuerySet
from sessions.models.sessions import (
    Absence,
    Attendance,
    CancelCause,
    OfSessionQuerySet,
    Retrospective,
    RetrospectiveQuerySet,
    Session,
    SessionQuerySet,
    Turn,
)
from sessions.models.words import WordsQuerySet

__all__ = [
    "Absence",
    "Action",
    "ActionQuerySet",
    "Attendance",
    "CalendarFeed",
    "CalendarFeedQuerySet",
    "CancelCause",
    "OfSessionQuerySet",
    "Retrospective",
    "RetrospectiveQuerySet",
    "Session",
    "SessionQuerySet",
    "Turn",
    "WordsQuerySet",
]
