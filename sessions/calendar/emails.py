"""What people are told: one e-mail for a season, and one for each change of a session.

Each e-mail brings the events it speaks of, so that calendars follow without anybody typing.
Nothing is said of sessions that have begun: calendars keep the past as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.utils import translation

from core.common import clock
from core.members.models import Member
from core.notifications.operations import CalendarPart, Link, enqueue, withdraw
from core.notifications.render import written
from core.tenancy.queries import settings_in_force
from pairing.models.partnerships import Partnership
from pairing.partnerships.seats import people_told
from sessions.calendar import ics
from sessions.calendar.queries import answers_by_member
from sessions.models import replies
from sessions.models.sessions import Session, Turn

RSVP = "rsvp"  # the purpose of the signed link that asks whether somebody comes


def invite(
    *,
    partnership: Partnership,
    sessions: Iterable[Session],
    by: Member | None,
    moved: bool = False,
    to: Iterable[Member] | None = None,
) -> None:
    """Write to each partner once, with all dates of the season and the role held on each.

    `moved` says that these take the place of dates they know; `to` names who is written to
    instead of all.  An invitation to this season that has not left yet is taken back.
    """
    coming = [session for session in sessions if session.starts_at > clock.now()]
    if not coming:
        return
    for session in coming:  # each knows its address without asking again
        session.partnership, session.organisation = partnership, partnership.organisation
    people = list(people_told(partnership))
    turns = _turns(coming)
    zone = settings_in_force().zone
    reason = f"sessions.invitation:{coming[0].pk}:{max(s.sequence for s in coming)}"
    for member in people if to is None else to:
        withdraw(about=partnership.pk, kind="sessions.invitation", member=member)
        enqueue(
            member=member,
            kind="sessions.invitation",
            dedupe_key=f"{reason}:{member.pk}",
            link=Link(signed=RSVP, object_id=coming[0].pk),
            context={
                "partnership": partnership.name,
                "others": [person.full_name for person in people if person.pk != member.pk],
                "minutes": coming[0].duration_minutes,
                "moved": moved,
                "dates": [
                    {
                        "when": written(session.starts_at, member, zone),
                        "role": _role(turns.get((session.pk, member.pk))),
                    }
                    for session in coming
                ],
            },
            about=partnership.pk,
            calendar=[
                _part(session, member, turns.get((session.pk, member.pk))) for session in coming
            ],
        )


def taken_out(*, sessions: Iterable[Session], member: Member) -> list[CalendarPart]:
    """Return what takes cancelled sessions out of a person's calendar, for an e-mail of its own."""
    return [_part(session, member, None) for session in sessions]


def tell_changed(*, session: Session, was_at: datetime, by: Member | None) -> None:
    """Write to each partner that a session has moved, changed its place, or will not be.

    Who did it is written to as well: their calendar has to hear of it too.  An e-mail about an
    earlier change that has not left yet is taken back: the last one holds.
    """
    withdraw(about=session.pk)
    cancelled = session.state == Session.State.CANCELLED
    if max(session.starts_at, was_at) <= clock.now():
        return
    zone = settings_in_force().zone
    turns = _turns([session])
    answers = answers_by_member(session)
    for member in people_told(session.partnership):
        link = Link(signed=RSVP, object_id=session.pk)
        enqueue(
            member=member,
            kind="sessions.changed",
            dedupe_key=f"sessions.changed:{session.pk}:{session.sequence}:{member.pk}",
            link=Link(page=session.get_absolute_url()) if cancelled else link,
            context={
                "partnership": session.partnership.name,
                "cancelled": cancelled,
                "moved": session.starts_at != was_at,
                "cause": session.cause_words if cancelled else "",
                "was": written(was_at, member, zone),
                "now": written(session.starts_at, member, zone),
                "place": session.place or session.video_url,
                "by": by.full_name if by and by.pk != member.pk else "",
            },
            about=session.pk,
            calendar=[
                _part(
                    session,
                    member,
                    turns.get((session.pk, member.pk)),
                    answers.get(member.pk, replies.PartStat.NEEDS_ACTION),
                )
            ],
        )


def _turns(sessions: Sequence[Session]) -> dict[tuple[UUID, UUID], Turn]:
    turns = Turn.objects.filter(
        session__in=[session.pk for session in sessions], seat__left_at=None
    ).select_related("role", "seat__enrolment")
    return {(turn.session_id, turn.seat.enrolment.member_id): turn for turn in turns}


def _role(turn: Turn | None) -> str:
    return str(turn.role.name) if turn else ""


def _part(
    session: Session,
    member: Member,
    turn: Turn | None,
    answered: replies.PartStat = replies.PartStat.NEEDS_ACTION,
) -> CalendarPart:
    with translation.override(settings_in_force().locale):
        event = ics.invitation(session=session, member=member, turn=turn, answered=answered)
    return CalendarPart(
        name=f"session-{session.number}.ics", method=ics.method_of(session), text=event.decode()
    )
