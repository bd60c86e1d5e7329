"""What people are told: one letter for a season, and one for each change of a session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

from mentoring.identity.models import Member
from mentoring.identity.queries import settings_in_force
from mentoring.notifications.operations import Door, enqueue, withdraw
from pairing.models import Partnership
from sessions.models import Session, Turn
from sessions.operations.rights import people_told


def invite(*, partnership: Partnership, sessions: Sequence[Session], by: Member | None) -> None:
    """Write to each partner once, with all dates of the season and the role held on each."""
    turns = Turn.objects.filter(session__in=[s.pk for s in sessions]).select_related(
        "role", "seat__enrolment"
    )
    roles = {(turn.session_id, turn.seat.enrolment.member_id): turn.role.name for turn in turns}
    people = list(people_told(partnership))
    zone = settings_in_force().zone
    for member in people:
        others = [each.full_name for each in people if each.pk != member.pk]
        enqueue(
            member=member,
            kind="sessions.invitation",
            dedupe_key=f"sessions.invitation:{sessions[0].pk}:{member.pk}",
            door=Door(page=sessions[0].get_absolute_url()),
            context={
                "partnership": partnership.name,
                "others": others,
                "minutes": sessions[0].duration_minutes,
                "dates": [
                    {
                        "when": written(session.starts_at, member, zone),
                        "role": roles.get((session.pk, member.pk), ""),
                    }
                    for session in sessions
                ],
            },
            about=partnership.pk,
        )


def tell_changed(*, session: Session, was_at: datetime, by: Member | None) -> None:
    """Write to each partner but who did it that a session has moved or will not take place.

    A letter about an earlier change that has not left yet is taken back: the last one holds.
    """
    withdraw(about=session.pk)
    zone = settings_in_force().zone
    cancelled = session.state == Session.State.CANCELLED
    for member in people_told(session.partnership):
        if by and member.pk == by.pk:
            continue
        enqueue(
            member=member,
            kind="sessions.changed",
            dedupe_key=f"sessions.changed:{session.pk}:{session.sequence}:{member.pk}",
            door=Door(page=session.get_absolute_url()),
            context={
                "partnership": session.partnership.name,
                "cancelled": cancelled,
                "cause": session.cause_words if cancelled else "",
                "was": written(was_at, member, zone),
                "now": written(session.starts_at, member, zone),
                "by": by.full_name if by else "",
            },
            about=session.pk,
        )


def written(instant: datetime, member: Member, zone: ZoneInfo) -> str:
    """Write a time in the reader's zone, with the zone, since a letter cannot ask for it."""
    here = instant.astimezone(ZoneInfo(member.time_zone) if member.time_zone else zone)
    return f"{date_format(here, 'l j F Y, H:i')} ({here.tzname()})"
