"""Short ways to write a circle, and a slow, plain judge of plans to hold the engine against."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations, product

from sessions.rotation.engine.shapes import Absence, Meeting, Member, Role, Season, Turn

ROLE_KEYS = ("facilitator", "timekeeper", "note_taker", "voice_watcher", "host")


def members(count: int) -> tuple[Member, ...]:
    return tuple(Member(id=f"m{n}", name=f"Member {n}") for n in range(count))


def meetings(count: int) -> tuple[Meeting, ...]:
    return tuple(Meeting(id=f"t{n}") for n in range(count))


def roles(count: int) -> tuple[Role, ...]:
    return tuple(
        Role(key=key, priority=n, competency=key, leads=n == 0)
        for n, key in enumerate(ROLE_KEYS[:count])
    )


def absences(*pairs: tuple[int, int]) -> frozenset[Absence]:
    return frozenset(Absence(f"m{member}", f"t{meeting}") for member, meeting in pairs)


def random_absences(people: int, times: int, share: float, seed: int) -> frozenset[Absence]:
    chance = random.Random(seed)
    cells = product(range(people), range(times))
    return absences(*(cell for cell in cells if chance.random() < share))


def holders(season: Season, role: str) -> list[str | None]:
    """Return who holds `role` at t0, t1, …, as far as the turns reach."""
    held = {turn.meeting: turn.member for turn in season.turns if turn.role == role}
    last = max((int(meeting[1:]) for meeting in held), default=-1)
    return [held.get(f"t{n}") for n in range(last + 1)]


@dataclass(frozen=True)
class Change:
    """One turn that goes to somebody else; an empty member means nobody."""

    meeting: str
    role: str
    was: str
    now: str


def changes(before: Iterable[Turn], after: Iterable[Turn]) -> tuple[Change, ...]:
    """Return the turns in which two plans differ, in the order of the later plan."""
    was = {(turn.meeting, turn.role): turn.member for turn in before}
    now = {(turn.meeting, turn.role): turn.member for turn in after}
    return tuple(
        Change(*at, was.get(at, ""), now.get(at, ""))
        for at in now | was
        if was.get(at) != now.get(at)
    )


def repeats(row: list[str | None]) -> int:
    return sum(1 for n in range(1, len(row)) if row[n] is not None and row[n] == row[n - 1])


def present_at(
    people: tuple[Member, ...], times: tuple[Meeting, ...], away: frozenset[Absence]
) -> list[list[str]]:
    gone = {(absence.member, absence.meeting) for absence in away}
    return [[m.id for m in people if (m.id, t.id) not in gone] for t in times]


def best_leads(
    people: tuple[Member, ...], times: tuple[Meeting, ...], away: frozenset[Absence]
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
    people: tuple[Member, ...],
    times: tuple[Meeting, ...],
    away: frozenset[Absence],
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
