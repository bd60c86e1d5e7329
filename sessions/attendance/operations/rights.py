"""Who may lay a hand on a session, and the lock under which its season changes."""

from __future__ import annotations

from core.common import clock
from core.members.models import Member
from pairing.errors import NotTheirs
from pairing.models.partnerships import Seat
from pairing.models.runs import COORDINATING
from sessions.errors import AlreadyBegun, NotPlanned
from sessions.models.sessions import Session


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
