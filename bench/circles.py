"""Circles by exchange, beside chance and CP-SAT, with the bound that either can prove.

    python -m bench.circles [--quick]

One JSON line a row, then one with the goals; asserts nothing.  The pool is made here, the same
every time.  CP-SAT is given the same parts as a linear objective and some seconds by the clock;
its circles are scored as ours are.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial

import numpy as np
from ortools.sat.python import cp_model

from bench._lines import Lines, asked_quick, timed
from bench.matching import make_side
from pairing.engine.circles.form import circle_sizes, form_circles, masks_of
from pairing.engine.circles.seating import Seating
from pairing.engine.circles.shapes import Circles, CirclesProblem
from pairing.engine.circles.worth import objective_of, worth_of
from pairing.engine.shapes import gap_ppm

SIZE = 6
SIZES, QUICK_SIZES = (12, 18, 24, 48, 168, 1000), (12, 18, 48, 168)
CP_SAT_UP_TO = 48
SECONDS, QUICK_SECONDS = 60, 5


def make_pool(size: int) -> CirclesProblem:
    """Return a pool of peers of this size, the same every time."""
    return CirclesProblem(
        make_side(random.Random(size), "p", size, 1),
        ("skills", "interests"),
        ("grade",),
        ("department", "zone"),
    )


class Scored:
    """The pool's parts, so that any division can be scored as ours is."""

    def __init__(self, problem: CirclesProblem) -> None:
        people = list(range(len(problem.people)))
        self.shape = circle_sizes(len(people), SIZE)
        self.parts, self.worth = worth_of(problem, people, self.shape, masks_of(problem))

    def points(self, groups: Sequence[Sequence[int]]) -> int:
        """Return the points of a division."""
        seating = Seating(self.worth, len(self.shape))
        for circle, group in enumerate(groups):
            for i in group:
                seating.move(i, circle)
        return objective_of(seating, self.parts)


def by_chance(scored: Scored, people: int) -> list[list[int]]:
    """Return people shuffled into circles."""
    order = np.random.default_rng(people).permutation(people).tolist()
    return [[order.pop() for _ in range(size)] for size in scored.shape]


def by_cp_sat(scored: Scored, people: int, seconds: float) -> tuple[list[list[int]], float]:
    """Return what CP-SAT finds in so many seconds, and its bound in points."""
    model, worth = cp_model.CpModel(), scored.worth
    circles = range(len(scored.shape))
    seat = [[model.new_bool_var("") for _ in circles] for _ in range(people)]
    for i in range(people):
        model.add_exactly_one(seat[i])
    for circle, size in enumerate(scored.shape):
        model.add(sum(seat[i][circle] for i in range(people)) == size)
    model.add(seat[0][0] == 1)
    holders: list[list[int]] = [[] for _ in worth.worth]
    for i, features in enumerate(worth.features):
        for feature in features:
            holders[feature].append(i)
    objective: list[cp_model.LinearExprT] = []
    for feature, value in enumerate(worth.worth):
        for circle in circles:
            present = model.new_bool_var("")
            model.add_bool_or([present.negated(), *(seat[i][circle] for i in holders[feature])])
            objective.append(value * present)
    for levels, cost in zip(worth.levels, worth.level_worth, strict=True):
        most = sum(abs(each) for each in levels)
        for circle in circles:
            distance = model.new_int_var(0, most, "")
            model.add_abs_equality(
                distance, sum(levels[i] * seat[i][circle] for i in range(people))
            )
            objective.append(-cost * distance)
    model.maximize(sum(objective))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    solver.solve(model)
    groups = [[i for i in range(people) if solver.value(seat[i][g])] for g in circles]
    level_parts = sum(part.most for part in scored.parts if part.level is not None)
    return groups, solver.best_objective_bound / 1_000_000 + level_parts


def main() -> None:
    """Print the rows and the goals."""
    quick = asked_quick(__doc__)
    lines = Lines("circles")
    against: list[float] = []
    quicker: list[float] = []
    for people in QUICK_SIZES if quick else SIZES:
        problem = make_pool(people)
        scored = Scored(problem)
        seconds, ours = timed(partial(form_circles, problem, sizes=SIZE))
        _row(lines, people, "ours", seconds, ours)
        chance = scored.points(by_chance(scored, people))
        lines.row("circles of six", f"{people}", "chance", 0.0, objective=chance)
        if people <= CP_SAT_UP_TO:
            limit = QUICK_SECONDS if quick else SECONDS
            theirs, (groups, bound) = timed(partial(by_cp_sat, scored, people, limit))
            points = scored.points(groups)
            lines.row(
                "circles of six", f"{people}", f"CP-SAT, {limit} s at most", theirs, people,
                objective=points, bound=round(bound), ratio=round(theirs / seconds, 1),
            )  # fmt: skip
            against.append(ours.objective / points)
            quicker.append(theirs / seconds)
    lines.goal("least of what CP-SAT finds, as a share", 1, min(against), min(against) >= 0.9999)
    lines.goal("times faster than CP-SAT, at least", 10, min(quicker), min(quicker) >= 10)
    lines.end()


def _row(lines: Lines, people: int, method: str, seconds: float, circles: Circles) -> None:
    lines.row(
        "circles of six", f"{people}", method, seconds, people,
        objective=circles.objective, bound=circles.bound, proved=circles.proved,
        gap_ppm=gap_ppm(circles.objective, circles.bound),
    )  # fmt: skip


if __name__ == "__main__":
    main()
