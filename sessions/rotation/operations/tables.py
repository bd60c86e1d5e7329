"""What turns do when the people at a table change: pairing does not know of turns."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from pairing.models.partnerships import Partnership, Seat, SeatQuerySet
from sessions.calendar.emails import invite
from sessions.models.sessions import Session, SessionQuerySet, Turn
from sessions.rotation.operations.rotation import replan

AT_ONCE = 200  # partnerships in one round of the sweep: a transaction stays short


def replan_changed_tables(*, at: datetime) -> int:
    """Mend the seasons of active partnerships whose people have changed; return how many.

    It notices a turn to come on a seat that somebody has left, and a seat taken since the
    season was planned that holds no turn in it.  Who is expected at the sessions to come has
    changed as well, so their `changed_at` moves; that is what makes this safe to repeat where
    a newcomer cannot be given a turn.
    """
    coming = Session.objects.filter(state=Session.State.PLANNED, starts_at__gt=at)
    left = Turn.objects.filter(
        session__in=coming, session__partnership=OuterRef("pk"), seat__left_at__isnull=False
    )
    at_the_table = Seat.objects.open().filter(partnership=OuterRef("pk"))
    changed = Partnership.objects.active().filter(
        Exists(at_the_table),
        Q(Exists(left)) | Q(Exists(_newcomers(coming).filter(partnership=OuterRef("pk")))),
    )
    mended = 0
    for partnership in changed.order_by("id")[:AT_ONCE]:
        newcomers = _newcomers(coming).filter(partnership=partnership)
        people = [seat.enrolment.member for seat in newcomers.select_related("enrolment__member")]
        replan(partnership=partnership, newcomers=set(newcomers.values_list("pk", flat=True)))
        theirs = coming.filter(partnership=partnership)
        theirs.update(changed_at=at)
        invite(partnership=partnership, sessions=theirs.order_by("starts_at"), by=None, to=people)
        mended += 1
    return mended


def _newcomers(coming: SessionQuerySet) -> SeatQuerySet:
    """Return the open seats of which a session to come has not heard, without a turn in any."""
    unheard_of = coming.filter(
        partnership=OuterRef("partnership_id"), changed_at__lt=OuterRef("taken_at")
    )
    turns = Turn.objects.filter(session__in=coming, seat=OuterRef("pk"))
    return Seat.objects.open().filter(Exists(unheard_of), ~Exists(turns))
