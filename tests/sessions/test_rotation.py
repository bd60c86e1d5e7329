"""Turns stay fair while life happens: absences, choices by hand, sessions missed or cancelled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.common import clock
from core.common.errors import DomainError
from core.tenancy.context import tenant
from pairing.errors import NotTheirs
from pairing.models.partnerships import Partnership, Seat
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
from sessions.models.offers import TurnOffer
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
from sessions.rotation.queries.turns import differences, turns_to_come
from tests.cast import Cast, make_member
from tests.sessions.build import (
    NOON,
    hold_session,
    leaders,
    make_cohort,
    make_partnership,
    plan,
    seats_of,
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
    changes.cancel(session=circle.sessions[0], cause="workload", by=None)
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
    rotation_rotation.replan(partnership=circle.partnership, cause=circle.partnership.pk)

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
    repairing.pause_partnership(partnership=circle.partnership, by=None)
    assert rotation.replan_changed_tables(at=clock.now()) == 0


def test_the_season_shows_who_has_left_with_the_turns_held_and_no_others(circle: Circle):
    """Until the sweep has run, the rows still say otherwise."""
    lead = lead_of(circle.sessions[0]).seat
    idle = next(s for s in circle.seats if not circle.sessions[0].turns.filter(seat=s).exists())
    hold_session(circle.sessions[0])
    leave(circle, lead.enrolment.member.given_name)
    leave(circle, idle.enrolment.member.given_name)

    at = circle.sessions[0].ends_at + timedelta(hours=3)
    stays = next(seat for seat in circle.seats if seat.pk not in {lead.pk, idle.pk})
    season = rotation_season.season_table(
        partnership=circle.partnership, member=stays.enrolment.member, at=at
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
    rotation_rotation.replan(partnership=circle.partnership, cause=circle.partnership.pk)
    assert list(Turn.objects.order_by("id").values()) == rows
    assert not Session.objects.filter(sequence__gt=0).exists()


def assert_as_even_as_can_be(partnership: Partnership, at: datetime) -> None:
    """What the rows say has the engine's smallest spread, over all who were or will be there."""
    reading = rotation_queries_rotation.read_rotation(partnership=partnership, at=at)
    season = reading.season
    led = Counter(
        {
            member.id: 0
            for member in season.members
            if member.may_facilitate
            and any((member.id, meeting) not in season.absences for meeting in season.meetings)
        }
    )
    for turn in Turn.objects.filter(session__partnership=partnership, role__leads=True):
        if str(turn.seat_id) in led and str(turn.session_id) in season.meetings:
            led[str(turn.seat_id)] += 1
    assert (lead_spread(led.values()) or 0) == plan_season(season).lead_spread


ACTS = ("absent", "back", "yes", "no", "swap", "leave", "decline", "take", "assign", "cancel")


def answer(seat: Seat, *, accepts: bool) -> None:
    me = seat.enrolment.member
    for offer in TurnOffer.objects.asked_of(me).for_list()[:1]:
        offers.answer_offer(offer=offer, accepts=accepts, by=me)


def leave_for_good(seat: Seat) -> None:
    partnerships.leave_seat(seat=seat, by=None)
    rotation.replan_changed_tables(at=clock.now())


def do(act: str, session: Session, seat: Seat) -> None:
    """Let the person of a seat do something about one session."""
    me = seat.enrolment.member
    turns = Turn.objects.select_related("session__partnership", "role", "seat__enrolment__member")
    mine = turns.get(session=session, seat=seat) if act == "decline" else turns.filter(seat=seat)[0]
    lead = turns.filter(role__leads=True)[0].role
    acts: dict[str, Callable[[], object]] = {
        "absent": lambda: replies.declare_absence(session=session, seat=seat, by=None),
        "back": lambda: replies.withdraw_absence(session=session, seat=seat, by=None),
        "yes": lambda: answer(seat, accepts=True),
        "no": lambda: answer(seat, accepts=False),
        "swap": lambda: offers.request_swap(
            mine=mine, theirs=turns.filter(session=session)[0], by=me
        ),
        "leave": lambda: leave_for_good(seat),
        "decline": lambda: offers.decline_turn(turn=mine, reason="workload", by=me),
        "take": lambda: offers.take_turn(session=session, role=lead, by=me),
        "assign": lambda: rotation_turns.assign_turn(
            session=session, role=lead, seat=seat, by=None
        ),
        "cancel": lambda: changes.cancel(session=session, cause="workload", by=None),
    }
    acts[act]()


