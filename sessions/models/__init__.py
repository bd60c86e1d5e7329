"""Sessions of a partnership: when they meet, who holds which role, who came, what was learnt."""

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

__all__ = [
    "Absence",
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
]
