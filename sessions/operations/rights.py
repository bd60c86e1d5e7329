"""Who may lay a hand on a session, and the lock under which its season changes."""

from __future__ import annotations

from datetime import datetime

from mentoring.common import clock
from mentoring.identity.models import Member
from pairing.models import COORDINATING, Partnership, Seat
from pairing.partnerships.seats import lock_partnership as hold
from pairing.partnerships.seats import people_told
from pairing.partnerships.seats import require_partner_or_coordinator as require_hand
from sessions.errors import AlreadyBegun, NotPlanned, NotTheirs
from sessions.models import Session, Turn

__all__ = [
    "hold",
    "leads",
    "people_told",
    "renumber",
    "require_hand",
    "require_own_seat",
    "require_still_to_come",
]


def require_own_seat(*, session: Session, seat: Seat, by: Member | None) -> None:
    """Raise NotTheirs unless `by` may speak for this seat: its person, or a coordinator."""
    if seat.partnership_id != session.partnership_id or seat.left_at is not None:
        raise NotTheirs
    if by and by.role not in COORDINATING and seat.enrolment.member_id != by.pk:
        raise NotTheirs


def require_still_to_come(session: Session) -> None:
    """Read the session again; raise NotPlanned or AlreadyBegun if nobody can say any more."""
    session.refresh_from_db(fields=["state", "starts_at"])
    if not session.is_planned:
        raise NotPlanned
    if session.starts_at <= clock.now():
        raise AlreadyBegun


def leads(*, session: Session, by: Member) -> bool:
    """Say whether `by` holds the leading role of this session."""
    turns = Turn.objects.filter(session=session, role__leads=True, seat__left_at=None)
    return turns.filter(seat__enrolment__member=by).exists()


def renumber(partnership: Partnership, *, at: datetime) -> None:
    """Let the numbers of sessions follow their times; the unique constraint wants two steps."""
    rows = list(Session.objects.filter(partnership=partnership).order_by("starts_at", "id"))
    moved = [(row, n) for n, row in enumerate(rows, 1) if row.number != n]
    for offset in (len(rows) + 10_000, 0):
        for row, number in moved:
            row.number = number + offset
            row.changed_at = at
        Session.objects.bulk_update([row for row, _ in moved], ["number", "changed_at"])
