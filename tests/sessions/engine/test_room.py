"""A meeting as plain Python: whose turn it is, what comes too late, and what a step hands out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.room.engine.formats import Step
from sessions.room.engine.state import GroupsRecord, RoomState, RoundRecord, Stage
from sessions.room.engine.taps import MOVES, TAPS, StepRecord, play
from tests.profile import cases

PEOPLE = ["amara", "jonas", "leila", "mei"]
ROUND = Step("Round", 8, "round")
TALK = Step("Talk", 10, "topic")
TROIKA = Step("Troika", 30, "troika")
WRITE = Step("Write", 5, "silent_write")
CLINIC = Step("Clinic", 50, "case_clinic")


def in_order(people: Sequence[str], size: int) -> list[list[str]]:
    return [list(people[at : at + size]) for at in range(0, len(people), size)]


class Meeting:
    """A room and a clock that goes on ten seconds with each tap."""

    def __init__(self, *steps: Step, host: str = "amara", watcher: str = "mei") -> None:
        self.room = RoomState(list(steps), PEOPLE[:], PEOPLE[:], host=host, watcher=watcher)
        self.at = 1000.0
        self.over: list[StepRecord] = []

    def tap(self, kind: str, who: str = "amara", **more: Any) -> bool:
        self.at += 10
        if kind in MOVES:
            more.setdefault("beat", self.room.beat)
        changed, over = play(self.room, {"kind": kind, **more}, who=who, at=self.at, draw=in_order)
        self.over += over
        return changed


def test_a_round_goes_from_the_host_s_left_and_everybody_speaks_once():
    meeting = Meeting(ROUND, TALK)
    meeting.tap("start")
    spoke = []
    while meeting.room.speaker:
        spoke.append(meeting.room.speaker)
        meeting.tap("next")

    assert spoke == ["jonas", "leila", "mei", "amara"]
    assert meeting.room.counts == dict.fromkeys(PEOPLE, 1)
    assert meeting.over == [RoundRecord(0, 1, 1010.0, ("jonas", "leila", "mei", "amara"), ())]
    assert (meeting.room.step, meeting.room.lap_is_over) == (0, True)
    meeting.tap("next")
    assert meeting.room.current_step == TALK


def test_who_passes_is_asked_once_more_at_the_end_and_then_left_in_peace():
    meeting = Meeting(ROUND)
    meeting.tap("start")
    meeting.tap("pass", "jonas")
    for _ in range(3):
        meeting.tap("next")
    assert meeting.room.speaker == "jonas"
    meeting.tap("pass", "jonas")

    assert meeting.room.lap_is_over
    assert "jonas" not in meeting.room.counts
    assert meeting.room.unheard == ["jonas"]
    assert [lap.passed for lap in meeting.over if isinstance(lap, RoundRecord)] == [("jonas",)]


def test_a_second_round_begins_with_who_has_spoken_least():
    meeting = Meeting(ROUND)
    meeting.tap("start")
    for _ in range(4):
        meeting.tap("next")
    meeting.tap("heard", seat="jonas")
    meeting.tap("heard", seat="leila")
    meeting.tap("heard", seat="leila")
    meeting.tap("lap")
    assert meeting.room.order == ["amara", "mei", "jonas", "leila"]
    assert meeting.room.lap == 2


def test_two_phones_that_tap_next_at_once_move_the_room_once():
    meeting = Meeting(ROUND)
    meeting.tap("start")
    beat = meeting.room.beat
    assert meeting.tap("next", "amara", beat=beat)
    assert not meeting.tap("next", "jonas", beat=beat)
    assert meeting.room.speaker == "leila"


def test_counts_add_up_whenever_they_come_and_never_fall_below_nothing():
    meeting = Meeting(TALK)
    assert not meeting.tap("heard", seat="leila")  # before the start nobody counts
    meeting.tap("start")
    for _ in range(3):
        assert meeting.tap("heard", "mei", seat="leila")
    assert meeting.tap("heard", seat="leila", by=-1)
    assert meeting.room.counts == {"leila": 2}
    assert not meeting.tap("heard", seat="jonas", by=-1)
    assert not meeting.tap("heard", "jonas", seat="jonas")  # neither host nor watcher


def test_back_takes_the_counted_turn_back_and_undoes_a_pass():
    meeting = Meeting(ROUND)
    meeting.tap("start")
    meeting.tap("next")
    meeting.tap("pass", "leila")
    meeting.tap("back")
    assert (meeting.room.speaker, meeting.room.passed) == ("leila", [])
    meeting.tap("back")
    assert (meeting.room.speaker, meeting.room.counts["jonas"]) == ("jonas", 0)
    assert meeting.room.order == ["jonas", "leila", "mei", "amara"]


def test_a_pause_stops_the_clock_and_a_minute_lengthens_it():
    meeting = Meeting(TALK)
    meeting.tap("start")
    began = meeting.room.began_at
    meeting.tap("pause")
    meeting.at += 300
    meeting.tap("resume")
    assert meeting.room.began_at == began + 310
    meeting.tap("minute")
    assert meeting.room.seconds == 11 * 60


def test_a_turn_is_an_even_share_in_quarter_minutes_within_reason():
    assert ROUND.turn_seconds(4) == 120
    assert Step("Round", 10, "round").turn_seconds(7) == 75
    assert Step("Round", 1, "round").turn_seconds(9) == 30
    assert Step("Round", 90, "round").turn_seconds(2) == 300


def test_trios_are_drawn_on_entering_take_turns_and_are_handed_out_once():
    meeting = Meeting(TROIKA, TALK)
    meeting.tap("start")
    assert meeting.room.groups == [["amara", "jonas", "leila"], ["mei"]]
    assert meeting.room.seconds == 30 * 60 * 34 // 100
    meeting.tap("next")
    meeting.tap("next")
    assert (meeting.room.phase, meeting.room.step) == (2, 0)
    meeting.tap("next")
    assert meeting.room.step == 1
    assert meeting.over == [GroupsRecord(0, (("amara", "jonas", "leila"), ("mei",)))]


def test_a_case_clinic_asks_who_brings_the_case_and_goes_through_its_phases():
    meeting = Meeting(CLINIC)
    meeting.tap("start")
    assert meeting.tap("brings", seat="leila")
    spent = [meeting.room.seconds]
    while meeting.room.phase < 4:
        meeting.tap("next")
        spent.append(meeting.room.seconds)
    assert sum(spent) == 50 * 60
    assert meeting.room.brings == "leila"


def test_the_quietest_sit_in_the_middle_of_a_fishbowl():
    meeting = Meeting(TALK, Step("Bowl", 20, "fishbowl"))
    meeting.tap("start")
    meeting.tap("heard", seat="amara")
    meeting.tap("next")
    assert meeting.room.groups == [["jonas", "leila", "mei"], ["amara"]]


def test_cards_are_counted_and_shown_together_once():
    meeting = Meeting(WRITE)
    meeting.tap("start")
    meeting.tap("wrote", "jonas")
    meeting.tap("wrote", "jonas")
    assert meeting.room.written == ["jonas"]
    assert not meeting.tap("reveal", "jonas")
    assert meeting.tap("reveal")
    assert not meeting.tap("reveal")


def test_the_host_hands_over_and_anybody_may_take_over_and_all_are_told():
    meeting = Meeting(TALK)
    meeting.tap("start")
    assert meeting.tap("host", "amara", seat="leila")
    assert meeting.room.notice == ["handed_over", "leila", "amara"]
    assert not meeting.tap("host", "jonas", seat="mei")  # not his to give away
    assert meeting.tap("host", "jonas", seat="jonas")
    assert meeting.room.notice == ["took_over", "jonas", "leila"]
    assert not meeting.tap("next", "amara")


def test_a_room_without_a_host_is_whose_who_moves_it_first():
    meeting = Meeting(TALK, host="")
    assert meeting.tap("start", "jonas")
    assert meeting.room.host == "jonas"


def test_who_comes_late_speaks_last_and_who_has_gone_is_not_waited_for():
    meeting = Meeting(ROUND)
    meeting.tap("here", seat="mei", here=False)
    meeting.tap("start")
    assert meeting.room.order == ["jonas", "leila", "amara"]
    meeting.tap("join", "mei")
    meeting.tap("here", seat="leila", here=False)
    assert meeting.room.order == ["jonas", "amara", "mei"]


def test_nothing_moves_after_the_end_and_a_round_cut_short_is_still_handed_out():
    meeting = Meeting(ROUND)
    meeting.tap("start")
    meeting.tap("next")
    assert meeting.tap("end")
    assert meeting.over == [RoundRecord(0, 1, 1010.0, ("jonas",), ())]
    assert meeting.room.stage == Stage.ENDED
    assert not any(
        meeting.tap(kind, seat="jonas", to=0)
        for kind in sorted(TAPS - {"refresh"} - {"host", "brings"})
    )


def test_strangers_and_strange_taps_change_nothing():
    meeting = Meeting(TALK)
    before = meeting.room.as_json()
    assert not meeting.tap("start", "nobody")
    assert not meeting.tap("dance")
    assert not meeting.tap("host", seat="nobody")
    assert meeting.room.as_json() == before


a_tap = st.fixed_dictionaries(
    {"kind": st.sampled_from(sorted(TAPS))},
    optional={
        "seat": st.sampled_from([*PEOPLE, "nobody"]),
        "to": st.integers(-2, 6),
        "by": st.sampled_from([1, -1]),
        "here": st.booleans(),
        "late": st.booleans(),
    },
)


@given(
    taps=st.lists(st.tuples(st.sampled_from(PEOPLE), a_tap), max_size=60),
    steps=st.permutations([ROUND, TALK, TROIKA, WRITE, CLINIC]),
)
@cases(30)
def test_whatever_is_tapped_the_room_stays_whole_and_survives_being_kept(taps, steps):
    meeting = Meeting(*steps)
    for who, tap in taps:
        more = {name: value for name, value in tap.items() if name not in {"kind", "late"}}
        if tap.get("late"):
            more["beat"] = meeting.room.beat - 1
        before = meeting.room.as_json()
        changed = meeting.tap(tap["kind"], who, **more)
        room = meeting.room
        assert changed == (room.as_json() != before)
        assert 0 <= room.step < len(room.steps)
        assert 0 <= room.turn <= len(room.order)
        assert min(room.counts.values(), default=0) >= 0
        assert len(set(room.here)) == len(room.here)
        assert room.stage != Stage.RUNNING or room.seconds > 0
        assert RoomState.from_json(room.as_json()) == room


@pytest.mark.parametrize("kind", sorted(TAPS))
def test_every_tap_of_somebody_outside_is_refused(kind: str):
    meeting = Meeting(ROUND)
    meeting.tap("start")
    assert not meeting.tap(kind, "nobody", seat="nobody", to=0)


def test_back_goes_to_the_phase_before_and_from_the_first_to_the_step_before():
    meeting = Meeting(TALK, CLINIC)
    meeting.tap("start")
    assert not meeting.tap("back")  # nothing is before the first step
    meeting.tap("next")
    first_phase = meeting.room.seconds
    meeting.tap("next")
    assert meeting.room.phase == 1

    assert meeting.tap("back")
    assert (meeting.room.step, meeting.room.phase) == (1, 0)
    assert (meeting.room.seconds, meeting.room.began_at) == (first_phase, meeting.at)
    assert meeting.tap("back")
    assert (meeting.room.current_step, meeting.room.seconds) == (TALK, 10 * 60)
    assert not meeting.tap("back")
    assert meeting.over == []


def test_a_second_round_waits_until_the_first_is_over():
    meeting = Meeting(ROUND)
    assert not meeting.tap("lap")
    meeting.tap("start")
    assert not meeting.tap("lap")
    assert (meeting.room.lap, meeting.room.speaker) == (1, "jonas")


@pytest.mark.parametrize("to", [-1, 0, 2, "1", None])
def test_a_room_goes_only_to_another_step_that_there_is(to: object):
    meeting = Meeting(ROUND, TALK)
    meeting.tap("start")
    before = meeting.room.as_json()
    assert not meeting.tap("step", to=to)
    assert meeting.room.as_json() == before
    assert meeting.tap("step", to=1)
    assert meeting.room.current_step == TALK


def test_a_round_whose_host_is_away_goes_in_the_order_of_the_table():
    meeting = Meeting(TALK, ROUND)
    meeting.tap("start")
    meeting.tap("here", seat="amara", here=False)
    meeting.tap("next")
    assert meeting.room.order == ["jonas", "leila", "mei"]


def test_groups_are_drawn_again_only_while_people_sit_in_groups():
    meeting = Meeting(TALK, TROIKA)
    assert not meeting.tap("draw")
    meeting.tap("start")
    assert not meeting.tap("draw")
    assert meeting.room.groups == []
    meeting.tap("next")
    meeting.tap("here", seat="jonas", here=False)
    assert meeting.tap("draw")
    assert meeting.room.groups == [["amara", "leila", "mei"]]


def test_who_is_given_the_room_counts_as_here():
    meeting = Meeting(TALK)
    meeting.tap("here", seat="leila", here=False)
    assert meeting.room.here == ["amara", "jonas", "mei"]
    assert meeting.tap("host", seat="leila")
    assert meeting.room.here == ["amara", "jonas", "mei", "leila"]
    assert meeting.room.host == "leila"
