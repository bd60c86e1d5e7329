"""Seasons of turns: how fair, how fast, and how a constraint solver does on the same.

`python -m bench.rotation [--quick]`: one JSON line a row, then one with the goals. Seconds are of
processor time, of all cores together: the machine may be busy with other things.
"""

import argparse
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from ortools.sat.python import cp_model

from sessions.rotation.engine.cycle import cyclic_places
from sessions.rotation.engine.plan import plan_season
from sessions.rotation.engine.shapes import Partner, Role, SeasonInput, SeasonPlan

ROLE_KEYS = ("facilitator", "timekeeper", "note_taker", "voice_watcher", "host", "welcomer")
SHAPES = [
    (6, 12, 3, 0.1),
    (8, 12, 4, 0.1),
    (8, 24, 4, 0.15),
    (8, 52, 4, 0.15),
    (12, 52, 5, 0.15),
    # as many roles as people, and people who are often away: where it gets hard
    (5, 24, 5, 0.25),
    (6, 52, 5, 0.4),
    (12, 52, 5, 0.6),
]
QUICK_SHAPES = [SHAPES[n] for n in (1, 4, 6)]
LIMIT = 10  # seconds by the clock that CP-SAT may take, on two cores

# What a plan costs, for both engines: the order of importance as weights. A role held again within
# three meetings is NEAR; NEVER_HELD is one person without one role all season.
SPREAD, LEAD_REPEAT, REPEAT = 1_000_000, 100_000, 20_000
NEAR, NEVER_HELD, ROLE_SPREAD = 1_000, 300, 10


@dataclass(frozen=True)
class Circle:
    """One random circle, as both engines get it."""

    members: tuple[Partner, ...]
    meetings: tuple[str, ...]
    roles: tuple[Role, ...]
    absences: frozenset[tuple[str, str]]  # (member, meeting)

    @property
    def size(self) -> str:
        return f"{len(self.members)} people, {len(self.meetings)} meetings, {len(self.roles)} roles"

    def present(self, meeting: str) -> list[str]:
        return [m.id for m in self.members if (m.id, meeting) not in self.absences]

    def plan(self, seed: int = 0) -> SeasonPlan:
        return plan_season(
            SeasonInput(self.members, self.meetings, self.roles, self.absences, seed=seed)
        )


def circle(people: int, times: int, roles: int, away: float, seed: int) -> Circle:
    """Return a circle in which each absence has the chance `away`."""
    chance = random.Random(seed)
    members = tuple(
        Partner(
            f"m{n}",
            f"Member {n}",
            {key: chance.randint(0, 5) for key in ROLE_KEYS[:roles]},
            frozenset(chance.sample(ROLE_KEYS[:roles], 1)),
        )
        for n in range(people)
    )
    meetings = tuple(f"t{n}" for n in range(times))
    return Circle(
        members,
        meetings,
        tuple(Role(key, n, key, leads=n == 0) for n, key in enumerate(ROLE_KEYS[:roles])),
        frozenset(
            (member.id, meeting)
            for member in members
            for meeting in meetings
            if chance.random() < away
        ),
    )


Seats = dict[tuple[str, str], str]  # (meeting, role) -> member


def objective(case: Circle, seats: Seats) -> int:
    """Return what a plan costs, counted from its seats alone."""
    cost = 0
    for role in case.roles:
        row = [seats.get((meeting, role.key)) for meeting in case.meetings]
        counts = [row.count(member.id) for member in case.members]
        spread = max(counts) - min(counts)
        cost += spread * (SPREAD if role.leads else ROLE_SPREAD)
        cost += _again(row, 1) * (LEAD_REPEAT if role.leads else REPEAT)
        cost += _again(row, 2) * NEAR + counts.count(0) * NEVER_HELD
    return cost


def _again(row: list[str | None], apart: int) -> int:
    """Return how often a role has the same holder at two meetings so far apart."""
    pairs = zip(row, row[apart:], strict=False)
    return sum(1 for before, after in pairs if before is not None and before == after)


