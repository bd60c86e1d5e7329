"""The room in which a circle meets: rounds that were spoken, and a meeting within the hour."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from core.common.ids import new_id
from core.members.models import Member
from pairing.models.partnerships import Partnership, Seat
from sessions.models.sessions import Session
from sessions.planning.operations import changes
from sessions.room import operations as room_operations
from sessions.room import queries as room_queries

SOON = timedelta(minutes=10)  # from when the demo is made
PASSES = 0.4  # how often somebody passes


def speak_in_turn(
    session: Session, seats: Sequence[Seat], present: Sequence[Seat], draw: random.Random
) -> None:
    """Let the first of those present lead a round, in which some pass, and count who speaks."""
    host = present[0].enrolment.member
    here = {seat.pk for seat in present}
    entering: list[dict[str, object]] = [{"kind": "host", "seat": str(present[0].pk)}]
    entering += [{"kind": "here", "seat": str(seat.pk), "here": seat.pk in here} for seat in seats]
    beat = _tap(session, entering, by=host).state.beat
    moves: list[dict[str, object]] = [{"kind": "start", "beat": beat}]
    passed = draw.random() < PASSES
    for number in range(len(present) + passed):  # who passes is asked again at the end
        kind = "pass" if passed and number in {1, len(present)} else "next"
        moves.append({"kind": kind, "beat": beat + 1 + number})
    for place, seat in enumerate(present):
        turns = draw.choices((1, 2, 3, 5), (3, 4, 3, 1))[0]
        if not (passed and place == 2):
            moves += [{"kind": "heard", "seat": str(seat.pk)} for _turn in range(turns)]
    _tap(session, [*moves, {"kind": "end", "beat": beat + len(present) + passed + 1}], by=host)


def _tap(
    session: Session, taps: Sequence[dict[str, object]], *, by: Member
) -> room_queries.Snapshot:
    keyed = [{"key": new_id(), **tap} for tap in taps]
    return room_operations.tap_room(session=session, taps=keyed, by=by).snapshot


def meet_today(member: Member, *, now: datetime) -> None:
    """Move the next session of this person's circle to the next full quarter of an hour."""
    upcoming = (
        Session.objects.filter(
            partnership__seats__enrolment__member=member,
            partnership__seats__left_at=None,
            partnership__state=Partnership.State.ACTIVE,
            partnership__cohort__program__format="circles",
            state=Session.State.PLANNED,
            starts_at__gt=now,
        )
        .for_list()
        .order_by("starts_at", "id")
        .first()
    )
    if upcoming is not None:
        changes.reschedule(session=upcoming, starts_at=_quarter_after(now + SOON), by=member)


def _quarter_after(instant: datetime) -> datetime:
    past = timedelta(
        minutes=instant.minute % 15, seconds=instant.second, microseconds=instant.microsecond
    )
    return instant - past + timedelta(minutes=15)
