"""Phones that tap at the same moment: none is lost, none counts twice, the room moves once."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from core.common import clock
from core.tenancy.context import tenant
from sessions.models.rooms import Room, Tap, Voice
from sessions.models.sessions import Session, Turn
from sessions.room import operations as room_operations
from sessions.room import rows
from tests.at_once import at_once
from tests.cast import make_cast
from tests.sessions.build import make_cohort, make_partnership, plan, seats_of
from tests.sessions.room.build import AGENDA, a_tap, live_of

PHONES = 6


@pytest.fixture
def session(transactional_db) -> Session:
    cast = make_cast()
    begins = clock.now() - timedelta(minutes=5)
    with clock.at(begins - timedelta(days=1)):
        cohort = make_cohort(cast.acme, starts_on=begins.date() - timedelta(days=2))
        circle = make_partnership(cohort, [cast.petra, cast.pavel])
        first = plan(circle, first_at=begins)[0]
    with tenant(cast.acme):
        Session.objects.filter(pk=first.pk).update(agenda=AGENDA)
        return Session.objects.for_list().get(pk=first.pk)


def test_taps_of_many_phones_at_once(session: Session):
    with tenant(session.organisation_id):
        lead = Turn.objects.select_related("seat__enrolment__member").get(
            session=session, role__leads=True
        )
        host = lead.seat.enrolment.member
        guest = next(s for s in seats_of(session.partnership) if s.pk != lead.seat_id)

    def send(*taps):
        with tenant(session.organisation_id):
            return room_operations.tap_room(session=session, taps=taps, by=host)

    # whoever comes first makes the room: all begin it at once, and it begins once
    with tenant(session.organisation_id):
        begins = [a_tap(session, "start") for _ in range(PHONES)]
    at_once([lambda each=each: send(each) for each in begins])
    # each phone counts three turns, sends them twice, and presses the same "next"
    with tenant(session.organisation_id):
        assert Room.objects.count() == 1
        heard = [
            [a_tap(session, "heard", seat=str(guest.pk)) for _ in range(3)] for _ in range(PHONES)
        ]
        steps = [a_tap(session, "step", to=1) for _ in range(PHONES)]
    at_once(
        [
            lambda taps=taps, step=step: (send(*taps), send(step, *taps))
            for taps, step in zip(heard, steps, strict=True)
        ]
    )
    with tenant(session.organisation_id):
        live = live_of(session)
        assert (live.step, live.beat) == (1, 2)
        assert live.counts[str(guest.pk)] == 3 * PHONES
        assert Voice.objects.get(seat=guest).turns == 3 * PHONES
        kinds = list(Tap.objects.values_list("kind", flat=True))
        assert (kinds.count("start"), kinds.count("step")) == (1, 1)
        numbers = Tap.objects.order_by("number").values_list("number", flat=True)
        assert list(numbers) == list(range(1, 3 + 3 * PHONES))


def test_a_tap_that_was_read_too_early_is_played_again_on_what_the_other_has_written(
    session: Session, monkeypatch: pytest.MonkeyPatch
):
    with tenant(session.organisation_id):
        lead = Turn.objects.select_related("seat__enrolment__member").get(
            session=session, role__leads=True
        )
        host = lead.seat.enrolment.member
        room_operations.tap_room(session=session, taps=[a_tap(session, "start")], by=host)
        mine, theirs = (a_tap(session, "heard", seat=str(lead.seat_id)) for _ in range(2))
        step = a_tap(session, "step", to=1)
    write, others = rows.write_room, [[mine, theirs, {**step, "key": str(uuid.uuid4())}]]

    def slow(*args, **more):
        """Let another phone send the same tap and two of its own between our read and write."""
        if others:
            taps = others.pop()
            at_once([lambda: send(*taps)])
        return write(*args, **more)

    def send(*taps):
        with tenant(session.organisation_id):
            return room_operations.tap_room(session=session, taps=taps, by=host)

    monkeypatch.setattr(rows, "write_room", slow)
    result = send(mine, step)
    assert result.done == [mine["key"], step["key"]]
    with tenant(session.organisation_id):
        live = live_of(session)
        assert (live.counts[str(lead.seat_id)], live.step) == (2, 1)
        assert Tap.objects.filter(key=mine["key"]).count() == 1
        assert Voice.objects.get(seat=lead.seat).turns == 2
        assert not Tap.objects.filter(key=step["key"]).exists()
