"""Turns that change hands and roles that are elected, so that each step can be seen."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.members.models import Member
from core.tenancy.context import look_as
from core.tenancy.days import day_of
from devtools.demo.history import attempt
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import MeetingRole
from sessions.attendance.operations import replies
from sessions.elections import operations as elections_operations
from sessions.models.elections import Election
from sessions.models.offers import DeclineReason
from sessions.models.sessions import Turn
from sessions.rotation.operations import offers
from sessions.rotation.queries import turns as rotation_turns

SOON = timedelta(days=4)  # sessions from then on leave time to ask somebody


def agree_on_turns(member: Member, *, now: datetime) -> None:
    """In this person's circle one cannot come, one asks for a swap, one declines with a word; the
    notes are given to somebody by election, and the timekeeper is being elected."""
    circles = Partnership.objects.active().filter(
        seats__enrolment__member=member, seats__left_at=None, cohort__program__format="circles"
    )
    circle = circles.select_related("organisation", "cohort__program").order_by("id").first()
    if circle is None:
        return
    with attempt():
        _one_cannot_come(circle, member, now)
    with attempt():
        _one_asks_for_a_swap(circle, member, now)
    with attempt():
        _one_declines(circle, member, now)
    for key, decided in (("note_taker", True), ("timekeeper", False)):
        with attempt():
            _elect(circle, key, decided=decided, now=now)


def _turns(circle: Partnership, now: datetime) -> list[Turn]:
    turns = Turn.objects.filter(
        session__partnership=circle,
        session__state="planned",
        session__starts_at__gt=now + SOON,
        seat__left_at=None,
    )
    wanted = turns.select_related("session__partnership", "role", "seat__enrolment__member")
    return list(wanted.order_by("session__starts_at", "role__priority"))


def _one_cannot_come(circle: Partnership, member: Member, now: datetime) -> None:
    for turn in _turns(circle, now):
        if turn.role.leads and turn.seat.enrolment.member_id != member.pk:
            by = turn.seat.enrolment.member
            replies.declare_absence(session=turn.session, seat=turn.seat, by=by)
            return


def _one_asks_for_a_swap(circle: Partnership, member: Member, now: datetime) -> None:
    """Somebody asks this person, so that there is a question to answer."""
    mine, theirs = rotation_turns.turns_to_exchange(
        partnership=circle, member=member, at=now + SOON
    )
    open_ones = rotation_turns.open_offers_of(partnership=circle, member=member, at=now)
    busy = {offer.session_id for offer in open_ones}
    for turn in theirs:
        if turn.session_id in busy:
            continue
        others = [other for other in mine if other.session_id != turn.session_id]
        if others and not turn.role.leads:
            by = turn.seat.enrolment.member
            offers.request_swap(mine=turn, theirs=others[-1], by=by)
            return


def _one_declines(circle: Partnership, member: Member, now: datetime) -> None:
    for turn in reversed(_turns(circle, now)):
        if not turn.role.leads and turn.seat.enrolment.member_id != member.pk:
            by = turn.seat.enrolment.member
            look_as(by.pk)
            offers.decline_turn(
                turn=turn,
                reason=DeclineReason.WORKLOAD,
                words="The quarter ends that week. I am glad to take two turns after it.",
                by=by,
            )
            return


def _elect(circle: Partnership, key: str, *, decided: bool, now: datetime) -> None:
    role = MeetingRole.objects.get(program=circle.cohort.program_id, key=key)
    seats = list(
        Seat.objects.open()
        .filter(partnership=circle)
        .select_related("enrolment__member")
        .order_by("id")
    )
    led = set(
        Turn.objects.filter(session__partnership=circle, session__state="held", role__leads=True)
        .values_list("seat", flat=True)
        .order_by()
    )
    # somebody who has led already: an elected holder is not free to lead
    candidate = next((seat for seat in reversed(seats) if seat.pk in led), seats[-1])
    first = seats[0].enrolment.member
    election: Election = elections_operations.open_election(
        partnership=circle,
        role=role,
        description=role.duties,
        term_until=min(day_of(now + timedelta(days=60)), circle.ends_on),
        by=first,
    )
    for number, seat in enumerate(seats):
        nominee = seats[1] if number % 3 == 0 else candidate
        elections_operations.nominate(
            election=election,
            nominee=nominee,
            reason=REASONS[number % len(REASONS)],
            by=seat.enrolment.member,
        )
    elections_operations.open_changes(election=election, by=first)
    elections_operations.propose(election=election, by=first)
    for seat in seats if decided else seats[:1]:
        elections_operations.consent(election=election, consents=True, by=seat.enrolment.member)


REASONS = (
    "She writes what was decided, not what was said.",
    "He asks who has not spoken yet.",
    "Always there five minutes early.",
    "It would be good for them to try it.",
)
