"""Who may lay a hand on a session, and the lock under which its season changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from mentoring.common import clock
from mentoring.identity.models import Member
from pairing.models import COORDINATING, Partnership, Seat
from sessions.errors import AlreadyBegun, NotPlanned, NotTheirs
from sessions.models import Session, Turn
from sessions.queries.facts import seat_of


def hold(partnership: Partnership) -> Partnership:
    """Let one change of a season at a time through, and return the partnership as it is now."""
    return (
        Partnership.objects.select_for_update(of=("self",))
        .select_related("organisation", "cohort__program")
        .get(pk=partnership.pk)
    )


def require_hand(*, partnership: Partnership, by: Member | None) -> None:
    """Raise NotTheirs unless `by` is the platform, a coordinator, or has an open seat."""
    if by is None or by.role in COORDINATING or seat_of(partnership, by):
        return
    raise NotTheirs


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


def people_told(partnership: Partnership) -> Iterable[Member]:
    """Return the members in the open seats who may be written to."""
    seats = (
        partnership.seats.filter(left_at=None)
        .exclude(enrolment__member__state=Member.State.LEFT)
        .select_related("enrolment__member__organisation")
        .order_by("id")
    )
    return [seat.enrolment.member for seat in seats]