@pytest.mark.slow
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(ACTS), st.integers(1, 5), st.integers(0, 5)), max_size=8
    ),
    held=st.integers(0, 2),
)
@example(acts=[("absent", number, 0) for number in range(1, 6)], held=1)
@example(acts=[("leave", 2, 0), ("leave", 2, 1), ("leave", 2, 2)], held=2)
def test_whatever_happens_the_rows_are_as_even_as_they_can_be(circle: Circle, acts, held):
    """Absences, answers, swaps, leavers, choices by hand: every path that moves turns."""
    point = transaction.savepoint()
    try:
        for session in circle.sessions[:held]:
            hold_session(session)
        # what is led by somebody who leaves within the last day is left open: nothing is dealt anew
        at = circle.sessions[held].starts_at - timedelta(days=2)
        with clock.at(at):
            for act, number, person in acts:
                if number < held:
                    continue
                session = Session.objects.for_list().get(pk=circle.sessions[number].pk)
                seat = Seat.objects.select_related("enrolment__member").get(
                    pk=circle.seats[person].pk
                )
                nothing_to_do = (DomainError, IndexError, Turn.DoesNotExist)
                with suppress(*nothing_to_do), transaction.atomic():
                    do(act, session, seat)
            offers.settle_offers(at=at + timedelta(days=400))  # nobody answers any more
            assert_as_even_as_can_be(circle.partnership, at)
        for turn in Turn.objects.filter(session__state="planned"):
            assert not Absence.objects.filter(session=turn.session_id, seat=turn.seat_id).exists()
    finally:
        transaction.savepoint_rollback(point)


@pytest.mark.slow
def test_who_sat_there_without_a_role_counts_whatever_their_id(cast: Cast, noon: None):
    """Of six with four roles two have none at first; then one of the six can never come again."""
    people = [make_member(cast.acme, f"Person-{n}") for n in range(6)]
    for absentee in range(6):
        circle = make_partnership(make_cohort(cast.acme), people)
        sessions = plan(circle)
        hold_session(sessions[0])
        at = sessions[1].starts_at - timedelta(days=1)
        with clock.at(at):
            seat = seats_of(circle)[absentee]
            for session in sessions[1:]:
                replies.declare_absence(session=session, seat=seat, by=None)
            offers.settle_offers(at=at + timedelta(days=400))
            assert_as_even_as_can_be(circle, at)
            season = rotation_season.season_table(partnership=circle, member=people[0], at=at)
        bound = plan_season(
            rotation_queries_rotation.read_rotation(partnership=circle, at=at).season
        ).lead_spread
        assert season.spread == bound
        assert "Not yet" not in season.verdict


@pytest.fixture
def pair(noon: None, cast: Cast) -> tuple[Partnership, list[Session]]:
    cohort = make_cohort(cast.acme, format="pairs", sessions_planned=6)
    two = make_partnership(cohort, [cast.petra, cast.pavel])
    return two, plan(two)


@pytest.mark.parametrize("number", range(6))
def test_an_absence_in_a_pair_swaps_the_next_two_turns_and_leaves_the_rest(pair, number: int):
    two, sessions = pair
    before = turns_to_come(partnership=two, at=NOON)
    lead = lead_of(sessions[number])

    replies.declare_absence(session=sessions[number], seat=lead.seat, by=lead.seat.enrolment.member)

    after = turns_to_come(partnership=two, at=NOON)
    assert not TurnOffer.objects.exists()
    moved = {d.session.number for d in differences(before, after)}
    other = number + 1 if number < 5 else 4
    assert moved == {number + 1, other + 1}
    assert lead_of(sessions[number]).seat_id != lead.seat_id
    assert lead_of(sessions[other]).seat_id == lead.seat_id
    words = " ".join(d.words() for d in differences(before, after))
    assert "Because" not in words


def test_a_cancelled_session_of_a_pair_moves_no_turn(pair):
    two, sessions = pair
    before = turns_to_come(partnership=two, at=NOON)
    changes.cancel(session=sessions[3], cause="workload", by=None)
    after = turns_to_come(partnership=two, at=NOON)
    assert {d.session.number for d in differences(before, after)} == {4}


def test_in_a_pair_leads_even_out_only_where_they_must(pair):
    _two, sessions = pair
    mine = [s for s in sessions if lead_of(s).seat == lead_of(sessions[0]).seat]
    for session in mine[:2]:
        changes.cancel(session=session, cause="workload", by=None)
    counts = Counter(
        turn.seat_id for turn in Turn.objects.filter(session__state="planned", role__leads=True)
    )
    assert sorted(counts.values()) == [2, 2]


