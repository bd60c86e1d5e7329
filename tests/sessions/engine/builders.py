"""Short ways to write a circle, and a slow, plain judge of plans to hold the engine against."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations, product
from typing import Any

from sessions.rotation.engine.plan import plan_season, replan
from sessions.rotation.engine.problem import Problem, read_problem
from sessions.rotation.engine.shapes import Partner, PlannedTurn, Role, SeasonInput, SeasonPlan
from sessions.rotation.engine.standins import stand_ins

ROLE_KEYS = ("facilitator", "timekeeper", "note_taker", "voice_watcher", "host")


def members(count: int) -> tuple[Partner, ...]:
    return tuple(Partner(id=f"m{n}", name=f"Member {n}") for n in range(count))


def meetings(count: int) -> tuple[str, ...]:
    return tuple(f"t{n}" for n in range(count))


def roles(count: int) -> tuple[Role, ...]:
    return tuple(
        Role(key=key, priority=n, competency=key, leads=n == 0)
        for n, key in enumerate(ROLE_KEYS[:count])
    )


def absences(*pairs: tuple[int, int]) -> frozenset[tuple[str, str]]:
    return frozenset((f"m{member}", f"t{meeting}") for member, meeting in pairs)


def planned(*circle: Any, **more: Any) -> SeasonPlan:
    """Plan a circle that is written as the fields of its SeasonInput."""
    return plan_season(SeasonInput(*circle, **more))


def replanned(*circle: Any, **more: Any) -> SeasonPlan:
    return replan(SeasonInput(*circle, **more))


def problem_of(*circle: Any, **more: Any) -> Problem:
    return read_problem(SeasonInput(*circle, **more))


def stood_in(*circle: Any, meeting: str, role: str, giver: str, **more: Any) -> Any:
    return stand_ins(SeasonInput(*circle, **more), meeting=meeting, role=role, giver=giver)


def open_turns(
    season: SeasonPlan, times: tuple[str, ...], of: tuple[Role, ...]
) -> list[tuple[str, str]]:
    """Return the (meeting, role) that nobody holds, in the order of the season."""
    held = {(turn.meeting, turn.role) for turn in season.turns}
    return [at for at in product(times, (role.key for role in of)) if at not in held]


def random_absences(people: int, times: int, share: float, seed: int) -> frozenset[tuple[str, str]]:
    chance = random.Random(seed)
    cells = product(range(people), range(times))
    return absences(*(cell for cell in cells if chance.random() < share))


def holders(season: SeasonPlan, role: str) -> list[str | None]:
    """Return who holds `role` at t0, t1, …, as far as the turns reach."""
    held = {turn.meeting: turn.member for turn in season.turns if turn.role == role}
    last = max((int(meeting[1:]) for meeting in held), default=-1)
    return [held.get(f"t{n}") for n in range(last + 1)]


def lead_counts(season: SeasonPlan) -> dict[str | None, int]:
    row = holders(season, ROLE_KEYS[0])
    return {member: row.count(member) for member in row}


@dataclass(frozen=True)
class Change:
    """One turn that goes to somebody else; an empty member means nobody."""

    meeting: str
    role: str
    was: str
    now: str


def changes(before: Iterable[PlannedTurn], after: Iterable[PlannedTurn]) -> tuple[Change, ...]:
    """Return the turns in which two plans differ, in the order of the later plan."""
    was = {(turn.meeting, turn.role): turn.member for turn in before}
    now = {(turn.meeting, turn.role): turn.member for turn in after}
    return tuple(
        Change(*at, was.get(at, ""), now.get(at, ""))
        for at in now | was
        if was.get(at) != now.get(at)
    )


def all_repeats(season: SeasonPlan) -> int:
    """Return how often somebody holds a role at two meetings running, over all roles."""
    return sum(repeats(holders(season, role)) for role in {turn.role for turn in season.turns})


def repeats(row: list[str | None]) -> int:
    return sum(1 for n in range(1, len(row)) if row[n] is not None and row[n] == row[n - 1])


def present_at(
    people: tuple[Partner, ...], times: tuple[str, ...], away: frozenset[tuple[str, str]]
) -> list[list[str]]:
    return [[m.id for m in people if (m.id, meeting) not in away] for meeting in times]


def best_leads(
    people: tuple[Partner, ...], times: tuple[str, ...], away: frozenset[tuple[str, str]]
) -> tuple[int, int]:
    """Try every way to lead: the smallest spread over those ever present, then fewest repeats."""
    present = present_at(people, times, away)
    counted = {member for there in present for member in there}
    best = (99, 99)
    choices: list[list[str | None]] = [[*there] or [None] for there in present]
    for plan in product(*choices):
        counts = [plan.count(member) for member in counted]
        spread = max(counts) - min(counts) if counts else 0
        best = min(best, (spread, repeats(list(plan))))
    return best


def best_everything(
    people: tuple[Partner, ...],
    times: tuple[str, ...],
    away: frozenset[tuple[str, str]],
    role_count: int,
) -> tuple[int, int, int]:
    """Try every whole plan: the smallest spread, then fewest lead repeats, then other repeats."""
    present = present_at(people, times, away)
    counted = {member for there in present for member in there}

    def seatings(there: list[str]) -> Iterator[tuple[str | None, ...]]:
        filled = min(role_count, len(there))
        for some in permutations(there, filled):
            yield some + (None,) * (role_count - filled)

    best = (99, 99, 99)
    for plan in product(*(list(seatings(there)) for there in present)):
        rows = list(zip(*plan, strict=True))
        counts = [rows[0].count(member) for member in counted]
        spread = max(counts) - min(counts) if counts else 0
        others = sum(repeats(list(row)) for row in rows[1:])
        best = min(best, (spread, repeats(list(rows[0])), others))
    return best
