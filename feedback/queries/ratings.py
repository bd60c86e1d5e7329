"""Reading ratings: which held sessions a person may still rate."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef

from mentoring.identity.models import Member
from mentoring.identity.tenancy import TenantQuerySet
from pairing.models import Seat
from sessions.models import Attendance, Session, SessionQuerySet

# For so long after it was held a session may be rated, and its rating changed.
RATEABLE = timedelta(days=14)


def my_rateable_session(
    session_id: UUID, member: Member, *, at: datetime
) -> tuple[Session, Seat] | None:
    """Return a session that this person may rate now, and the seat from which they do."""
    session = _rateable(member, at).for_list().filter(pk=session_id).first()
    if session is None:
        return None
    return session, Seat.objects.select_related("enrolment").get(
        pk__in=_present(member).filter(session=session).values("seat")
    )


def _rateable(member: Member, at: datetime) -> SessionQuerySet:
    came = _present(member).filter(session=OuterRef("pk"))
    return Session.objects.visible_to(member).filter(
        Exists(came), state=Session.State.HELD, held_at__lte=at, held_at__gt=at - RATEABLE
    )


def _present(member: Member) -> TenantQuerySet[Attendance]:
    return Attendance.objects.filter(kind=Attendance.Kind.PRESENT, seat__enrolment__member=member)


def came_to(session_id: UUID, member: Member) -> bool:
    """Say whether this person was at a session they may see, however long ago."""
    sessions = Session.objects.visible_to(member).filter(pk=session_id)
    return sessions.filter(Exists(_present(member).filter(session=OuterRef("pk")))).exists()
