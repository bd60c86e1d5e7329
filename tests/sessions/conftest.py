"""A circle of six at Acme, its season planned; it is Monday noon, 2 March 2026."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import time_machine
from django.db import connection

from core.common.video import JITSI
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from pairing.models.partnerships import Partnership, Seat
from programs.models.programs import Cohort
from sessions.models.sessions import Session
from tests.cast import Cast, make_member
from tests.kept import kept
from tests.sessions.build import NOON, make_cohort, make_partnership, plan, seats_of


@pytest.fixture
def noon() -> Iterator[None]:
    """Stop the clock: for tests through pages, where the session cookie must live too."""
    with time_machine.travel(NOON, tick=False):
        yield


@dataclass
class Circle:
    """Petra, Pavel and four others, with their planned sessions."""

    cohort: Cohort
    partnership: Partnership
    members: list[Member]
    seats: list[Seat]
    sessions: list[Session]

    def seat(self, given_name: str) -> Seat:
        return next(s for s in self.seats if s.enrolment.member.given_name == given_name)


@pytest.fixture
def circle(noon: None, cast: Cast) -> Circle:
    with tenant(cast.acme):  # a video service is an organisation's choice
        OrganisationSettings.objects.update(video_template=JITSI)
    if not connection.in_atomic_block:
        return _circle_of(cast)
    again, circle = kept(("circle", cast.acme.pk), lambda: (cast, _circle_of(cast)))
    vars(cast).update(vars(again))  # the same people as in the circle
    return circle


def _circle_of(cast: Cast) -> Circle:
    others = [make_member(cast.acme, name) for name in ("Amara", "Jonas", "Leila", "Mei")]
    members = [cast.petra, cast.pavel, *others]
    cohort = make_cohort(cast.acme)
    partnership = make_partnership(cohort, members)
    sessions = plan(partnership)
    with tenant(cast.acme):
        return Circle(cohort, partnership, members, seats_of(partnership), sessions)
