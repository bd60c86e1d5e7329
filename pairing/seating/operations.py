"""Putting people into circles and pairs that run: seat, move, join, pair by hand, take out.

Everybody concerned is told at once; sessions and agreements notice the changed seats themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.members.models import Member
from pairing.errors import (
    CircleFull,
    KeptApart,
    NameTaken,
    NoRoomLeft,
    NotOneProgram,
    PartnershipOver,
    SeatLeft,
)
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.operations import emails
from pairing.partnerships.operations.partnerships import (
    end_partnership,
    leave_seat,
    make_partnership,
    take_seat,
)
from pairing.partnerships.seats import lock_partnership, open_seats
from pairing.seating.queries import Against, SeatedTables, room_in, why_together
from pairing.texts.reasons import Reason
from programs.models.programs import Enrolment, Program
from programs.operations import enrolments

JOINED = "joined"
MOVED = "moved"
TAKEN_OUT = "taken_out"


@transaction.atomic
def seat_person(*, partnership: Partnership, enrolment: Enrolment, by: Member) -> Seat:
    """Give somebody a seat in a circle, or as the third in a reciprocal pair, that runs.

    Raises PartnershipOver, CircleFull, KeptApart (a reporting line, or two who are never to be
    together), NotEnrolled, NoRoomLeft, SeatTaken.
    """
    partnership = _lock([partnership])[partnership.pk]
    seat = _take(partnership, enrolment, by)
    _weigh_again([partnership])
    emails.to_newcomers(partnership, [seat])
    emails.of_a_change(partnership, act=seat.pk, joined=[enrolment.member])
    return seat


@transaction.atomic
def move_person(*, seat: Seat, to: Partnership, by: Member) -> Seat:
    """Let somebody leave one circle for another, as one act; both are told.

    Raises what `seat_person` raises, and SeatLeft.
    """
    rows = _lock([seat.partnership, to])
    before, to = rows[seat.partnership_id], rows[to.pk]
    person = seat.enrolment.member
    staying = [other for other in open_seats(before) if other.pk != seat.pk]
    leave_seat(seat=seat, by=by, reason=MOVED)
    taken = _take(to, seat.enrolment, by)
    record(by=by, verb="seat.moved", target=to, person=str(person.pk), before=str(before.pk))
    before.refresh_from_db(fields=["state", "ended_at", "end_reason", "changed_at"])
    _weigh_again([before, to])
    emails.to_newcomers(to, [taken], before=before.name)
    emails.of_a_change(to, act=taken.pk, joined=[person])
    if before.is_open:
        emails.of_a_change(before, act=taken.pk, left=[person])
    else:
        emails.of_the_end(before, staying)
    return taken


@transaction.atomic
def take_out(*, seat: Seat, by: Member) -> Seat:
    """Take somebody out of a circle that goes on: they wait for another; all are told.

    A pair, or a circle of two, is ended instead: raises NoRoomLeft then; SeatLeft if they have
    gone.
    """
    partnership = _lock([seat.partnership])[seat.partnership_id]
    sitting = open_seats(partnership)
    if seat.pk not in {other.pk for other in sitting}:
        raise SeatLeft
    if len(sitting) < 3:
        raise NoRoomLeft
    left = leave_seat(seat=seat, by=by, reason=TAKEN_OUT)
    _weigh_again([partnership])
    emails.of_the_end(partnership, [seat], left=True)
    emails.of_a_change(partnership, act=seat.pk, left=[seat.enrolment.member])
    return left


@transaction.atomic
def join_circles(
    *, kept: Partnership, joining: Partnership, name: str = "", by: Member
) -> Partnership:
    """Seat everybody of one circle in another, which keeps its charter, calendar and, unless
    given, its name; the joining one ends, in no figure of completion.

    Raises NotOneProgram for pairs or circles of two cohorts, and what `seat_person` raises.
    """
    if kept.pk == joining.pk or kept.cohort_id != joining.cohort_id:
        raise NotOneProgram
    rows = _lock([kept, joining])
    kept, joining = rows[kept.pk], rows[joining.pk]
    if kept.cohort.program.format != Program.Format.CIRCLES:
        raise NotOneProgram
    coming = open_seats(joining)
    before, old_name = joining.name, kept.name
    end_partnership(partnership=joining, reason=JOINED, by=by)
    seats = [_take(kept, seat.enrolment, by) for seat in coming]
    if name and name != kept.name:
        if name == before:  # the name is free only when the circle that ended gives it up
            _rename(joining, f"{before[:100]} ({old_name})"[:120])
        _rename(kept, name)
    record(by=by, verb="partnership.joined", target=kept, joined=before, people=len(seats))
    _weigh_again([kept])
    people = [seat.enrolment.member for seat in seats]
    emails.to_newcomers(kept, seats, before=before)
    if seats:
        emails.of_a_change(kept, act=seats[0].pk, joined=people)
    return kept


@transaction.atomic
def pair_up(*, seeker: Enrolment, offerer: Enrolment, by: Member) -> Partnership:
    """Make a pair of two people outside any run: a mentee and a mentor, or two peers.

    Raises KeptApart, NotEnrolled, NoRoomLeft.
    """
    cohort = seeker.cohort
    peers = cohort.program.format == Program.Format.PAIRS
    parts = (Enrolment.Part.PEER,) * 2 if peers else (Enrolment.Part.MENTEE, Enrolment.Part.MENTOR)
    _refuse_hard_rules(SeatedTables(cohort), str(seeker.pk), [str(offerer.pk)])
    why = why_together(seeker, offerer)
    partnership = make_partnership(
        cohort=cohort, people=[(seeker, parts[0]), (offerer, parts[1])], by=by
    )
    if why is not None:
        _keep_reasons(partnership, why)
    enrolments.start_enrolments(cohort=cohort, at=clock.now(), enrolments=[seeker, offerer], by=by)
    emails.to_newcomers(partnership, open_seats(partnership))
    return partnership


def _lock(partnerships: Iterable[Partnership]) -> dict[UUID, Partnership]:
    """Lock them in the order of their ids, as whoever takes a publication back does."""
    ordered = sorted(partnerships, key=lambda partnership: partnership.pk)
    return {partnership.pk: lock_partnership(partnership) for partnership in ordered}


def _take(partnership: Partnership, enrolment: Enrolment, by: Member) -> Seat:
    if not partnership.is_open:
        raise PartnershipOver
    if not room_in(partnership, len(open_seats(partnership))):
        raise CircleFull
    tables = SeatedTables(partnership.cohort)
    _refuse_hard_rules(tables, str(enrolment.pk), tables.people[partnership.pk])
    seat = take_seat(partnership=partnership, enrolment=enrolment, part=Enrolment.Part.PEER, by=by)
    enrolments.start_enrolments(
        cohort=partnership.cohort, at=clock.now(), enrolments=[enrolment], by=by
    )
    return seat


def _refuse_hard_rules(tables: SeatedTables, who: str, others: list[str]) -> None:
    hard: list[Against] = [
        rule
        for rule in tables.against(who, [other for other in others if other != who])
        if rule.refused
    ]
    if hard:
        raise KeptApart(hard[0].other, hard[0].rule)


def _weigh_again(partnerships: Iterable[Partnership]) -> None:
    """Keep what circles score now that other people sit there."""
    for partnership in partnerships:
        if partnership.is_open:
            why = SeatedTables(partnership.cohort).reasons(partnership.pk)
            if why is not None:
                _keep_reasons(partnership, why)


def _keep_reasons(partnership: Partnership, why: tuple[int, tuple[Reason, ...]]) -> None:
    partnership.score, reasons = why
    partnership.reasons = [reason.as_json() for reason in reasons]
    Partnership.objects.filter(pk=partnership.pk).update(
        score=partnership.score, reasons=partnership.reasons
    )


def _rename(partnership: Partnership, name: str) -> None:
    with refusing("partnership_name_once", NameTaken()):
        Partnership.objects.filter(pk=partnership.pk).update(name=name, changed_at=clock.now())
    partnership.name = name
