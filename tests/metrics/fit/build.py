"""Partnerships that a run has made, with points by criterion and how they went, as rows."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from core.common.ids import new_id
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from feedback.models.fits import FitQuestion
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import Criterion
from programs.models.programs import Cohort, Enrolment
from sessions.models.sessions import Session
from tests.metrics.build import make_cohort, noon
from tests.metrics.impact.build import colleagues

BEGUN = date(2026, 1, 5)
WEIGHTS = {"goals": 5, "level": 4}

Says = Callable[[dict[str, int]], bool]


def reasons_of(points: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "criterion": key,
            "label": key,
            "points": value,
            "of": 100,
            "reason": "overlap_some",
            "evidence": {},
        }
        for key, value in points.items()
    ]


def matched_cohort(
    organisation: Organisation,
    name: str = "Winter",
    *,
    count: int = 60,
    fits: Says = lambda points: points["goals"] > 50,
    meets: Says | None = None,
    seed: int = 1,
    chance: float = 0.2,
    format: str = "mentor",
    flat: Sequence[str] = (),
) -> Cohort:
    """Make pairs; `fits` says of a pair's points whether both said Yes, `chance` aside.

    Who `meets` had contact until the 90th day.  A criterion that is `flat` has equal points.
    """
    dice = random.Random(seed)
    cohort = make_cohort(organisation, name, format=format)
    members = colleagues(organisation, 2 * count, name.lower())
    with tenant(organisation):
        for place, (key, weight) in enumerate(WEIGHTS.items()):
            Criterion.objects.get_or_create(
                program=cohort.program,
                key=key,
                defaults={
                    "kind": "overlap",
                    "label": key.title(),
                    "seeker_field": "member:level",
                    "offerer_field": "member:level",
                    "weight": weight,
                    "position": place,
                },
            )
        enrolments = Enrolment.objects.bulk_create(
            [
                Enrolment(
                    pk=new_id(),
                    cohort=cohort,
                    member=member,
                    part="mentor" if place % 2 else "mentee",
                    state="active",
                    applied_at=noon(BEGUN),
                    accepted_at=noon(BEGUN),
                    started_at=noon(BEGUN),
                )
                for place, member in enumerate(members)
            ]
        )
        pairs, seats, questions, sessions = [], [], [], []
        for number in range(count):
            points = {key: 50 if key in flat else dice.randrange(101) for key in WEIGHTS}
            pair = Partnership(
                pk=new_id(),
                cohort=cohort,
                name=f"{name} {number}",
                starts_on=BEGUN,
                ends_on=cohort.ends_on,
                published_at=noon(BEGUN),
                reasons=reasons_of(points),
            )
            pairs.append(pair)
            well = fits(points) if dice.random() > chance else not fits(points)
            for enrolment in enrolments[2 * number : 2 * number + 2]:
                seat = Seat(
                    pk=new_id(),
                    partnership=pair,
                    enrolment=enrolment,
                    part=enrolment.part,
                    taken_at=noon(BEGUN),
                )
                seats.append(seat)
                questions.append(
                    FitQuestion(
                        seat=seat,
                        moment="day_30",
                        opened_at=noon(BEGUN + timedelta(days=30)),
                        due_on=BEGUN + timedelta(days=44),
                        answered_at=noon(BEGUN + timedelta(days=31)),
                        fits="yes" if well else "mostly",
                    )
                )
            if meets is not None and meets(points) is (dice.random() > chance):
                sessions += [_held(pair, place) for place in range(6)]
        Partnership.objects.bulk_create(pairs)
        Seat.objects.bulk_create(seats)
        FitQuestion.objects.bulk_create(questions)
        Session.objects.bulk_create(sessions)
    return cohort


def _held(pair: Partnership, place: int) -> Session:
    day = BEGUN + timedelta(days=15 * (place + 1) - 1)
    return Session(
        partnership=pair,
        number=place + 1,
        starts_at=noon(day),
        day=day,
        duration_minutes=60,
        state="held",
        held_at=noon(day),
    )
