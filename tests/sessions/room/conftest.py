"""The circle's first session, ten minutes after it should begin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine

from core.members.models import Member
from core.tenancy.context import tenant
from sessions.models.sessions import Session, Turn
from tests.sessions.conftest import Circle, circle, noon
from tests.sessions.room.build import AGENDA, tap

__all__ = ["circle", "noon"]


@dataclass
class Table:
    """A session in its hour, with who leads it, who counts, and somebody without either role."""

    circle: Circle
    session: Session
    host: Member
    watcher: Member
    guest: Member

    def seat(self, member: Member) -> str:
        return str(self.circle.seat(member.given_name).pk)

    def begin(self, *, at_step: int = 0) -> None:
        """Let everybody come in and begin, and go to that step."""
        for seat in self.circle.seats:
            tap(self.session, self.host, "here", seat=str(seat.pk))
        tap(self.session, self.host, "start")
        if at_step:
            tap(self.session, self.host, "step", to=at_step)


@pytest.fixture
def table(circle: Circle) -> Iterator[Table]:
    session = circle.sessions[0]
    with tenant(session.organisation_id):
        Session.objects.filter(pk=session.pk).update(agenda=AGENDA)
        session = Session.objects.for_list().get(pk=session.pk)
        turns = list(
            Turn.objects.filter(session=session).select_related("role", "seat__enrolment__member")
        )
    holders = {turn.role.key: turn.seat.enrolment.member for turn in turns}
    busy = {member.pk for member in holders.values()}
    guest = next(member for member in circle.members if member.pk not in busy)
    with time_machine.travel(session.starts_at + timedelta(minutes=10), tick=False):
        yield Table(circle, session, holders["facilitator"], holders["voice_watcher"], guest)