def violations(case: Circle, seats: Seats) -> int:
    """Return how many seats are held by the absent or by somebody in two roles at once."""
    wrong = sum(1 for (meeting, _), who in seats.items() if (who, meeting) in case.absences)
    pairs = [(meeting, who) for (meeting, _), who in seats.items()]
    return wrong + len(pairs) - len(set(pairs))


def seats_of(season: SeasonPlan) -> Seats:
    return {(turn.meeting, turn.role): turn.member for turn in season.turns}


def solve_by_cp_sat(case: Circle, seconds: float) -> Seats:
    """Return the plan of OR-tools' CP-SAT for the same objective after so many seconds."""
    model = cp_model.CpModel()
    holds: dict[tuple[str, str, str], cp_model.IntVar] = {}
    for meeting in case.meetings:
        there = case.present(meeting)
        for place, role in enumerate(case.roles):
            for who in there:
                holds[meeting, role.key, who] = model.new_bool_var("")
            if place < len(there):
                model.add_exactly_one(holds[meeting, role.key, who] for who in there)
            else:
                model.add(sum(holds[meeting, role.key, who] for who in there) == 0)
        for who in there:
            model.add_at_most_one(holds[meeting, role.key, who] for role in case.roles)
    terms = []
    for role in case.roles:
        high, low = (model.new_int_var(0, len(case.meetings), "") for _ in range(2))
        terms.append((SPREAD if role.leads else ROLE_SPREAD) * (high - low))
        for member in case.members:
            turns = [
                holds[meeting, role.key, member.id]
                for meeting in case.meetings
                if (meeting, role.key, member.id) in holds
            ]
            model.add(sum(turns) <= high)
            model.add(sum(turns) >= low)
            never = model.new_bool_var("")
            model.add(sum(turns) + never >= 1)
            terms.append(NEVER_HELD * never)
        for apart, price in ((1, LEAD_REPEAT if role.leads else REPEAT), (2, NEAR)):
            for before, after in zip(case.meetings, case.meetings[apart:], strict=False):
                for who in set(case.present(before)) & set(case.present(after)):
                    repeat = model.new_bool_var("")
                    pair = holds[before, role.key, who], holds[after, role.key, who]
                    model.add(pair[0] + pair[1] - 1 <= repeat)
                    terms.append(price * repeat)
    model.minimize(sum(terms))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    solver.parameters.random_seed = 0
    solver.solve(model)
    return {(t, role): who for (t, role, who), var in holds.items() if solver.value(var)}


def row(case: str, size: str, method: str, seconds: float, **more: object) -> None:
    line = {"bench": "rotation", "case": case, "size": size, "method": method}
    print(json.dumps(line | {"seconds": round(seconds, 6)} | more), flush=True)


def random_circles(count: int) -> Iterator[Circle]:
    """Yield circles of all sizes, from nobody absent to half of them."""
    chance = random.Random(1)
    for seed in range(count):
        people = chance.randint(2, 12)
        times, roles = chance.randint(4, 26), chance.randint(1, 6)
        yield circle(people, times, roles, chance.choice([0, 0.05, 0.1, 0.2, 0.3, 0.5]), seed)


def warm_up() -> None:
    """Let numba compile or load what it has compiled: once a process, printed, not counted on."""
    started = time.process_time()
    circle(4, 6, 2, 0.2, 0).plan()
    row("first plan of a process", "4 people, 6 meetings, 2 roles", "ours", _since(started))


def _since(started: float) -> float:
    return time.process_time() - started


def bench_rules(count: int) -> tuple[int, int]:
    """Return violations and seasons without the proved spread over random circles."""
    started = time.process_time()
    broken = unproved = 0
    for case in random_circles(count):
        season = case.plan()
        broken += violations(case, seats_of(season))
        bound = season.lead_bound
        unproved += int(bound is not None and season.lead_spread != bound.spread)
    seconds = time.process_time() - started
    row(
        "rules",
        f"{count} random circles",
        "ours",
        seconds,
        rows_per_s=round(count / seconds, 1),
        violations=broken,
        spread_not_proved=unproved,
    )
    return broken, unproved


