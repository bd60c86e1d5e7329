"""Scores of some people with some others, without scoring everybody."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pairing.engine.blocks import total_points
from pairing.engine.shapes import Bonus, Column, People, Problem, Value, no_progress

Ints = NDArray[np.int64]


def scores_between(problem: Problem, rows: Sequence[int], columns: Sequence[int]) -> Ints:
    """Return the points of some seekers with some offerers."""
    at_row = {i: place for place, i in enumerate(rows)}
    at_column = {j: place for place, j in enumerate(columns)}
    part = Problem(
        _some(problem.seekers, rows),
        _some(problem.offerers, columns),
        problem.criteria,
        bonuses=tuple(
            Bonus(
                bonus.key,
                {
                    (at_row[i], at_column[j]): points
                    for (i, j), points in bonus.pairs.items()
                    if i in at_row and j in at_column
                },
            )
            for bonus in problem.bonuses
        ),
    )
    return total_points(part, no_progress).astype(np.int64)


def _some(people: People, indexes: Sequence[int]) -> People:
    def some(column: Column) -> tuple[Value, ...]:
        return tuple(column[index] for index in indexes)

    return People(
        tuple(people.names[index] for index in indexes),
        {name: some(column) for name, column in people.columns.items()},
    )
