"""What opens an agenda: what was to change last time, and what was promised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from core.members.models import Member
from pairing.models.partnerships import Seat, SeatQuerySet
from sessions.models.replies import AbsenceNote, Rsvp
from sessions.models.sessions import Absence, Retrospective, Session


def to_change(session: Session, member: Member) -> tuple[Retrospective, ...]:
    """Return what the last held session before this one wanted changed: it opens the agenda."""
    last = (
        Session.objects.filter(
            partnership=session.partnership,
            state=Session.State.HELD,
            starts_at__lt=session.starts_at,
        )
        .order_by("-starts_at", "-number")
        .values("pk")[:1]
    )
    rows = Retrospective.objects.visible_to(member).filter(session__in=last).exclude(change="")
    return tuple(rows.select_related("seat__enrolment__member").order_by("id"))


def expected_at(session: Session) -> SeatQuerySet:
    """Return the seats that may have been at a session: the open ones, and after an end also
    those that were open when it began."""
    ended_at = session.partnership.ended_at
    there = Q(left_at=None)
    if ended_at:
        there |= Q(left_at__gte=session.starts_at)
    return Seat.objects.filter(there, partnership=session.partnership_id)


def held_counts(partnerships: Iterable[UUID]) -> dict[UUID, int]:
    """Return how many sessions each of these partnerships has held; 0 for none."""
    wanted = list(partnerships)
    rows = (
        Session.objects.filter(partnership__in=wanted, state=Session.State.HELD)
        .order_by()
        .values("partnership")
        .annotate(held=Count("pk"))
    )
    return dict.fromkeys(wanted, 0) | {row["partnership"]: row["held"] for row in rows}


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
    replies: dict[UUID, dict[UUID, Reply]] = {}
    for key in away | comes:
        session_id, seat_id = key
        reply = Reply(key in comes, key in away, notes.get(key, "") if key in away else "")
        replies.setdefault(session_id, {})[seat_id] = reply
    return replies