def bench_against_cp_sat(
    seconds: float, shapes: list[tuple[int, int, int, float]]
) -> tuple[float, float]:
    """Return CP-SAT's mean objective less ours, and our mean seconds; print both of each.

    CP-SAT stops early when it has proved its plan the best.
    """
    ours_all, theirs_all, times, their_times = [], [], [], []
    for seed, shape in enumerate(shapes):
        case = circle(*shape, seed)
        started = time.process_time()
        ours = objective(case, seats_of(case.plan()))
        took = time.process_time() - started
        row("quality", case.size, "ours", took, objective=ours)
        started = time.process_time()
        theirs = objective(case, solve_by_cp_sat(case, seconds))
        their_time = time.process_time() - started
        ratio = round(their_time / took, 1)
        row("quality", case.size, "cp-sat", their_time, objective=theirs, ratio=ratio)
        ours_all.append(ours)
        theirs_all.append(theirs)
        times.append(took)
        their_times.append(their_time)
    row("quality", "mean", "ours", fmean(times), objective=fmean(ours_all))
    ratio = round(fmean(their_times) / fmean(times), 1)
    row("quality", "mean", "cp-sat", fmean(their_times), objective=fmean(theirs_all), ratio=ratio)
    return fmean(theirs_all) - fmean(ours_all), fmean(times)


def bench_speed(people: int, times: int, roles: int, away: float, repeat: int) -> list[float]:
    """Return the seconds of each of `repeat` seasons of one shape."""
    taken = []
    for seed in range(repeat):
        case = circle(people, times, roles, away, seed)
        started = time.process_time()
        case.plan(seed)
        taken.append(time.process_time() - started)
    size = circle(people, times, roles, away, 0).size
    name = f"{away:.0%} absent"
    row(name, size, "ours", fmean(taken), rows_per_s=round(1 / fmean(taken), 1), slowest=max(taken))
    return taken


def bench_cycle(circles: int) -> float:
    """Return the seconds for the places of many circles in which nobody is absent."""
    sizes = np.random.default_rng(0).integers(4, 13, circles)
    started = time.process_time()
    for block in np.array_split(sizes, max(1, circles // 2_000)):
        cyclic_places(block, 4, 12)
    seconds = time.process_time() - started
    row("nobody absent", f"{circles} circles, 12 meetings, 4 roles", "cycle", seconds)
    return seconds


def main() -> None:
    """Print the rows and the goals of docs/adr/0005 and 0015."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="under a minute")
    quick = parser.parse_args().quick

    warm_up()
    broken, unproved = bench_rules(1_000)
    better_by, ours = bench_against_cp_sat(LIMIT, QUICK_SHAPES if quick else SHAPES * 2)
    small = bench_speed(8, 12, 4, 0.1, 50)
    usual = bench_speed(8, 24, 4, 0.15, 50)
    bench_speed(12, 52, 5, 0.15, 10)
    bench_speed(8, 12, 4, 0, 50)
    cycle = bench_cycle(100_000)

    goals: list[tuple[str, float, float, bool]] = [
        ("violations on 1,000 random circles", 0, broken, broken == 0),
        ("seasons whose lead spread is not the proved one", 0, unproved, unproved == 0),
        (f"cp-sat's mean objective after {LIMIT} s less ours", 0, better_by, better_by >= 0),
        (f"our mean seconds, 1/200 of {LIMIT}", LIMIT / 200, ours, ours <= LIMIT / 200),
        ("seconds for 8 people, 12 meetings, slowest", 0.05, max(small), max(small) < 0.05),
        ("circles a second with absences", 30, 1 / fmean(usual), 1 / fmean(usual) >= 30),
        ("seconds for the places of 100,000 circles", 0.2, cycle, cycle <= 0.2),
    ]
    print(
        json.dumps(
            {
                "bench": "rotation",
                "goals": [
                    {"goal": goal, "bound": bound, "got": round(got, 4), "held": held}
                    for goal, bound, got, held in goals
                ],
            }
        )
    )


if __name__ == "__main__":
    main()
