"""A table that somebody has left: what was written before that, and what was written after."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import time_machine
from django.db.models import QuerySet

from agreements.decisions.models import Decision, Step, Wording
from agreements.goals.models import Goal
from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from pairing.models.partnerships import Seat
from programs.models.programs import Enrolment
from sessions.models.rooms import Room
from sessions.models.sessions import Attendance, Retrospective, Session
from tests.cast import make_cast, make_member
from tests.kept import kept
from tests.walk import world as worlds
from tests.walk.world import World

EARLY, LATE, NEWCOMER = "earlywords", "latewords", "Newcomername"
LATE_LINK = "https://video.example/latewords"
BEGAN, LEFT = timedelta(days=30), timedelta(days=20)  # ago


@dataclass
class Left:
    """Acme's world, whose table `former` has left and `newcomer` has joined since."""

    world: World
    former: Member
    newcomer: Member
    hr: Member
    early: Session
    before: World  # the same, its rows those that were there before


def kept_left() -> Left:
    """Return that world, made once a worker."""
    return kept("left", _make_left)


def _make_left() -> Left:
    cast, now = make_cast(), clock.now()
    world = World(
        organisation=cast.acme,
        canary="canaryacme",
        owner=cast.olga,
        coordinator=cast.cora,
        participant=cast.petra,
        partner=make_member(cast.acme, "Partner"),
    )
    former = make_member(cast.acme, "Former")
    newcomer = make_member(cast.acme, NEWCOMER)
    with tenant(cast.acme, member=world.participant.pk):
        with time_machine.travel(now - BEGAN, tick=False):
            worlds._set_up(world)
            worlds._pair(world)
            seat = _take(world, former)
            early = _write_early(world, now - BEGAN + timedelta(days=5))
        Seat.objects.filter(pk=seat.pk).update(left_at=now - LEFT)
        _take(world, newcomer)
        _write_late(world)
        worlds._platform(world)
    before = replace(world, rows={**world.rows, **early})
    return Left(world, former, newcomer, cast.hugo, early["session"], before)


def _take(world: World, member: Member) -> Seat:
    at = clock.now()
    enrolment = Enrolment.objects.create(
        cohort=world.rows["cohort"],
        member=member,
        part=Enrolment.Part.PEER,
        state=Enrolment.State.ACTIVE,
        applied_at=at,
        accepted_at=at,
        started_at=at,
    )
    partnership = world.rows["partnership"]
    return Seat.objects.create(
        partnership=partnership, enrolment=enrolment, part="peer", taken_at=at
    )


def _write_early(world: World, held_at: datetime) -> dict[str, Any]:
    partnership, seat = world.rows["partnership"], world.rows["seat"]
    early = Session.objects.create(
        partnership=partnership,
        number=9,
        starts_at=held_at,
        duration_minutes=60,
        day=held_at.date(),
        state=Session.State.HELD,
        held_at=held_at,
        topic=f"{EARLY} topic",
    )
    Attendance.objects.create(session=early, seat=seat, kind=Attendance.Kind.PRESENT)
    Retrospective.objects.create(session=early, seat=seat, worked=f"{EARLY} worked")
    goal = Goal.objects.create(
        partnership=partnership, due_on=(held_at + timedelta(days=90)).date(), title=f"{EARLY} goal"
    )
    decision = Decision.objects.create(
        partnership=partnership,
        number=9,
        method="consent",
        proposer=seat,
        state=Decision.State.REACT,
        opened_at=clock.now(),
    )
    Wording.objects.create(
        decision=decision,
        version=1,
        title=f"{EARLY} title",
        text=EARLY,
        by=seat,
        written_at=clock.now(),
    )
    Step.objects.create(
        decision=decision, number=1, state="clarify", version=1, ballot=0, by=seat, at=clock.now()
    )
    return {"session": early, "held_session": early, "goal": goal, "decision": decision}


def _write_late(world: World) -> None:
    """One of everything with late words; what a coordinator may read keeps the world's canary."""
    canary, world.canary = world.canary, LATE
    worlds._meet(world)
    worlds._say(world)
    world.canary = canary
    sessions: QuerySet[Session] = Session.objects.filter(number__lt=9)
    steps = [{"title": f"{canary} item", "minutes": 10, "kind": "topic"}]
    sessions.update(agenda=steps, place=f"{LATE} place", video_url=LATE_LINK)
    for room in Room.objects.all():
        room.state["steps"] = steps
        room.save()
