"""What the fairness panel says, sentence by sentence."""

from __future__ import annotations

import pytest

from sessions.rotation.engine.shapes import LeadBound
from sessions.rotation.texts import evenness, forced

NAMES = ("Amara", "Jonas", "Leila", "Mei", "Pavel", "Petra", "Rosa", "Samir")


def led(*turns: int) -> dict[str, int]:
    return dict(zip(NAMES, turns, strict=False))


@pytest.mark.parametrize(
    ("turns", "sessions", "sentence"),
    [
        ((), 0, "Nobody leads yet."),
        ((0, 0, 0), 6, "Nobody leads yet."),
        ((1, 1, 1), 3, "Yes. Everyone leads once this season."),
        ((2, 2), 4, "Yes. Everyone leads twice this season."),
        ((3, 3, 3), 9, "Yes. Everyone leads 3 times this season."),
        ((2, 1, 1), 4, "Yes. Amara leads twice this season, everyone else once."),
        (
            (3, 3, 3, 2, 2, 2),
            15,
            "Yes. Amara, Jonas and Leila lead 3 times this season, everyone else twice.",
        ),
        ((2, 1), 3, "Yes. Amara leads twice this season, everyone else once."),
        (
            (2, 2, 2, 2, 1),
            9,
            "Yes. Everyone leads twice this season, only Pavel once.",
        ),
        (
            (2, 2, 2, 2, 1, 1, 1, 1),
            12,
            "Yes. 4 of 8 lead twice this season, the others once.",
        ),
        (
            (1, 1, 1, 1, 0, 0),
            4,
            "Yes. 4 of 6 lead once this season, the others have not had their turn yet. "
            "In 4 sessions not all 6 can lead.",
        ),
        (
            (1, 1, 1, 1, 0, 0),
            6,
            "Yes. 4 of 6 lead once this season, the others have not had their turn yet.",
        ),
        (
            (1, 1, 0),
            3,
            "Yes. 2 of 3 lead once this season, Leila has not had a turn yet.",
        ),
        (
            (1, 0),
            1,
            "Yes. 1 of 2 leads once this season, Jonas has not had a turn yet. "
            "In 1 session not all 2 can lead.",
        ),
        (
            (1, 0, 0),
            1,
            "Yes. 1 of 3 leads once this season, the others have not had their turn yet. "
            "In 1 session not all 3 can lead.",
        ),
        ((3, 2, 1), 6, "Not yet. Amara leads 3 times this season, Leila once."),
        ((2, 2, 0), 4, "Not yet. Amara and Jonas lead twice this season, Leila never."),
        ((3, 3, 3, 3, 1), 13, "Not yet. 4 people lead 3 times this season, Pavel once."),
    ],
)
def test_how_even_leading_is_has_a_sentence_for_every_case(turns, sessions, sentence):
    assert evenness(led(*turns), sessions=sessions) == sentence


@pytest.mark.parametrize(
    ("turns", "sentence"),
    [
        ((5, 1), "As even as it can be. Amara leads 5 times this season, Jonas once."),
        ((3, 3, 0), "As even as it can be. Amara and Jonas lead 3 times this season, Leila never."),
    ],
)
def test_what_cannot_be_more_even_is_said_to_be_so(turns, sentence):
    assert evenness(led(*turns), sessions=6, best=True) == sentence


DAYS = {"1": "5 Mar", "2": "19 Mar", "3": "2 Apr"}
PEOPLE = {"a": "Amara", "j": "Jonas"}


def bound(members: str, meetings: str, least: str = "", least_meetings: str = "") -> LeadBound:
    return LeadBound(
        most=2,
        most_members=frozenset(members),
        most_meetings=frozenset(meetings),
        least=0,
        least_members=frozenset(least),
        least_meetings=frozenset(least_meetings),
    )


@pytest.mark.parametrize(
    ("why", "settled", "sentence"),
    [
        (
            bound("a", "12"),
            set(),
            "Only Amara can lead on 5 Mar and 19 Mar. No plan is more even than this.",
        ),
        (
            bound("a", "12", "j", "3"),
            {"1"},
            "Only Amara can lead on 5 Mar and 19 Mar. Jonas can lead on 2 Apr only. "
            "No plan is more even than this.",
        ),
        (
            bound("a", "12", "j"),
            {"1", "2"},
            "Amara leads on 5 Mar and 19 Mar, as held or as chosen by hand. "
            "Jonas can lead on no day that is left. No plan is more even than this.",
        ),
        (
            bound("aj", "123"),
            {"1", "2", "3"},
            "Amara and Jonas lead on 5 Mar, 19 Mar and 2 Apr, as held or as chosen by hand. "
            "No plan is more even than this.",
        ),
    ],
)
def test_what_forces_unevenness_is_said_by_name_and_day(why, settled, sentence):
    assert forced(why, PEOPLE, DAYS, settled) == sentence
