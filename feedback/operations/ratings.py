"""Ratings: one tap after a session that was held."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Exists, OuterRef

from feedback.errors import RatingClosed
from feedback.models import SessionRating
from feedback.queries.ratings import RATEABLE
from feedback.words import day_words
from mentoring.common import clock
from mentoring.identity.days import day_of
from mentoring.identity.models import Member
from mentoring.notifications.models import Letter
from mentoring.notifications.operations import Door, Draft, enqueue_all, withdraw
from pairing.models import Seat
from sessions.models import Attendance, Session

# Nobody remembers much longer; it also keeps a session recorded late from asking late.
ASK_WITHIN = timedelta(days=3)
DOOR = "rating"


@transaction.atomic
def open_due_ratings(*, at: datetime) -> int:
    """Ask everybody who came to a session held in the last three days; return how many."""
    rated = SessionRating.objects.filter(session=OuterRef("session"), seat=OuterRef("seat"))
    came = (
        Attendance.objects.filter(
            ~Exists(rated),
            kind=Attendance.Kind.PRESENT,
            seat__left_at=None,
            session__state=Session.State.HELD,
            session__held_at__lte=at,
            session__held_at__gt=at - ASK_WITHIN,
        )
        .exclude(seat__enrolment__member__state=Member.State.LEFT)
        .select_related("session__partnership", "seat__enrolment__member")
        .order_by("pk")
    )
    drafts = {draft.dedupe_key: draft for draft in map(_letter, came)}
    asked = Letter.objects.filter(dedupe_key__in=drafts).values_list("dedupe_key", flat=True)
    for key in asked:
        del drafts[key]
    return len(enqueue_all(list(drafts.values())))


def _letter(came: Attendance) -> Draft:
    session = came.session
    return Draft(
        member=came.seat.enrolment.member,
        kind="feedback.session_rating",
        dedupe_key=f"rating:{session.pk}:{came.seat_id}",
        door=Door(signed=DOOR, object_id=session.pk),
        context={"partnership": session.partnership.name, "day": day_words(session.day)},
        about=_about(session, came.seat),
    )


def _about(session: Session, seat: Seat) -> UUID:
    """Return what a letter about one person's rating of one session is about: both at once."""
    return uuid5(session.pk, seat.pk.hex)


@transaction.atomic
def rate_session(*, session: Session, seat: Seat, rating: int) -> SessionRating:
    """Keep how worthwhile the person in this seat found a held session, 1–5; change it if kept.

    Raises RatingClosed unless it was held in the last 14 days, ValueError off the scale or
    for a seat of another partnership.
    """
    if rating not in range(1, 6) or session.partnership_id != seat.partnership_id:
        raise ValueError("a rating is 1 to 5, by a partner")
    now = clock.now()
    held = Session.objects.filter(
        pk=session.pk, state=Session.State.HELD, held_at__lte=now, held_at__gt=now - RATEABLE
    )
    if not held.exists():
        raise RatingClosed
    day = day_of(now)
    kept, _created = SessionRating.objects.update_or_create(
        session=session, seat=seat, defaults={"rating": rating, "rated_at": now, "day": day}
    )
    withdraw(about=_about(session, seat))
    return kept
