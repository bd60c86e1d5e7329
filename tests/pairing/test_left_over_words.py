"""What is said to a coordinator about somebody left over."""

import pytest

from pairing.texts.left_over import Remedy, say_left_over

NAMES = {"m": "Amara", "k": "Jonas"}
LABELS = {"city": "Not the same city"}


def rival(points, rival_points, *, locked=False):
    return {
        "without": {},
        "rival": {
            "partner": "m",
            "rival": "k",
            "points": points,
            "rival_points": rival_points,
            "locked": locked,
        },
    }


@pytest.mark.parametrize(
    ("reason", "detail", "remedy", "why", "change"),
    [
        (
            "capacity_exhausted", {"allowed": 4}, rival(68_000, 74_000),
            "All who are allowed (4) are taken by others. The best fit, Amara, went to Jonas,"
            " who fits better by 6 points (74 to 68).",
            "One more place with Amara would do, or: ask one of them to take one more, or lock a"
            " pair and run again.",
        ),
        (
            "fewer_offerers", {"places": 3, "seekers": 4}, rival(74_000, 68_000),
            "There are 3 places with mentors for 4 mentees. The best fit, Amara, went to Jonas,"
            " who fits less well (68 to 74): the matching as a whole is better so.",
            "One more place with Amara would do, or: accept more mentors, or ask some to take one"
            " more mentee.",
        ),
        (
            "fewer_seekers", {"seekers": 3, "offerers": 4}, rival(50_000, 50_000),
            "There are 3 mentees for 4 mentors. The best fit, Amara, went to Jonas, who fits as"
            " well (50 points).",
            "Accept more mentees, or keep this person for the next round.",
        ),
        (
            "capacity_exhausted", {"allowed": 1}, rival(50_000, 10_000, locked=True),
            "All who are allowed (1) are taken by others. The best fit, Amara, is locked together"
            " with Jonas.",
            "Ask one of them to take one more, or lock a pair and run again.",
        ),
        (
            "no_allowed_partner", {"city": 3, "never_same_person": 1}, {"without": {"city": 3}},
            "The rules leave nobody: Not the same city (3) and the same person (1).",
            "Without “Not the same city” 3 partners would be possible.",
        ),
        (
            "no_allowed_partner", {"city": 3}, {"without": {}},
            "The rules leave nobody: Not the same city (3).",
            "No rule is it alone: each possible partner is kept out by two or more of them.",
        ),
        (
            "no_capacity", {}, {}, "Takes nobody at present.", "Ask whether they have room again.",
        ),
    ],
)  # fmt: skip
def test_why_somebody_is_left_over_and_what_would_change_it(reason, detail, remedy, why, change):
    assert say_left_over(reason, detail, LABELS, Remedy.from_json(remedy), NAMES) == (why, change)
