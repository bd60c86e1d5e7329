"""Who has said that they come, who cannot and why, and who has said nothing yet."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from mentoring.identity.models import Member
from pairing.models import Seat
from sessions import ics
from sessions.models import Absence, AbsenceNote, Rsvp, Session


@dataclass(frozen=True)
class Reply:
    """One person's answer to one invitation; both False: nothing was said."""

    comes: bool = False
    away: bool = False
    note: str = ""


NOTHING_SAID = Reply()


def replies_of(session: Session, *, reader: Member) -> dict[UUID, Reply]:
    """Return what was answered by seat; the notes for those whose words they are."""
    return replies_to([session], reader=reader).get(session.pk, {})


def replies_to(sessions: list[Session], *, reader: Member) -> dict[UUID, dict[UUID, Reply]]:
    """Return what was answered by session and seat, in three queries."""
    wanted = [session.pk for session in sessions]
    away = set(Absence.objects.filter(session__in=wanted).values_list("session", "seat"))
    comes = set(Rsvp.objects.filter(session__in=wanted).values_list("session", "seat")) - away
    notes = {
        (session_id, seat_id): text
        for session_id, seat_id, text in AbsenceNote.objects.visible_to(reader)
        .filter(session__in=wanted)
        .values_list("session", "seat", "text")
    }
    found: dict[UUID, dict[UUID, Reply]] = {}
    for key in away | comes:
        session_id, seat_id = key
        reply = Reply(key in comes, key in away, notes.get(key, "") if key in away else "")
        found.setdefault(session_id, {})[seat_id] = reply
    return found


def answers_by_member(session: Session) -> dict[UUID, ics.PartStat]:
    """Return what each partner has answered, as calendars say it."""
    seats = dict(
        Seat.objects.open()
        .filter(partnership=session.partnership_id)
        .values_list("pk", "enrolment__member")
    )
    said: dict[UUID, ics.PartStat] = {}
    for seat_id in Rsvp.objects.filter(session=session).values_list("seat", flat=True):
        said[seat_id] = ics.PartStat.ACCEPTED
    for seat_id in Absence.objects.filter(session=session).values_list("seat", flat=True):
        said[seat_id] = ics.PartStat.DECLINED
    return {member: said[seat] for seat, member in seats.items() if seat in said}
