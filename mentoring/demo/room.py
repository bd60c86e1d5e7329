"""A meeting that begins within the hour, so that the room can be tried at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from mentoring.identity.models import Member
from pairing.models import Partnership
from sessions import operations as sessions
from sessions.models import Session

SOON = timedelta(minutes=10)  # from when the demo is made


def meet_today(member: Member, *, now: datetime) -> None:
    """Move the next session of this person's circle to the next full quarter of an hour."""
    upcoming = (
        Session.objects.filter(
            partnership__seats__enrolment__member=member,
            partnership__seats__left_at=None,
            partnership__state=Partnership.State.ACTIVE,
            state=Session.State.PLANNED,
            starts_at__gt=now,
        )
        .for_list()
        .order_by("starts_at", "id")
        .first()
    )
    if upcoming is not None:
        sessions.reschedule(session=upcoming, starts_at=_quarter_after(now + SOON), by=member)


def _quarter_after(instant: datetime) -> datetime:
    past = timedelta(
        minutes=instant.minute % 15, seconds=instant.second, microseconds=instant.microsecond
    )
    return instant - past + timedelta(minutes=15)
