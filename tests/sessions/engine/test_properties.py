"""What holds for every season, whatever the circle."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.rotation.engine.keep import faults
from sessions.rotation.engine.leads import even_leads, widest_quota
from sessions.rotation.engine.ready import NOBODY
from sessions.rotation.engine.shapes import Lock, Partner, Role, SeasonPlan
from tests.sessions.engine.builders import (
    ROLE_KEYS,
    holders,
    open_turns,
    planned,
    problem_of,
    replanned,
)

pytestmark = pytest.mark.slow


@st.composite
def circles(draw: st.DrawFn) -> dict[str, Any]:
    people = draw(st.integers(1, 7))
    times = draw(st.integers(0, 8))
    role_count = draw(st.integers(1, 5))
    levels = st.dictionaries(st.sampled_from(ROLE_KEYS), st.integers(0, 5), max_size=3)
    members = tuple(
        Partner(
            id=f"m{n}",
            name=f"Member {n}",
            strengths=draw(levels),
            wants=draw(st.frozensets(st.sampled_from(ROLE_KEYS), max_size=2)),
            may_facilitate=draw(st.sampled_from([True, True, True, False])),
        )
        for n in range(people)
    )
    cells = st.tuples(st.integers(0, people - 1), st.integers(0, max(0, times - 1)))
    away = draw(st.frozensets(cells, max_size=10)) if times else frozenset()
    locked: dict[tuple[int, int], int] = {}
    for member, meeting in draw(st.lists(cells, max_size=5)) if times else []:
        role = draw(st.integers(0, role_count - 1))
        busy = any(t == meeting and m == member for (t, _), m in locked.items())
        if (member, meeting) not in away and not busy:
            locked.setdefault((meeting, role), member)
    return {
        "members": members,
        "meetings": tuple(f"t{n}" for n in range(times)),
        "roles": tuple(
            Role(key, n, key, leads=n == 0) for n, key in enumerate(ROLE_KEYS[:role_count])
        ),
        "absences": frozenset((f"m{m}", f"t{t}") for m, t in away),
        "locks": frozenset(
            Lock(f"t{t}", ROLE_KEYS[role], f"m{m}") for (t, role), m in locked.items()
        ),
        "seed": draw(st.integers(0, 3)),
    }


def seats(season: SeasonPlan) -> list[tuple[str, str, str]]:
    return [(turn.meeting, turn.role, turn.member) for turn in season.turns]


@settings(max_examples=150, deadline=None)
@given(circles())
def test_no_hard_rule_is_ever_broken(circle: dict[str, Any]) -> None:
    season = planned(**circle)

    away = {(meeting, member) for member, meeting in circle["absences"]}
    locks = {(lock.meeting, lock.role, lock.member) for lock in circle["locks"]}
    barred = {member.id for member in circle["members"] if not member.may_facilitate}
    taken = seats(season)
    assert locks <= set(taken)
    assert not {(meeting, member) for meeting, _, member in taken} & away
    assert len({(meeting, member) for meeting, _, member in taken}) == len(taken)
    assert len({(meeting, role) for meeting, role, _ in taken}) == len(taken)
    for seat in taken:
        assert seat[1] != "facilitator" or seat[2] not in barred or seat in locks


@settings(max_examples=100, deadline=None)
@given(circles())
def test_a_role_stays_open_only_when_nobody_is_left_who_may_hold_it(
    circle: dict[str, Any],
) -> None:
    season = planned(**circle)

    away = {(meeting, member) for member, meeting in circle["absences"]}
    for meeting, role in open_turns(season, circle["meetings"], circle["roles"]):
        busy = {turn.member for turn in season.turns if turn.meeting == meeting}
        idle = [
            member
            for member in circle["members"]
            if (meeting, member.id) not in away and member.id not in busy
        ]
        assert not [m for m in idle if m.may_facilitate or role != "facilitator"]


@settings(max_examples=100, deadline=None)
@given(circles())
def test_the_spread_is_the_proved_one_and_agrees_with_the_turns(circle: dict[str, Any]) -> None:
    season = planned(**circle)

    row = holders(season, "facilitator")
    counts = [
        row.count(member.id)
        for member in circle["members"]
        if member.may_facilitate
        and any((member.id, meeting) not in circle["absences"] for meeting in circle["meetings"])
    ]
    if season.lead_bound is None:
        assert counts == []
    else:
        assert season.lead_spread == season.lead_bound.spread
        assert season.lead_spread == max(counts) - min(counts)


@settings(max_examples=60, deadline=None)
@given(circles())
def test_the_same_input_gives_the_same_season(circle: dict[str, Any]) -> None:
    assert planned(**circle) == planned(**circle)


@st.composite
def upheavals(draw: st.DrawFn) -> dict[str, Any]:
    """A published season, then somebody away, two turns swapped by hand, and a newcomer."""
    people, times = draw(st.integers(3, 7)), draw(st.integers(4, 9))
    roles = tuple(
        Role(key, n, key, leads=n == 0)
        for n, key in enumerate(ROLE_KEYS[: draw(st.integers(1, min(4, people)))])
    )
    members = tuple(Partner(f"m{n}", f"Member {n}") for n in range(people))
    meetings = tuple(f"t{n}" for n in range(times))
    before = planned(members, meetings, roles, seed=draw(st.integers(0, 3)))
    cells = st.tuples(st.integers(0, people - 1), st.integers(0, times - 1))
    away = draw(st.frozensets(cells, max_size=4))
    gone = frozenset((f"m{m}", f"t{t}") for m, t in away)
    row = {turn.meeting: turn for turn in before.turns if turn.role == ROLE_KEYS[0]}
    first, second = draw(st.tuples(st.sampled_from(meetings), st.sampled_from(meetings)))
    swapped = frozenset(
        Lock(at, ROLE_KEYS[0], row[other].member)
        for at, other in ((first, second), (second, first))
        if (row[other].member, at) not in gone
    )
    joined = (Partner("new", "New"),) if draw(st.booleans()) else ()
    return {
        "members": members + joined,
        "meetings": meetings,
        "roles": roles,
        "absences": gone,
        "locks": swapped,
        "published": before.turns,
    }


@settings(max_examples=60, deadline=None)
@given(upheavals())
def test_after_absences_swaps_and_joins_every_published_turn_stays_that_can(
    circle: dict[str, Any],
) -> None:
    published = circle.pop("published")
    season = replanned(**circle, published=published)

    problem = problem_of(**circle, seed=0)
    quota = widest_quota(even_leads(problem))
    grid = problem.grid_of(season.turns)
    before = problem.grid_of(published)
    now = faults(problem, grid, quota)
    for role, row in enumerate(before):
        for meeting, holder in enumerate(row):
            moved = holder != NOBODY and grid[role][meeting] not in (NOBODY, holder)
            if moved and holder not in {other[meeting] for other in grid}:
                back = [line[:] for line in grid]
                back[role][meeting] = holder
                assert faults(problem, back, quota) > now
    assert now[0] == 0
    taken = {(turn.meeting, turn.member) for turn in season.turns}
    assert not taken & {(meeting, member) for member, meeting in circle["absences"]}


@settings(max_examples=60, deadline=None)
@given(circles())
def test_renaming_the_members_renames_the_plan_and_nothing_else(circle: dict[str, Any]) -> None:
    def renamed(member: str) -> str:
        return f"x{9 - int(member[1:])}"

    other = circle | {
        "members": tuple(
            Partner(renamed(m.id), m.name, m.strengths, m.wants, m.may_facilitate)
            for m in circle["members"]
        ),
        "absences": frozenset((renamed(member), at) for member, at in circle["absences"]),
        "locks": frozenset(
            Lock(lock.meeting, lock.role, renamed(lock.member)) for lock in circle["locks"]
        ),
    }

    expected = [(t, role, renamed(member)) for t, role, member in seats(planned(**circle))]
    assert seats(planned(**other)) == expected
