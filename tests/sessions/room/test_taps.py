"""Taps in a room: each counts once, by whom it may, and the rows say what came of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from core.common import clock
from core.common.errors import violated
from core.tenancy.context import tenant
from pairing.errors import NotTheirs
from sessions.attendance.operations import recording, replies
from sessions.errors import (
    AgendaHasPassed,
    NotForYouToAssign,
    NotHeld,
    NothingToWriteNow,
    NotPlanned,
    RoomClosed,
    RoomNotYetOpen,
)
from sessions.models.rooms import Card, Room, Round, SmallGroup, Tap, Voice
from sessions.models.sessions import RetrospectiveLines, Session
from sessions.planning.operations import changes
from sessions.room import operations as room_operations
from sessions.room import queries as room_queries
from sessions.room.engine.state import RoomState
from sessions.room.engine.taps import play
from tests.cast import Cast, make_member
from tests.sessions.build import everyone
from tests.sessions.room.build import AGENDA, a_tap, live_of, tap
from tests.sessions.room.conftest import Table


@pytest.fixture(autouse=True)
def _inside(cast: Cast):
    with tenant(cast.acme):
        yield


def test_the_facilitator_has_the_room_in_hand_and_nobody_is_here_who_has_not_come(table: Table):
    live = live_of(table.session)
    assert live.host == table.seat(table.host)
    assert live.watcher == table.seat(table.watcher)
    assert live.people == [str(seat.pk) for seat in table.circle.seats]
    assert live.here == []
    assert not Room.objects.exists()  # looking makes nothing


@pytest.mark.slow
def test_who_cannot_come_is_not_here_and_whoever_can_has_the_room(table: Table):
    session = table.circle.sessions[1]
    with time_machine.travel(session.starts_at - timedelta(days=1)):
        for seat in table.circle.seats[:5]:
            replies.declare_absence(session=session, seat=seat, by=None)
    last = table.circle.seats[5].enrolment.member
    with time_machine.travel(session.starts_at):
        assert live_of(session).host == table.seat(last)  # turns moved with the absences
        tap(session, last, "start")
        assert live_of(session).here == [table.seat(last)]


def test_only_who_has_come_in_or_was_ticked_is_asked_in_a_round(table: Table):
    tap(table.session, table.host, "join")
    tap(table.session, table.guest, "join")
    tap(table.session, table.host, "here", seat=table.seat(table.watcher))
    tap(table.session, table.host, "start")
    assert set(live_of(table.session).order) == {
        table.seat(who) for who in (table.host, table.guest, table.watcher)
    }


def test_a_tap_that_is_sent_again_counts_once(table: Table):
    table.begin()
    one = a_tap(table.session, "heard", seat=table.seat(table.guest))
    for _ in range(3):
        tapped = room_operations.tap_room(session=table.session, taps=[one, one], by=table.watcher)
        assert set(tapped.done) == {one["key"]}
    assert live_of(table.session).counts[table.seat(table.guest)] == 1
    assert Tap.objects.filter(key=one["key"]).count() == 1
    assert Voice.objects.get(seat_id=table.seat(table.guest)).turns == 1


def test_taps_kept_offline_arrive_in_order_and_those_overtaken_do_nothing(table: Table):
    table.begin()
    beat = live_of(table.session).beat
    first = live_of(table.session).order[0]
    kept = [
        a_tap(table.session, "next", beat=beat),
        a_tap(table.session, "heard", seat=table.seat(table.guest)),
        a_tap(table.session, "next", beat=beat + 1),
    ]
    tap(table.session, table.host, "next")  # another phone was faster
    tapped = room_operations.tap_room(session=table.session, taps=kept, by=table.host)

    assert tapped.done == [each["key"] for each in kept]
    live = live_of(table.session)
    assert live.turn == 2  # once by the other phone, once by the second of the kept ones
    assert live.counts[table.seat(table.guest)] >= 1
    assert live.heard[0] == first


def test_a_guest_moves_nothing_but_their_own_turn(table: Table):
    table.begin()
    refused = tap(table.session, table.guest, "step", to=2).refused
    assert "Take the room over" in str(next(iter(refused.values())))
    while live_of(table.session).speaker != table.seat(table.guest):
        tap(table.session, table.host, "next")
    assert not tap(table.session, table.guest, "pass").refused
    assert live_of(table.session).passed == [table.seat(table.guest)]


def test_who_has_no_seat_taps_nothing_and_nobody_before_the_hour_or_after_the_end(
    cast: Cast, table: Table
):
    with pytest.raises(NotTheirs):
        tap(table.session, cast.cora, "join")
    with pytest.raises(NotTheirs):
        tap(table.session, make_member(cast.acme, "Outsider"), "join")
    early = table.session.starts_at - timedelta(minutes=61)
    with time_machine.travel(early), pytest.raises(RoomNotYetOpen):
        tap(table.session, table.host, "join")
    recording.record_session(
        session=table.session, attendance=everyone(table.session), by=table.host
    )
    with pytest.raises(RoomClosed):
        tap(table.session, table.host, "join")


def test_a_round_a_trio_and_the_voices_become_rows(table: Table):
    table.begin()
    live = live_of(table.session)
    quiet = live.order[0]
    tap(table.session, table.host, "pass")
    for _ in range(5):
        tap(table.session, table.host, "next")
    tap(table.session, table.host, "pass")
    tap(table.session, table.host, "step", to=3)
    tap(table.session, table.host, "step", to=4)
    tap(table.session, table.host, "end")

    row = Round.objects.get()
    assert [str(each) for each in row.heard] == live.order[1:]
    assert [str(each) for each in row.passed] == [quiet]
    assert sorted(len(group.seats) for group in SmallGroup.objects.all()) == [3, 3]
    assert {str(v.seat_id): v.turns for v in Voice.objects.all()} == {
        each: int(each != quiet) for each in live.people
    }
    room = Room.objects.get()
    assert room.started_at == room.ended_at == clock.now()


def test_the_taps_played_again_give_the_room_that_was_kept(table: Table):
    table.begin()
    before = RoomState.from_json(
        room_queries.snapshot(session=table.session, room=None).state.as_json()
    )
    for kind in ("next", "pass", "back", "next", "minute", "pause", "resume"):
        tap(table.session, table.host, kind)
    tap(table.session, table.watcher, "heard", seat=table.seat(table.guest))
    tap(table.session, table.guest, "host", seat=table.seat(table.guest))

    for row in Tap.objects.order_by("number"):
        again = {"kind": row.kind, "beat": before.beat, **row.detail}
        at = row.tapped_at.timestamp()
        changed, _ = play(before, again, who=str(row.seat_id), at=at, draw=lambda people, _: [])
        assert changed, row
    assert before == live_of(table.session)
    assert [row.number for row in Tap.objects.order_by("number")] == list(range(1, 17))


def test_trios_meet_new_people_over_sessions(table: Table):
    drawn = []
    for session in table.circle.sessions[:2]:
        Session.objects.filter(pk=session.pk).update(agenda=AGENDA)
        session = Session.objects.for_list().get(pk=session.pk)
        with time_machine.travel(session.starts_at, tick=False):
            host = table.circle.seats[0].enrolment.member
            tap(session, host, "host", seat=str(table.circle.seats[0].pk))
            for seat in table.circle.seats:
                tap(session, host, "here", seat=str(seat.pk))
            tap(session, host, "start")
            tap(session, host, "step", to=3)
            drawn.append({frozenset(group) for group in live_of(session).groups})
            tap(session, host, "step", to=4)
    # of six in two trios nobody can meet only strangers: at most one old pair a trio
    for old in drawn[0]:
        for new in drawn[1]:
            assert len(old & new) <= 2
    assert drawn[0] != drawn[1]


def test_cards_are_one_s_own_until_they_are_shown_and_never_a_coordinator_s(
    cast: Cast, table: Table
):
    table.begin(at_step=2)
    for who, words in ((table.guest, "Guest words"), (table.host, "Host words")):
        with tenant(cast.acme, member=who.pk):
            room_operations.write_card(session=table.session, words=words, by=who)
            room_operations.write_card(session=table.session, words=f"{words}!", by=who)

    assert words_seen(table, table.guest) == ([], "Guest words!")
    tap(table.session, table.host, "reveal")
    assert words_seen(table, table.guest) == (["Guest words!", "Host words!"], "Guest words!")
    for member in (cast.cora, cast.olga):
        with tenant(cast.acme, member=member.pk), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM mentoring_sessions_card")
            assert cursor.fetchone() == (0,)


def test_a_card_that_was_still_being_typed_is_sent_when_the_others_are_shown_or_later(
    cast: Cast, table: Table
):
    table.begin(at_step=2)
    tap(table.session, table.host, "reveal")
    with tenant(cast.acme, member=table.guest.pk):
        words = live_of(table.session).words
        room_operations.write_card(session=table.session, words="Late", step=2, by=table.guest)
        assert live_of(table.session).words == words + 1  # all phones fetch it
    assert words_seen(table, table.host) == (["Late"], "")
    tap(table.session, table.host, "step", to=4)
    with tenant(cast.acme, member=table.host.pk):
        room_operations.write_card(session=table.session, words="Later", step=2, by=table.host)
        assert live_of(table.session).written == []
        for step in (3, 4, 9, None):
            with pytest.raises(NothingToWriteNow):
                room_operations.write_card(
                    session=table.session, words="No", step=step, by=table.host
                )
    with tenant(cast.acme, member=table.host.pk):
        assert set(Card.objects.values_list("step", "words")) == {(2, "Late"), (2, "Later")}


def words_seen(table: Table, who) -> tuple[list[str], str]:
    with tenant(table.session.organisation_id, member=who.pk):
        shown = room_queries.snapshot(
            session=table.session, room=room_queries.room_of(table.session)
        )
        seat = table.circle.seat(who.given_name)
        words = room_queries.room_words(
            session=table.session, state=shown.state, member=who, seat=seat
        )
        return sorted(card.words for card in words.cards), words.my_card


def test_lines_may_be_written_while_the_room_is_open_but_not_before(table: Table):
    lines = RetrospectiveLines(worked="We were on time")
    with pytest.raises(NotHeld):
        recording.write_retrospective(session=table.session, lines=lines, by=table.guest)
    table.begin(at_step=4)
    recording.write_retrospective(session=table.session, lines=lines, by=table.guest)
    room_operations.tell_room(session=table.session, by=table.guest)
    assert live_of(table.session).words > 1


def test_who_was_in_the_room_is_proposed_as_attendance(table: Table):
    assert room_queries.presence_in_room(table.session) == {}
    table.begin()
    tap(table.session, table.host, "here", seat=table.seat(table.guest), here=False)
    there = room_queries.presence_in_room(table.session)
    assert [seat.pk for seat in table.circle.seats if not there[seat.pk]] == [
        table.circle.seat(table.guest.given_name).pk
    ]


def test_the_agenda_changes_in_a_running_room_but_not_what_has_begun(cast: Cast, table: Table):
    table.begin(at_step=1)
    changed = [*AGENDA[:2], {"title": "Bowl", "minutes": 30, "kind": "fishbowl"}]
    room_operations.change_agenda(session=table.session, steps=changed, by=table.host)
    assert [step.title for step in live_of(table.session).steps] == ["Arrive", "Promises", "Bowl"]
    with pytest.raises(AgendaHasPassed):
        room_operations.change_agenda(session=table.session, steps=AGENDA[1:], by=table.host)
    with pytest.raises(NotForYouToAssign):
        room_operations.change_agenda(session=table.session, steps=changed, by=table.guest)
    tap(table.session, table.guest, "host", seat=table.seat(table.guest))
    room_operations.change_agenda(session=table.session, steps=AGENDA, by=table.guest)
    with pytest.raises(NotTheirs):
        room_operations.change_agenda(
            session=table.session, steps=AGENDA, by=make_member(cast.acme, "Outsider")
        )
    changes.cancel(session=table.circle.sessions[1], cause="workload", by=None)
    with pytest.raises(NotPlanned):
        room_operations.change_agenda(session=table.circle.sessions[1], steps=AGENDA, by=None)


@pytest.mark.parametrize(
    ("model", "constraint"),
    [(Room, "room_once"), (Tap, "tap_once"), (Voice, "voice_once"), (Card, "card_once")],
)
def test_the_database_holds_what_must_be_once(cast: Cast, table: Table, model, constraint: str):
    with tenant(cast.acme, member=table.host.pk):
        table.begin(at_step=2)
        room_operations.write_card(session=table.session, words="Words", by=table.host)
        row = model.objects.order_by("id").first()
        row.pk = None
        row._state.adding = True
        row.pk = model._meta.pk.get_default()
        if model is Tap:
            row.number += 100
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            row.save(force_insert=True)
        assert violated(refused.value) == constraint


def test_a_room_that_is_ended_before_its_time_is_as_new_for_the_session(table: Table):
    with clock.at(table.session.starts_at - timedelta(minutes=20)):
        table.begin()
        tap(table.session, table.host, "end")
        live = live_of(table.session)
        assert (live.stage, live.notice[0]) == ("waiting", "rehearsed")
    with tenant(table.session.organisation_id):
        room = Room.objects.get(session=table.session)
        assert (room.started_at, room.ended_at) == (None, None)
    table.begin()
    tap(table.session, table.host, "end")
    with tenant(table.session.organisation_id):
        assert Room.objects.get(session=table.session).ended_at == clock.now()


def test_a_room_that_was_ended_before_its_session_moved_opens_again(table: Table):
    table.begin()
    tap(table.session, table.host, "end")
    later = clock.now() + timedelta(hours=3)
    with tenant(table.session.organisation_id):
        changes.reschedule(session=table.session, starts_at=later, by=None)
        assert live_of(table.session).stage == "waiting"
        assert not Round.objects.exists()
        session = Session.objects.for_list().get(pk=table.session.pk)
    with clock.at(later):
        tap(session, table.host, "start")
        assert live_of(session).stage == "running"
