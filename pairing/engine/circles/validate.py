"""Refuse circles that cannot be meant, naming the person and the rule."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pairing.engine.circles.shapes import CirclesProblem
from pairing.engine.errors import EngineError
from pairing.engine.shapes import Criterion, Kind
from pairing.engine.validate import check_criterion, check_index_pairs, check_people, check_rules

Mask = NDArray[np.bool_]
APART = "apart"


def check_circles(problem: CirclesProblem, sizes: tuple[int, int]) -> None:
    """Raise EngineError for the first thing in the problem that cannot be meant."""
    people = problem.people
    check_people(people, "peers")
    fewest, most = sizes
    if not 2 <= fewest <= most:
        raise EngineError(f"Circles of {fewest} to {most} people: a circle has at least two.")
    kinds = (
        (Kind.OVERLAP, problem.skills_columns),
        (Kind.GAP, problem.level_columns),
        (Kind.SAME, problem.diversity_columns),
    )
    for kind, columns in kinds:
        for column in columns:
            criterion = Criterion(column, kind, column, column, problem.weight(column))
            check_criterion(criterion, people, people)
            if problem.columns().count(column) > 1:
                raise EngineError(f"The column {column!r} is balanced twice.", rule=column)
    _check_free(problem)
    _check_company(problem)
    for column in problem.weights:
        if column not in problem.columns():
            raise EngineError(f"{column!r} has a weight but is not balanced.", rule=column)
    check_rules(people, people, problem.rules)
    for pairs, what in (
        (problem.together, "together"),
        (problem.apart, APART),
        (problem.met, "met before"),
    ):
        check_index_pairs(pairs, people, people, what)
        for i, j in pairs:
            if i == j:
                name = people.names[i]
                raise EngineError(f"{name} is {what} with themselves.", person=name)


def _check_free(problem: CirclesProblem) -> None:
    if not problem.free_column:
        return
    criterion = Criterion(
        problem.free_column,
        Kind.AVAILABILITY,
        problem.free_column,
        problem.free_column,
        problem.weight(problem.free_column),
        enough_overlap=problem.enough_minutes,
        slot_minutes=problem.slot_minutes,
    )
    check_criterion(criterion, problem.people, problem.people)
    if problem.required_minutes < 0:
        raise EngineError("A required common time is not below 0.", rule=problem.free_column)


def _check_company(problem: CirclesProblem) -> None:
    for column in problem.company_columns:
        if column not in problem.diversity_columns:
            raise EngineError(f"{column!r} asks for company but is not balanced.", rule=column)


def check_blocks(
    problem: CirclesProblem, blocks: Sequence[Sequence[int]], masks: dict[str, Mask], most: int
) -> None:
    """Raise EngineError if people who must be together may not be, or are too many."""
    for block in blocks:
        name = problem.people.names[block[0]]
        if len(block) > most:
            raise EngineError(
                f"{name} and {len(block) - 1} others must be together, but circles end at {most}.",
                person=name,
            )
        for a in block:
            for b in block:
                for key, mask in masks.items():
                    if a < b and mask[a, b]:
                        raise EngineError(
                            f"{problem.people.names[a]} and {problem.people.names[b]} must be "
                            f"together, but {key!r} keeps them apart.",
                            person=problem.people.names[a],
                            rule=key,
                        )
