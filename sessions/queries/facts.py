"""Facts of sessions for home, feedback and metrics: what is next, what was held, who led."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from mentoring.identity.models import Member
from pairing.models import COORDINATING, MatchRun, Partnership, PartnershipQuerySet, Seat
from pairing.partnerships.seats import open_seats as open_seats
from pairing.partnerships.seats import seat_of as seat_of
from programs.models import MeetingRole
from sessions.engine import lead_spread
from sessions.models import Attendance, Session, Turn, TurnOffer
from sessions.reasons import why


@dataclass(frozen=True)
class NextSession:
    """A session to come, with the role that this person holds in it; '' where there is none."""

    session: Session
    role_key: str = ""
    role_name: str = ""
    duties: str = ""
    leads: bool = False
    reason: str = ""
    absent: bool = False


def next_sessions_of(
    *, member: Member, at: datetime, limit: int | None = None
) -> list[NextSession]:
    """Return the planned sessions to come of all this person's partnerships, soonest first.

    A session that has begun stays the next one until it would have ended.
    """
    mine = Seat.objects.open().filter(
        partnership=OuterRef("partnership_id"), enrolment__member=member
    )
    running = Session.objects.filter(state=Session.State.PLANNED).filter(Exists(mine))
    sessions = [
        session
        for session in running.filter(
            partnership__state=Partnership.State.ACTIVE, day__gte=at.date().replace(day=1)
        )
        .for_list()
        .order_by("starts_at", "id")
        if session.ends_at > at
    ][:limit]
    turns = Turn.objects.filter(
        session__in=[session.pk for session in sessions], seat__enrolment__member=member
    ).select_related("role")
    by_session = {turn.session_id: turn for turn in turns}
    away = set(
        Session.objects.filter(
            pk__in=[session.pk for session in sessions],
            absences__seat__enrolment__member=member,
        ).values_list("pk", flat=True)
    )
    return [_next(session, by_session.get(session.pk), session.pk in away) for session in sessions]


def next_session_of(*, member: Member, at: datetime) -> NextSession | None:
    """Return the next planned session of this person with their role in it, or None."""
    return next(iter(next_sessions_of(member=member, at=at, limit=1)), None)


def turns_to_swap(*, partnership: Partnership, member: Member, at: datetime) -> list[Turn]:
    """Return the turns to come that this person may give to others, in order of time.

    Coordinators may all; partners those of sessions that they lead or that nobody leads.
    """
    turns = Turn.objects.filter(
        session__partnership=partnership,
        session__state=Session.State.PLANNED,
        session__starts_at__gt=at,
        seat__left_at=None,
    )
    if member.role not in COORDINATING:
        leading = Turn.objects.filter(
            session=OuterRef("session"), role__leads=True, seat__left_at=None
        )
        own = leading.filter(seat__enrolment__member=member)
        turns = turns.filter(Exists(own) | ~Exists(leading))
    return list(
        turns.select_related(
            "session__organisation", "session__partnership", "role", "seat__enrolment__member"
        ).order_by("session__starts_at", "role__priority", "id")
    )


def turns_to_exchange(
    *, partnership: Partnership, member: Member, at: datetime
) -> tuple[list[Turn], list[Turn]]:
    """Return this person's turns to come and those of the others, in order of time."""
    turns = list(
        Turn.objects.filter(
            session__partnership=partnership,
            session__state=Session.State.PLANNED,
            session__starts_at__gt=at,
            seat__left_at=None,
        )
        .select_related(
            "session__organisation", "session__partnership", "role", "seat__enrolment__member"
        )
        .order_by("session__starts_at", "role__priority", "id")
    )
    mine = [turn for turn in turns if turn.seat.enrolment.member_id == member.pk]
    return mine, [turn for turn in turns if turn.seat.enrolment.member_id != member.pk]


def open_offers_of(*, partnership: Partnership, at: datetime) -> list[TurnOffer]:
    """Return the questions about turns of this season that wait for an answer, oldest first."""
    waiting = TurnOffer.objects.open().filter(session__partnership=partnership, expires_at__gt=at)
    return list(waiting.for_list().order_by("id"))


def my_turns(*, member: Member, at: datetime) -> list[NextSession]:
    """Return the turns that this person will hold, soonest first: the part "your turns" of home."""
    return [each for each in next_sessions_of(member=member, at=at) if each.role_key]


def _next(session: Session, turn: Turn | None, absent: bool) -> NextSession:
    if turn is None:
        return NextSession(session, absent=absent)
    role: MeetingRole = turn.role
    return NextSession(
        session=session,
        role_key=role.key,
        role_name=role.name,
        duties=role.duties,
        leads=role.leads,
        reason=why(turn.reason, turn.reason_detail),
        absent=absent,
    )


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


def quiet_partnerships(*, since: datetime) -> PartnershipQuerySet:
    """Active partnerships whose people have not met since then."""
    met = Session.objects.filter(partnership=OuterRef("pk"), held_at__gte=since)
    return Partnership.objects.active().filter(~Exists(met))


def lead_spreads(partnerships: Iterable[UUID]) -> dict[UUID, int | None]:
    """Return the lead spread of each partnership over the sessions it has held; None before one.

    The largest minus the smallest number of turns led, over the partners present all season:
    those in open seats that were taken before the first held session.  A turn counts for its
    holder if they were there.
    """
    wanted = list(partnerships)
    held = Session.objects.filter(partnership__in=wanted, state=Session.State.HELD)
    first: dict[UUID, datetime] = {}
    for partnership_id, starts_at in held.order_by("starts_at").values_list(
        "partnership", "starts_at"
    ):
        first.setdefault(partnership_id, starts_at)
    there = Attendance.objects.filter(
        session=OuterRef("session"), seat=OuterRef("seat"), kind=Attendance.Kind.PRESENT
    )
    led = dict(
        Turn.objects.filter(Exists(there), session__in=held, role__leads=True)
        .order_by()
        .values("seat")
        .annotate(turns=Count("pk"))
        .values_list("seat", "turns")
    )
    counts: dict[UUID, list[int]] = defaultdict(list)
    seats = Seat.objects.open().filter(partnership__in=first)
    for seat_id, partnership_id, taken_at in seats.values_list("pk", "partnership", "taken_at"):
        if taken_at <= first[partnership_id]:
            counts[partnership_id].append(led.get(seat_id, 0))
    return {each: lead_spread(counts[each]) for each in wanted}


def run_has_met(run: MatchRun, *, at: datetime) -> bool:
    """Say whether anybody of a published run may have met: a session was held, or has begun."""
    theirs = Session.objects.filter(partnership__run=run)
    begun = Q(state__in=[Session.State.PLANNED, Session.State.MISSED], starts_at__lte=at)
    return theirs.filter(Q(state=Session.State.HELD) | begun).exists()
