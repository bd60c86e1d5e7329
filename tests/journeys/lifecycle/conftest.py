"""A circle of six in a program that runs, the clock in our hands, and a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from core.members.models import Member
from devtools import mail_server
from tests.cast import Cast, make_member
from tests.journeys.lifecycle.world import HOLD, World
from tests.sessions.build import NOON
from tests.sessions.conftest import Circle, circle

__all__ = ["circle"]


@pytest.fixture
def noon() -> Iterator[time_machine.Traveller]:
    """Stop the clock on Monday noon; the journey moves it."""
    with time_machine.travel(NOON, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def world(noon: time_machine.Traveller, tmp_path: Path, settings) -> Iterator[World]:
    settings.NOTIFICATION_HOLD = HOLD
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = mail_server.HOST
    with mail_server.running(tmp_path / "mail") as settings.EMAIL_PORT:
        yield World(noon, tmp_path / "mail")


@pytest.fixture
def met(world: World, circle: Circle) -> Circle:
    """The circle whose people have the season in their calendars."""
    world.minute()
    assert {len(world.calendar(member)) for member in circle.members} == {6}
    return circle


@pytest.fixture
def nadia(cast: Cast, noon: time_machine.Traveller) -> Member:
    """Somebody of Acme who takes part in nothing yet."""
    return make_member(cast.acme, "Nadia")
