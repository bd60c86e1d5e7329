"""Sessions of a partnership: when they meet, who holds which role, who came, what was learnt."""

from sessions.models.actions import Action, ActionQuerySet
from sessions.models.calendars import CalendarFeed, CalendarFeedQuerySet
from sessions.models.polls import PollAnswer, PollTime, TimePoll, TimePollQuerySet
from sessions.models.replies import AbsenceNote, AbsenceNoteQuerySet, Kit, Rsvp
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
    "AbsenceNote",
    "AbsenceNoteQuerySet",
    "Action",
    "ActionQuerySet",
    "Attendance",
    "CalendarFeed",
    "CalendarFeedQuerySet",
    "CancelCause",
    "Kit",
    "OfSessionQuerySet",
    "PollAnswer",
    "PollTime",
    "Retrospective",
    "RetrospectiveQuerySet",
    "Rsvp",
    "Session",
    "SessionQuerySet",
    "TimePoll",
    "TimePollQuerySet",
    "Turn",
    "WordsQuerySet",
]
