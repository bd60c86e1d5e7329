"""What holds for every season, whatever the circle."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.rotation.engine.keep import faults
from sessions.rotation.engine.leads import LeadTable, even_out, some_leaders, widest_quota
from sessions.rotation.engine.plan import plan_season, replan
from sessions.rotation.engine.problem import read_problem
from sessions.rotation.engine.reading import published_grid
from sessions.rotation.engine.ready import NOBODY
from sessions.rotation.engine.shapes import Absence, Lock, Meeting, Member, Role, Season
from tests.sessions.engine.builders import ROLE_KEYS, holders, repeats


@st.composite
def circles(draw: st.DrawFn) -> dict[str, Any]:
    people = draw(st.integers(1, 7))
    times = draw(st.integers(0, 8))
    role_count = draw(st.integers(1, 5))
    levels = st.dictionaries(st.sampled_from(ROLE_KEYS), st.integers(0, 5), max_size=3)
    members = tuple(
        Member(
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
        "meetings": tuple(Meeting(f"t{n}") for n in range(times)),
        "roles": tuple(
            Role(key, n, key, leads=n == 0) for n, key in enumerate(ROLE_KEYS[:role_count])
        ),
        "absences": frozenset(Absence(f"m{m}", f"t{t}") for m, t in away),
        "locks": frozenset(
            Lock(f"t{t}", ROLE_KEYS[role], f"m{m}") for (t, role), m in locked.items()
        ),
        "seed": draw(st.integers(0, 3)),
    }


def seats(season: Season) -> list[tuple[str, str, str]]:
    return [(turn.meeting, turn.role, turn.member) for turn in season.turns]


@settings(max_examples=150, deadline=None)
@given(circles())
def test_no_hard_rule_is_ever_broken(circle: dict[str, Any]) -> None:
    season = plan_season(**circle)

    away = {(absence.meeting, absence.member) for absence in circle["absences"]}
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
def test_every_role_is_either_held_or_reported_and_people_are_used_while_they_last(
    circle: dict[str, Any],
) -> None:
    season = plan_season(**circle)

    held = {(turn.meeting, turn.role) for turn in season.turns}
    open_ = {(gap.meeting, gap.role) for gap in season.unfilled}
    every = {(m.id, r.key) for m in circle["meetings"] for r in circle["roles"]}
    assert held | open_ == every
    assert not held & open_
    away = {(absence.meeting, absence.member) for absence in circle["absences"]}
    for gap in season.unfilled:
        busy = {turn.member for turn in season.turns if turn.meeting == gap.meeting}
        idle = [
            member
            for member in circle["members"]
            if (gap.meeting, member.id) not in away and member.id not in busy
        ]
        assert not [m for m in idle if m.may_facilitate or gap.role != "facilitator"]


@settings(max_examples=100, deadline=None)
@given(circles())
def test_the_spread_is_the_proved_one_and_agrees_with_the_turns(circle: dict[str, Any]) -> None:
    season = plan_season(**circle)

    row = holders(season, "facilitator")
    assert season.lead_counts == {member: row.count(member) for member in season.lead_counts}
    if season.lead_bound is None:
        assert season.lead_counts == {}
    else:
        assert season.lead_spread == season.lead_bound.spread
        assert season.lead_spread == max(season.lead_counts.values()) - min(
            season.lead_counts.values()
        )
    said = [fault for fault in season.broken if fault.rule == "lead_spread"]
    assert len(said) == int(season.lead_spread > 1)


@settings(max_examples=80, deadline=None)
@given(circles())
def test_every_repeat_is_reported(circle: dict[str, Any]) -> None:
    season = plan_season(**circle)

    told = [fault for fault in season.broken if fault.rule == "twice_running"]
    within = sum(repeats(holders(season, role.key)) for role in circle["roles"])
    assert len(told) == within


@settings(max_examples=60, deadline=None)
@given(circles())
def test_the_same_input_gives_the_same_season(circle: dict[str, Any]) -> None:
    assert plan_season(**circle) == plan_season(**circle)


@st.composite
def upheavals(draw: st.DrawFn) -> dict[str, Any]:
    """A published season, then somebody away, two turns swapped by hand, and a newcomer."""
    people, times = draw(st.integers(3, 7)), draw(st.integers(4, 9))
    roles = tuple(
        Role(key, n, key, leads=n == 0)
        for n, key in enumerate(ROLE_KEYS[: draw(st.integers(1, min(4, people)))])
    )
    members = tuple(Member(f"m{n}", f"Member {n}") for n in range(people))
    meetings = tuple(Meeting(f"t{n}") for n in range(times))
    before = plan_season(members, meetings, roles, seed=draw(st.integers(0, 3)))
    cells = st.tuples(st.integers(0, people - 1), st.integers(0, times - 1))
    away = draw(st.frozensets(cells, max_size=4))
    gone = frozenset(Absence(f"m{m}", f"t{t}") for m, t in away)
    row = {turn.meeting: turn for turn in before.turns if turn.role == ROLE_KEYS[0]}
    first, second = draw(st.tuples(st.sampled_from(meetings), st.sampled_from(meetings)))
    swapped = frozenset(
        Lock(at.id, ROLE_KEYS[0], row[other.id].member)
        for at, other in ((first, second), (second, first))
        if Absence(row[other.id].member, at.id) not in gone
    )
    joined = (Member("new", "New"),) if draw(st.booleans()) else ()
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
    season = replan(**circle, published=published)

    problem = read_problem(**circle, seed=0)
    table = LeadTable(problem, some_leaders(problem))
    even_out(table)
    quota = widest_quota(table)
    grid = published_grid(problem, season.turns)
    before = published_grid(problem, published)
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
    assert not taken & {(a.meeting, a.member) for a in circle["absences"]}


@settings(max_examples=60, deadline=None)
@given(circles())
def test_renaming_the_members_renames_the_plan_and_nothing_else(circle: dict[str, Any]) -> None:
    def renamed(member: str) -> str:
        return f"x{9 - int(member[1:])}"

    other = circle | {
        "members": tuple(
            Member(renamed(m.id), m.name, m.strengths, m.wants, m.may_facilitate)
            for m in circle["members"]
        ),
        "absences": frozenset(Absence(renamed(a.member), a.meeting) for a in circle["absences"]),
        "locks": frozenset(
            Lock(lock.meeting, lock.role, renamed(lock.member)) for lock in circle["locks"]
        ),
    }

    expected = [(t, role, renamed(member)) for t, role, member in seats(plan_season(**circle))]
    assert seats(plan_season(**other)) == expected