def test_a_role_given_to_who_holds_it_already_stays_with_them_and_moves_nothing(
    cast: Cast, circle: Circle
):
    before = grid(circle)
    session = circle.sessions[3]
    lead = lead_of(session)
    assert not lead.locked

    kept = rotation_turns.assign_turn(session=session, role=lead.role, seat=lead.seat, by=cast.cora)

    assert kept.pk == lead.pk
    chosen = lead_of(session)
    assert (chosen.locked, chosen.reason, chosen.reason_detail) == (True, "locked", {})
    assert grid(circle) == before
    assert Session.objects.get(pk=session.pk).sequence == 0


def test_turns_of_two_partnerships_are_not_swapped(cast: Cast, circle: Circle, pair):
    _two, sessions = pair
    first, second = lead_of(circle.sessions[0]), lead_of(sessions[0])
    with pytest.raises(NotTheirs):
        rotation_turns.swap_turns(first=first, second=second, by=cast.cora)
    assert lead_of(circle.sessions[0]).seat_id == first.seat_id
    assert lead_of(sessions[0]).seat_id == second.seat_id


def test_a_role_is_not_given_to_who_sits_elsewhere_or_has_left(cast: Cast, circle: Circle, pair):
    two, _sessions = pair
    lead = lead_of(circle.sessions[0])
    gone = leave(
        circle, next(s for s in circle.seats if s != lead.seat).enrolment.member.given_name
    )
    for seat in (gone, seats_of(two)[0]):
        with pytest.raises(NotTheirs):
            rotation_turns.assign_turn(
                session=circle.sessions[0], role=lead.role, seat=seat, by=cast.cora
            )
    assert lead_of(circle.sessions[0]).pk == lead.pk


def test_where_somebody_leads_only_they_give_a_role_that_nobody_holds(circle: Circle):
    session = circle.sessions[2]
    open_turn = Turn.objects.select_related("role", "seat").get(
        session=session, role__key="note_taker"
    )
    replies.declare_absence(session=session, seat=open_turn.seat, by=None)
    busy = set(Turn.objects.filter(session=session).values_list("seat", flat=True))
    free = next(s for s in circle.seats if s.pk not in busy | {open_turn.seat_id})

    with pytest.raises(NotForYouToAssign):
        rotation_turns.assign_turn(
            session=session, role=open_turn.role, seat=free, by=free.enrolment.member
        )
    assert not Turn.objects.filter(session=session, role=open_turn.role).exists()

    leader = lead_of(session).seat.enrolment.member
    rotation_turns.assign_turn(session=session, role=open_turn.role, seat=free, by=leader)
    assert Turn.objects.get(session=session, role=open_turn.role).seat_id == free.pk


def test_in_a_pair_who_was_given_another_role_by_hand_does_not_lead_instead(cast: Cast, pair):
    _two, sessions = pair
    lead = lead_of(sessions[0])
    others = Turn.objects.select_related("role", "seat").exclude(seat=lead.seat)
    other = others.get(session=sessions[0])
    rotation_turns.assign_turn(session=sessions[0], role=other.role, seat=other.seat, by=cast.cora)

    replies.declare_absence(session=sessions[0], seat=lead.seat, by=None)

    (kept,) = Turn.objects.filter(session=sessions[0])
    assert (kept.pk, kept.role_id, kept.seat_id) == (other.pk, other.role_id, other.seat_id)


def test_in_a_pair_a_turn_given_by_hand_is_not_what_is_taken_in_return(cast: Cast, pair):
    _two, sessions = pair
    lead, following = lead_of(sessions[0]), lead_of(sessions[1])
    assert lead.seat_id != following.seat_id
    theirs = Turn.objects.select_related("role").get(session=sessions[1], seat=lead.seat)
    rotation_turns.assign_turn(session=sessions[1], role=theirs.role, seat=lead.seat, by=cast.cora)

    replies.declare_absence(session=sessions[0], seat=lead.seat, by=None)

    assert lead_of(sessions[0]).seat_id == following.seat_id
    assert Turn.objects.get(pk=theirs.pk).role_id == theirs.role_id


def test_in_a_pair_with_one_role_the_next_two_leads_change_places(noon: None, cast: Cast):
    cohort = make_cohort(cast.acme, format="pairs", roles=["facilitator"])
    two = make_partnership(cohort, [cast.petra, cast.pavel])
    sessions = plan(two)
    lead, following = lead_of(sessions[0]), lead_of(sessions[1])
    assert lead.seat_id != following.seat_id

    replies.declare_absence(session=sessions[0], seat=lead.seat, by=None)

    assert lead_of(sessions[0]).seat_id == following.seat_id
    assert lead_of(sessions[1]).seat_id == lead.seat_id
