"""The geometry of the table, against the numbers of its drawing rules."""

from __future__ import annotations

import math

import pytest
from django.utils import translation

from core.ui.table import (
    ARC_GAP,
    RING_RADIUS,
    Arc,
    Point,
    SeatView,
    arc_path,
    initials,
    mini_table,
    polar,
    round_table,
    seat_angle,
)


def people(count: int, **facts: object) -> list[SeatView]:
    return [SeatView(f"P{i}", f"Person {i}", **facts) for i in range(count)]  # facts of the test


def ends(arc: Arc) -> tuple[float, float]:
    """The two angles an arc of the ring runs between, in degrees, clockwise."""
    start, _, end = arc.path[1:].partition("A")
    x1, y1 = map(float, start.split())
    x2, y2 = map(float, end.split()[-2:])
    return math.degrees(math.atan2(y1, x1)), math.degrees(math.atan2(y2, x2))


def test_six_seats_stand_where_the_rules_say():
    drawing = round_table(people(6))

    assert [seat.at for seat in drawing.seats] == [
        Point(0.0, -124.0),
        Point(107.39, -62.0),
        Point(107.39, 62.0),
        Point(0.0, 124.0),
        Point(-107.39, 62.0),
        Point(-107.39, -62.0),
    ]
    assert {(seat.radius, seat.small) for seat in drawing.seats} == {(25.0, False)}


def test_a_pair_sits_left_and_right():
    assert [seat.at for seat in round_table(people(2)).seats] == [
        Point(-124.0, 0.0),
        Point(124.0, 0.0),
    ]


def test_from_ten_people_on_seats_and_tokens_are_smaller():
    drawing = round_table(people(12, tokens=("note_taker",)))

    assert {seat.radius for seat in drawing.seats} == {21.0}
    assert drawing.tokens[0].radius == 13.0
    assert drawing.tokens[0].at == Point(0.0, -60.0)


@pytest.mark.parametrize("count", range(2, 25))
def test_seats_never_touch(count: int):
    seats = round_table(people(count)).seats

    nearest = min(
        math.dist((a.at.x, a.at.y), (b.at.x, b.at.y))
        for i, a in enumerate(seats)
        for b in seats[:i]
    )
    assert nearest > 2 * seats[0].radius


def test_the_back_of_a_chair_spans_104_degrees_away_from_the_table():
    assert round_table(people(6)).seats[0].back == "M-25.22 -19.7A32 32 0 0 1 25.22 -19.7"


@pytest.mark.parametrize(
    ("count", "share"), [(2, 171.0), (6, 51.0), (8, 36.0), (9, 34.0), (12, 24.0)]
)
def test_each_seat_owns_its_share_of_the_ring(count: int, share: float):
    ring = round_table(people(count, turns_due=1)).ring

    start, end = ends(ring[0])
    assert len(ring) == count
    assert (end - start) % 360 == pytest.approx(share, abs=0.05)


def test_a_seat_has_one_arc_for_each_turn_and_those_held_are_filled():
    ring = round_table(people(6, turns_due=3, turns_held=2)).ring[:3]

    assert [arc.held for arc in ring] == [True, True, False]
    assert ends(ring[1])[0] - ends(ring[0])[1] == pytest.approx(ARC_GAP, abs=0.05)


def test_a_turn_held_beyond_those_due_is_shown():
    ring = round_table([SeatView("A", "A", turns_due=1, turns_held=2), SeatView("B", "B")]).ring

    assert [arc.held for arc in ring] == [True, True]


def test_as_a_timer_the_ring_holds_no_turns():
    drawing = round_table(people(6, turns_due=2), timer_left=62)

    assert (drawing.ring, drawing.timer_left) == ((), 62)
    assert round_table(people(2), timer_left=-3).timer_left == 0
    assert "turns" not in drawing.sentence


def test_two_tokens_of_one_seat_stand_16_degrees_to_either_side():
    seat = SeatView("A", "Ada", tokens=("facilitator", "timekeeper"))
    first, second = round_table([seat, *people(5)]).tokens

    assert first.at == polar(56, -90 - 16)
    assert second.at == polar(56, -90 + 16)
    assert (first.icon, first.first, second.icon, second.first) == ("flag", True, "clock", False)


def test_a_role_of_the_organisations_own_gets_the_neutral_token_and_its_own_name():
    seat = SeatView("A", "Ada Lovelace", tokens=("host",))
    drawing = round_table([seat, SeatView("B", "Bo")], role_names={"host": "welcomes"})

    assert drawing.tokens[0].icon == "dot"
    assert drawing.labels[0].role == "welcomes"
    assert drawing.sentence == "2 seats. Ada Lovelace: welcomes."


def test_the_sentence_says_all_that_is_drawn():
    seats = [
        SeatView("LH", "Leila Haddad", "lead", ("facilitator",), turns_due=2, turns_held=1),
        SeatView("RO", "Rafael Ortega", "away", turns_due=2),
        SeatView("JL", "Jonas Lindqvist", "next", turns_due=2, turns_held=2),
    ]

    assert round_table(seats, title="Circle Wye").sentence == (
        "Circle Wye, 3 seats. Leila Haddad: facilitator. Rafael Ortega is away. "
        "Jonas Lindqvist is next. 3 of 6 turns to lead have been taken."
    )


def test_coordinates_keep_their_point_in_every_language():
    with translation.override("de"):
        assert arc_path(RING_RADIUS, 0, 90.5) == "M90 0A90 90 0 0 1 -0.79 90"


def test_an_arc_beyond_half_a_turn_takes_the_long_way():
    assert " 0 1 1 " in arc_path(90, 0, 181)


def test_an_empty_table_is_a_table():
    drawing = round_table([], title="Circle Don")

    assert (drawing.seats, drawing.ring, drawing.sentence) == ((), (), "Circle Don, 0 seats.")


def test_names_of_a_pair_stand_over_their_seats():
    assert [(label.at, label.anchor) for label in round_table(people(2)).labels] == [
        (Point(-124.0, -54.0), "middle"),
        (Point(124.0, -54.0), "middle"),
    ]


def test_the_small_table_shows_who_leads():
    mini = mini_table(6, leader=3)

    assert [seat.leads for seat in mini.seats] == [False, False, False, True, False, False]
    assert mini.seats[0].at == Point(20.0, 4.5)
    assert (mini.radius, mini_table(12).radius) == (3.6, 3.0)


def test_seats_keep_their_place_all_season():
    assert [seat_angle(i, 4) for i in range(4)] == [-90, 0, 90, 180]


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Leila Haddad", "LH"),
        ("Nguyễn Thị Lan", "NL"),
        ("Mei-Ling Chen", "MC"),
        ("élodie", "É"),
        ("Ada (contractor)", "A"),
        ("", "?"),
        ("42", "?"),
    ],
)
def test_initials_are_the_first_and_the_last_words_letters(name: str, letters: str):
    assert initials(name) == letters
