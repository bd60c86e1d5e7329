"""Sessions of a partnership: when they meet, who holds which role, who came, what was learnt."""

from sessions.models.actions import Action, ActionQuerySet
from sessions.models.calendars import CalendarFeed, CalendarFeedQuerySet
from sessions.models.elections import (
    Election,
    ElectionQuerySet,
    ElectionVote,
    Nomination,
    nominations_are_hidden,
)
from sessions.models.offers import (
    DeclineReason,
    DeclineWords,
    TurnDecline,
    TurnOffer,
    TurnOfferQuerySet,
)
from sessions.models.polls import PollAnswer, PollTime, TimePoll, TimePollQuerySet
from sessions.models.replies import AbsenceNote, AbsenceNoteQuerySet, Kit, Rsvp
from sessions.models.rooms import (
    Card,
    CardQuerySet,
    OfRoomQuerySet,
    Room,
    Round,
    SmallGroup,
    Tap,
    Voice,
)
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
    "AbsenceNote",
    "AbsenceNoteQuerySet",
    "Action",
    "ActionQuerySet",
    "Attendance",
    "CalendarFeed",
    "CalendarFeedQuerySet",
    "CancelCause",
    "Card",
    "CardQuerySet",
    "DeclineReason",
    "DeclineWords",
    "Election",
    "ElectionQuerySet",
    "ElectionVote",
    "Kit",
    "Nomination",
    "OfRoomQuerySet",
    "OfSessionQuerySet",
    "PollAnswer",
    "PollTime",
    "Retrospective",
    "RetrospectiveQuerySet",
    "Room",
    "Round",
    "Rsvp",
    "Session",
    "SessionQuerySet",
    "SmallGroup",
    "Tap",
    "TimePoll",
    "TimePollQuerySet",
    "Turn",
    "TurnDecline",
    "TurnOffer",
    "TurnOfferQuerySet",
    "Voice",
    "nominations_are_hidden",
]
