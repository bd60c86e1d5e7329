"""Turns stay fair while life happens: absences, choices by hand, sessions missed or cancelled."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.common import clock
from core.tenancy.context import tenant
from pairing.errors import NotTheirs
from pairing.models.partnerships import Seat
from pairing.partnerships.operations import partnerships, repairing
from sessions.attendance.operations import replies
from sessions.errors import (
    AlreadyAbsent,
    AlreadyBegun,
    HolderAbsent,
    NotAbsent,
    NotForYouToAssign,
    NotPlanned,
    TurnsClash,
)
from sessions.models.sessions import Absence, Session, Turn
from sessions.page.queries import sheet
from sessions.planning.operations import changes
from sessions.rotation.engine.evenness import lead_spread
from sessions.rotation.engine.plan import plan_season
from sessions.rotation.operations import offers, rotation
from sessions.rotation.operations import rotation as rotation_rotation
from sessions.rotation.operations import turns as rotation_turns
from sessions.rotation.queries import rotation as rotation_queries_rotation
from sessions.rotation.queries import season as rotation_season
from tests.cast import Cast, make_member
from tests.sessions.build import (
    NOON,
    hold_session,
    leaders,
    make_cohort,
    make_partnership,
    plan,
    take_seat,
)
from tests.sessions.conftest import Circle


def grid(circle: Circle) -> dict[tuple[int, str], str]:
    turns = Turn.objects.filter(session__partnership=circle.partnership).select_related(
        "session", "role", "seat__enrolment__member"
    )
    return {(t.session.number, t.role.key): t.seat.enrolment.member.given_name for t in turns}


@pytest.fixture(autouse=True)
def _at_acme(cast: Cast):
    with tenant(cast.acme):
        yield


def lead_of(session: Session) -> Turn:
    return Turn.objects.select_related("seat__enrolment__member").get(
        session=session, role__leads=True
    )


def test_an_absence_moves_that_turn_and_few_others(circle: Circle):
    before = grid(circle)
    session = circle.sessions[2]
    leader = lead_of(session).seat

    replies.declare_absence(session=session, seat=leader, by=leader.enrolment.member)

    after = grid(circle)
    assert leader.enrolment.member.given_name not in {
        name for (number, _), name in after.items() if number == 3
    }
    assert set(Counter(leaders(circle.partnership)).values()) == {1}
    moved = [at for at in before if before[at] != after.get(at)]
    assert len(moved) <= 8
    assert all(turn.reason for turn in Turn.objects.all())


def test_calendars_hear_of_sessions_whose_turns_moved_and_of_no_others(circle: Circle):
    session = circle.sessions[2]
    before = grid(circle)
    replies.declare_absence(session=session, seat=lead_of(session).seat, by=None)
    after = grid(circle)

    touched = {number for number, _ in before if before[number, _] != after.get((number, _))}
    heard = set(Session.objects.filter(sequence__gt=0).values_list("number", flat=True))
    assert heard == touched
    assert 3 in touched


def test_an_absence_is_said_once_by_those_it_concerns_and_before_it_begins(
    cast: Cast, circle: Circle
):
    session, petra = circle.sessions[0], circle.seat("Petra")
    with pytest.raises(NotTheirs):
        replies.declare_absence(session=session, seat=petra, by=cast.pavel)
    with pytest.raises(NotAbsent):
        replies.withdraw_absence(session=session, seat=petra, by=cast.petra)
    replies.declare_absence(session=session, seat=petra, by=cast.cora)
    with pytest.raises(AlreadyAbsent):
        replies.declare_absence(session=session, seat=petra, by=cast.petra)
    replies.withdraw_absence(session=session, seat=petra, by=cast.petra)
    assert not Absence.objects.exists()
    with clock.at(session.starts_at), pytest.raises(AlreadyBegun):
        replies.declare_absence(session=session, seat=petra, by=cast.petra)


def test_what_was_held_stays_and_the_rest_evens_out(circle: Circle):
    for session in circle.sessions[:2]:
        hold_session(session)
    past = {at: name for at, name in grid(circle).items() if at[0] <= 2}
    reasons = dict(Turn.objects.filter(session__state="held").values_list("pk", "reason"))
    with clock.at(circle.sessions[1].starts_at + timedelta(days=1)):
        gone = lead_of(circle.sessions[2]).seat
        for session in circle.sessions[2:5]:
            replies.declare_absence(session=session, seat=gone, by=None)

    assert {at: name for at, name in grid(circle).items() if at[0] <= 2} == past
    assert dict(Turn.objects.filter(session__state="held").values_list("pk", "reason")) == reasons
    assert set(Counter(leaders(circle.partnership)).values()) == {1}


def test_a_turn_of_somebody_who_was_not_there_does_not_count(circle: Circle):
    first = circle.sessions[0]
    absent = lead_of(first).seat
    hold_session(first, but=[absent])

    at = first.ends_at
    locks = rotation_queries_rotation.read_rotation(
        partnership=circle.partnership, at=at
    ).season.locks
    assert str(absent.pk) not in {lock.member for lock in locks}
    assert len(locks) == 3


def test_after_a_cancelled_session_nobody_leads_twice(circle: Circle):
    changes.cancel(session=circle.sessions[0], cause="illness", by=None)
    led = leaders(circle.partnership)
    assert len(led) == len(set(led)) == 5


def test_a_role_given_by_hand_stays_where_it_was_put(cast: Cast, circle: Circle):
    session = circle.sessions[3]
    lead = lead_of(session)
    other = next(s for s in circle.seats if s.pk != lead.seat_id)

    rotation_turns.assign_turn(session=session, role=lead.role, seat=other, by=cast.cora)
    replies.declare_absence(session=circle.sessions[4], seat=circle.seat("Mei"), by=None)

    chosen = lead_of(session)
    assert (chosen.seat_id, chosen.locked, chosen.reason) == (other.pk, True, "locked")
    assert set(Counter(leaders(circle.partnership)).values()) == {1}


def test_roles_are_given_by_the_facilitator_to_people_who_come(cast: Cast, circle: Circle):
    session = circle.sessions[0]
    lead = lead_of(session)
    bystander = next(s for s in circle.seats if s.pk != lead.seat_id)
    with pytest.raises(NotForYouToAssign):
        rotation_turns.assign_turn(
            session=session, role=lead.role, seat=bystander, by=bystander.enrolment.member
        )
    with pytest.raises(NotTheirs):
        rotation_turns.assign_turn(session=session, role=lead.role, seat=bystander, by=cast.hugo)
    replies.declare_absence(session=session, seat=bystander, by=None)
    with pytest.raises(HolderAbsent):
        rotation_turns.assign_turn(session=session, role=lead.role, seat=bystander, by=None)
    hold_session(session)
    with pytest.raises(NotPlanned):
        rotation_turns.assign_turn(session=session, role=lead.role, seat=bystander, by=None)


def test_two_turns_are_swapped_and_a_clash_is_refused(cast: Cast, circle: Circle):
    first, second = lead_of(circle.sessions[0]), lead_of(circle.sessions[1])
    was = (first.seat_id, second.seat_id)
    busy = [
        Turn.objects.filter(session=s, seat=seat).exists()
        for s, seat in ((first.session, second.seat), (second.session, first.seat))
    ]
    if any(busy):
        with pytest.raises(TurnsClash):
            rotation_turns.swap_turns(first=first, second=second, by=cast.cora)
        for session, seat in ((first.session, second.seat), (second.session, first.seat)):
            Turn.objects.filter(session=session, seat=seat).exclude(role__leads=True).delete()
    rotation_turns.swap_turns(first=first, second=second, by=cast.cora)
    assert (lead_of(circle.sessions[1]).seat_id, lead_of(circle.sessions[0]).seat_id) == was


def test_someone_who_left_keeps_their_past_and_takes_no_more(circle: Circle):
    hold_session(circle.sessions[0])
    seat = lead_of(circle.sessions[0]).seat
    seat.left_at = clock.now()
    seat.save()
    rotation_rotation.replan(partnership=circle.partnership)

    assert lead_of(circle.sessions[0]).seat_id == seat.pk
    assert not Turn.objects.filter(session__state="planned", seat=seat).exists()
    assert set(Counter(leaders(circle.partnership)).values()) == {1}


def leave(circle: Circle, given_name: str) -> Seat:
    seat = circle.seat(given_name)
    with clock.at(circle.sessions[0].ends_at + timedelta(hours=2)):
        return partnerships.leave_seat(seat=seat, by=None)


def test_the_sweep_gives_the_turns_of_who_has_left_to_others_once(circle: Circle):
    hold_session(circle.sessions[0])
    past = {at: name for at, name in grid(circle).items() if at[0] == 1}
    jonas = leave(circle, "Jonas")
    assert Turn.objects.filter(session__state="planned", seat=jonas).exists()

    with clock.at(circle.sessions[0].ends_at + timedelta(hours=3)):
        assert rotation.replan_changed_tables(at=clock.now()) == 1
        swept = list(Session.objects.order_by("pk").values())
        assert rotation.replan_changed_tables(at=clock.now()) == 0

    assert not Turn.objects.filter(session__state="planned", seat=jonas).exists()
    assert {at: name for at, name in grid(circle).items() if at[0] == 1} == past
    led = Counter(leaders(circle.partnership))
    assert max(led.values()) - min(led[s.enrolment.member.given_name] for s in circle.seats) <= 2
    assert list(Session.objects.order_by("pk").values()) == swept
    # whoever reads what has changed since then learns that fewer are expected
    coming = Session.objects.filter(state="planned")
    assert {s.changed_at for s in coming} == {circle.sessions[0].ends_at + timedelta(hours=3)}


def test_the_sweep_finds_turns_for_who_joins_a_planned_season(cast: Cast, circle: Circle):
    newcomer = make_member(cast.acme, "Nadia")
    with clock.at(circle.sessions[0].ends_at):
        seat = take_seat(circle.partnership, newcomer)
        before = grid(circle)
    with clock.at(circle.sessions[0].ends_at + timedelta(minutes=1)):
        assert rotation.replan_changed_tables(at=clock.now()) == 1
        assert rotation.replan_changed_tables(at=clock.now()) == 0
    assert Turn.objects.filter(seat=seat).exists()
    moved = [at for at, name in grid(circle).items() if before.get(at) != name]
    assert len(moved) <= 4


def test_the_sweep_is_done_with_a_newcomer_for_whom_there_is_no_turn(noon: None, cast: Cast):
    pair = make_partnership(make_cohort(cast.acme, sessions_planned=1), [cast.petra, cast.pavel])
    plan(pair)
    with clock.at(NOON + timedelta(hours=1)):
        for name in ("Amara", "Jonas", "Leila"):
            take_seat(pair, make_member(cast.acme, name))
    with clock.at(NOON + timedelta(hours=2)):
        assert rotation.replan_changed_tables(at=clock.now()) == 1
        assert Turn.objects.count() == 4
        assert rotation.replan_changed_tables(at=clock.now()) == 0


def test_the_sweep_leaves_alone_what_has_begun_is_right_or_is_paused(circle: Circle):
    assert rotation.replan_changed_tables(at=clock.now()) == 0
    leave(circle, "Jonas")
    with clock.at(circle.sessions[-1].starts_at):
        assert rotation.replan_changed_tables(at=clock.now()) == 0
    repairing.pause_partnership(partnership=circle.partnership, by=circle.members[0])
    assert rotation.replan_changed_tables(at=clock.now()) == 0


def test_the_season_shows_who_has_left_with_the_turns_held_and_no_others(circle: Circle):
    """Until the sweep has run, the rows still say otherwise."""
    lead = lead_of(circle.sessions[0]).seat
    idle = next(s for s in circle.seats if not circle.sessions[0].turns.filter(seat=s).exists())
    hold_session(circle.sessions[0])
    leave(circle, lead.enrolment.member.given_name)
    leave(circle, idle.enrolment.member.given_name)

    at = circle.sessions[0].ends_at + timedelta(hours=3)
    season = rotation_season.season_table(
        partnership=circle.partnership, member=circle.members[0], at=at
    )

    rows = {row.name: [cell.role for cell in row.cells] for row in season.people}
    assert rows[lead.enrolment.member.given_name] == ["facilitator", "", "", "", "", ""]
    assert idle.enrolment.member.given_name not in rows
    assert len(rows) == 5


def test_the_session_of_somebody_who_has_left_is_led_by_nobody_until_it_is_mended(circle: Circle):
    session = circle.sessions[2]
    lead = lead_of(session).seat
    leave(circle, lead.enrolment.member.given_name)
    row = Session.objects.for_list().get(pk=session.pk)
    now = circle.sessions[0].ends_at + timedelta(hours=3)

    before = sheet.session_sheet(session=row, member=circle.members[0], at=now)
    after = sheet.session_sheet(session=row, member=circle.members[0], at=session.starts_at)

    assert [h.seat for h in before.holdings if h.role.leads] == [None]
    assert [h.seat for h in after.holdings if h.role.leads] == [lead]


def test_a_partnership_that_has_ended_shows_its_table_and_no_session_to_come(circle: Circle):
    hold_session(circle.sessions[0])
    with clock.at(circle.sessions[0].ends_at + timedelta(hours=2)):
        over = partnerships.end_partnership(partnership=circle.partnership, reason="", by=None)
        season = rotation_season.season_table(
            partnership=over, member=circle.members[0], at=clock.now()
        )
    assert len(season.columns) == 1
    assert len(season.people) == len(season.shares) == 6
    assert season.next is None
    assert not season.is_partner


def test_replanning_a_season_that_is_right_changes_nothing(circle: Circle):
    rows = list(Turn.objects.order_by("id").values())
    rotation_rotation.replan(partnership=circle.partnership)
    assert list(Turn.objects.order_by("id").values()) == rows
    assert not Session.objects.filter(sequence__gt=0).exists()


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    away=st.sets(st.tuples(st.integers(1, 5), st.integers(0, 5)), max_size=10),
    held=st.integers(0, 2),
)
def test_whatever_absences_leads_are_as_even_as_they_allow(circle: Circle, away, held):
    """What the rows say after any declarations has the engine's smallest spread."""
    from django.db import transaction

    sid = transaction.savepoint()
    try:
        for session in circle.sessions[:held]:
            hold_session(session)
        at = circle.sessions[held].starts_at - timedelta(days=1)
        with clock.at(at):
            for number, person in away:
                if number >= held:
                    replies.declare_absence(
                        session=circle.sessions[number], seat=circle.seats[person], by=None
                    )
            offers.settle_offers(at=at + timedelta(days=400))  # nobody answers
            rotation = rotation_queries_rotation.read_rotation(
                partnership=circle.partnership, at=at
            )
            best = plan_season(rotation.season).lead_spread
        gone = set(Absence.objects.values_list("session", "seat"))
        led = Counter(dict.fromkeys(rotation.seats, 0))
        for turn in Turn.objects.select_related("role"):
            assert (turn.session_id, turn.seat_id) not in gone
            led[str(turn.seat_id)] += turn.role.leads
        assert lead_spread(led.values()) == best
    finally:
        transaction.savepoint_rollback(sid)
