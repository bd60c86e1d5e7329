"""Who leaves a day before a session, or takes a break: stand-ins, buddies, and no new deal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agreements.decisions.queries.ballots import turnout, undecided
from core.common import clock
from core.notifications.models import Email
from core.tenancy.context import tenant
from pairing.partnerships.operations.partnerships import leave_seat
from sessions.models.offers import TurnOffer
from sessions.models.sessions import Session, Turn
from sessions.rotation.operations import offers, rotation
from sessions.rotation.queries.turns import differences, turns_to_come
from tests.agreements.build import deciding
from tests.cast import Cast, make_member
from tests.sessions.build import NOON, hold_session, make_cohort, make_partnership, plan
from tests.sessions.conftest import Circle


@pytest.fixture(autouse=True)
def _at_acme(cast: Cast):
    with tenant(cast.acme):
        yield


def turn_of(session: Session, *, leads: bool) -> Turn:
    rows = Turn.objects.filter(session=session, role__leads=leads)
    found = rows.select_related("seat__enrolment__member", "role", "buddy").first()
    assert found is not None
    return found


def passed(at):
    with clock.at(at):
        offers.settle_offers(at=at)
        filled = offers.stand_in_for_leavers(at=at)
        rotation.replan_changed_tables(at=at)
    return filled


def test_within_a_day_somebody_is_asked_and_the_session_is_not_dealt_anew(circle: Circle):
    session = circle.sessions[0]
    turn = turn_of(session, leads=False)
    before = turns_to_come(partnership=circle.partnership, at=NOON)
    at = session.starts_at - timedelta(hours=20)
    with clock.at(at):
        leave_seat(seat=turn.seat, by=None)
    assert passed(at) == 1
    assert passed(at) == 0

    moved = [
        d
        for d in differences(before, turns_to_come(partnership=circle.partnership, at=NOON))
        if d.session.pk == session.pk
    ]
    assert [(d.role.pk, d.now) for d in moved] == [(turn.role_id, None)]
    offer = TurnOffer.objects.for_list().get()
    assert (offer.kind, offer.expires_at) == (TurnOffer.Kind.STAND_IN, session.starts_at)
    assert not Turn.objects.filter(session=session, seat=offer.asked).exists()
    assert Email.objects.filter(kind="sessions.turn_asked", withdrawn_at=None).count() == 1
    with clock.at(at):
        offers.answer_offer(offer=offer, accepts=True, by=offer.asked.enrolment.member)
    assert Turn.objects.get(session=session, role=turn.role_id).seat_id == offer.asked_id


def test_beside_a_first_time_leader_the_buddy_leads(circle: Circle):
    hold_session(circle.sessions[0])
    session = circle.sessions[1]
    lead = turn_of(session, leads=True)
    buddy = lead.buddy
    assert lead.first_lead
    assert buddy is not None
    at = session.starts_at - timedelta(hours=3)
    with clock.at(at):
        leave_seat(seat=lead.seat, by=None)
    assert passed(at) == 1

    assert turn_of(session, leads=True).seat_id == buddy.pk
    assert Turn.objects.filter(session=session, seat=buddy).count() == 1
    told = Email.objects.filter(kind="sessions.turns_changed", member=buddy.enrolment.member)
    assert told.exists()


def test_while_a_session_is_on_the_buddy_leads_and_nobody_is_written_to_for_it(circle: Circle):
    hold_session(circle.sessions[0])
    session = circle.sessions[1]
    lead = turn_of(session, leads=True)
    at = session.starts_at + timedelta(minutes=10)
    with clock.at(at):
        leave_seat(seat=lead.seat, by=None)
    assert passed(at) == 1
    assert turn_of(session, leads=True).seat_id == lead.buddy_id
    assert not TurnOffer.objects.exists()


def test_a_break_in_a_circle_is_out_of_turns_and_of_the_quorum(circle: Circle):
    seat = turn_of(circle.sessions[1], leads=True).seat
    decision = deciding(circle, quorum="all")
    until = circle.sessions[3].day
    seat.enrolment.paused_until = until
    seat.enrolment.save(update_fields=["paused_until"])

    assert rotation.replan_changed_tables(at=clock.now()) == 1
    assert rotation.replan_changed_tables(at=clock.now()) == 0

    held = Turn.objects.filter(seat=seat, session__state="planned")
    assert all(turn.session.day >= until for turn in held.select_related("session"))
    assert held.filter(role__leads=True).count() == 1
    assert turnout(decision).needed == 5
    assert seat.pk not in {row.pk for row in undecided(decision)}


def test_while_a_session_is_on_a_buddy_who_has_left_too_does_not_lead(circle: Circle):
    hold_session(circle.sessions[0])
    session = circle.sessions[1]
    lead = turn_of(session, leads=True)
    assert lead.buddy is not None
    at = session.starts_at + timedelta(minutes=10)
    with clock.at(at):
        leave_seat(seat=lead.seat, by=None)
        leave_seat(seat=lead.buddy, by=None)
    assert passed(at) == 0
    assert turn_of(session, leads=True).seat_id == lead.seat_id
    assert not TurnOffer.objects.exists()


def test_nobody_is_asked_where_all_who_come_have_a_role_already(noon: None, cast: Cast):
    members = [cast.petra, cast.pavel, *(make_member(cast.acme, n) for n in ("Amara", "Jonas"))]
    session = plan(make_partnership(make_cohort(cast.acme), members))[0]
    turn = turn_of(session, leads=False)
    others = set(Turn.objects.filter(session=session).exclude(pk=turn.pk).values_list("pk"))
    assert len(others) == 3
    at = session.starts_at - timedelta(hours=20)
    with clock.at(at):
        leave_seat(seat=turn.seat, by=None)
    assert passed(at) == 1
    assert not TurnOffer.objects.exists()
    assert set(Turn.objects.filter(session=session).values_list("pk")) == others


def test_who_leaves_after_a_session_keeps_the_turn_they_had_in_it(circle: Circle):
    session = circle.sessions[0]
    turn = turn_of(session, leads=False)
    at = session.ends_at + timedelta(hours=1)
    with clock.at(at):
        leave_seat(seat=turn.seat, by=None)
    assert passed(at) == 0
    assert Turn.objects.get(pk=turn.pk).seat_id == turn.seat_id
    assert not TurnOffer.objects.exists()
