"""A speaking round under any taps: nobody is passed over, nobody loses their second chance."""

from __future__ import annotations

from copy import deepcopy

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sessions.room.engine.state import RoomState, RoundRecord
from tests.profile import cases
from tests.sessions.engine.test_room import PEOPLE, ROUND, TALK, Meeting

seats = st.sampled_from(PEOPLE)


def turns(room: RoomState) -> list[object]:
    """Return what a tap in a round moves, but for the clock and the beat."""
    counts = {seat: count for seat, count in room.counts.items() if count}
    return [room.turn, room.order, room.passed, room.heard, counts, room.here]


def in_lap(machine: RoundMachine) -> bool:
    return bool(machine.meeting.room.speaker)


class RoundMachine(RuleBasedStateMachine):
    """Two rounds and a talk; people come and go, pass, speak and are taken back."""

    def __init__(self) -> None:
        super().__init__()
        self.meeting = Meeting(ROUND, ROUND, TALK)
        self.meeting.tap("start")

    @property
    def room(self) -> RoomState:
        return self.meeting.room

    @rule(kind=st.sampled_from(["next", "pass"]))
    @precondition(in_lap)
    def speak_or_pass(self, kind: str) -> None:
        closed = len(self.meeting.over)
        assert self.meeting.tap(kind)
        for lap in self.meeting.over[closed:]:
            assert isinstance(lap, RoundRecord)
            assert set(self.room.here) <= {*lap.heard, *lap.passed}

    @rule(kind=st.sampled_from(["next", "pass"]))
    @precondition(in_lap)
    def undo_at_once(self, kind: str) -> None:
        before = deepcopy(self.room)
        self.meeting.tap(kind)
        if not self.room.speaker:  # what closes the round is not taken back: it is written down
            return
        assert self.meeting.tap("back")
        assert turns(self.room) == turns(before)

    @rule(seat=seats)
    def leave(self, seat: str) -> None:
        speaker, done = self.room.speaker, self.room.order[: self.room.turn]
        was_here = seat in self.room.here
        self.meeting.tap("here", "amara", seat=seat, here=False)
        assert seat not in self.room.here
        assert seat not in self.room.order[self.room.turn :]
        assert self.room.order[: self.room.turn] == done
        if seat != speaker or not was_here:
            assert self.room.speaker == speaker

    @rule(seat=seats)
    def come(self, seat: str) -> None:
        speaker = self.room.speaker
        self.meeting.tap("here", "amara", seat=seat, here=True)
        assert self.room.speaker == speaker

    @rule(seat=seats)
    def count(self, seat: str) -> None:
        self.meeting.tap("heard", seat=seat)
        assert seat in self.room.here

    @rule()
    def hand_over_and_back(self) -> None:
        self.meeting.tap("host", seat="mei")
        self.meeting.tap("host", seat="amara", who="mei")

    @rule(kind=st.sampled_from(["back", "lap", "minute", "pause", "resume"]))
    def something_else(self, kind: str) -> None:
        self.meeting.tap(kind)

    @invariant()
    def nobody_who_is_here_is_passed_over(self) -> None:
        if not self.room.speaker:
            return
        asked, to_come = self.room.order[: self.room.turn], self.room.order[self.room.turn :]
        for seat in self.room.here:
            assert seat in self.room.heard or seat in to_come or asked.count(seat) > 1
            assert (
                seat not in self.room.passed
                or seat in to_come
                or asked.count(seat) > 1
                or (seat in self.room.heard)
            )

    @invariant()
    def nobody_is_asked_again_who_has_spoken(self) -> None:
        if self.room.speaker:
            assert not set(self.room.heard) & set(self.room.order[self.room.turn :])


RoundMachine.TestCase.settings = settings(cases(38), stateful_step_count=25)
TestRound = RoundMachine.TestCase


def test_undoing_a_second_pass_takes_nobody_else_s_second_chance():
    meeting = Meeting(ROUND)
    meeting.tap("start")
    for kind in ("pass", "pass", "next", "next"):  # jonas and leila pass, mei and amara speak
        meeting.tap(kind)
    assert meeting.room.order[meeting.room.turn :] == ["jonas", "leila"]
    meeting.tap("pass")  # jonas, for the second time
    meeting.tap("back")
    assert meeting.room.order[meeting.room.turn :] == ["jonas", "leila"]
    assert meeting.room.passed == ["jonas", "leila"]


def test_undoing_a_pass_takes_the_second_chance_of_whoever_passed_not_of_who_came_last():
    meeting = Meeting(ROUND)
    meeting.tap("here", seat="mei", here=False)
    meeting.tap("start")
    meeting.tap("pass")  # jonas
    meeting.tap("join", "mei")
    meeting.tap("back")
    assert meeting.room.order == ["jonas", "leila", "amara", "mei"]


def test_who_passed_and_leaves_does_not_move_the_round():
    meeting = Meeting(ROUND)
    meeting.tap("start")
    meeting.tap("pass")  # jonas
    meeting.tap("here", seat="jonas", here=False)
    assert meeting.room.speaker == "leila"
    assert meeting.room.order == ["jonas", "leila", "mei", "amara"]


def test_a_speaker_who_leaves_is_followed_at_once_and_the_round_moves_only_once():
    meeting = Meeting(ROUND)
    meeting.tap("start")
    beat = meeting.room.beat
    meeting.tap("here", seat="jonas", here=False)
    assert not meeting.tap("next", beat=beat)  # tapped for jonas, arrives too late
    assert meeting.room.speaker == "leila"
    assert "jonas" not in meeting.room.counts


def test_who_is_handed_the_room_in_a_round_is_asked_in_it():
    meeting = Meeting(ROUND)
    meeting.tap("here", seat="mei", here=False)
    meeting.tap("start")
    meeting.tap("host", seat="mei")
    assert meeting.room.order == ["jonas", "leila", "amara", "mei"]


def test_who_comes_back_while_it_is_their_turn_again_is_not_asked_twice():
    meeting = Meeting(ROUND)
    meeting.tap("start")
    meeting.tap("next")  # jonas
    meeting.tap("next")  # leila
    meeting.tap("here", seat="leila", here=False)
    meeting.tap("back")
    meeting.tap("join", "leila")
    assert meeting.room.order[meeting.room.turn :] == ["leila", "mei", "amara"]
