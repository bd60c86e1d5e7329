"""Who is asked about whom: evenly, and nobody about more than three."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

Person = TypeVar("Person")

# whom one person is asked about at a moment, and who rate one person; fewer answers are not shown
RATERS = 3


def assign(people: Sequence[Person]) -> Iterator[tuple[Person, Person]]:
    """Yield pairs of who rates whom: each rates three others and is rated by three.

    Each rates those who follow in the circle, so that the same people give the same pairs at
    each moment.  Of fewer than four nobody can be rated by three: there are no pairs.
    """
    if len(people) <= RATERS:
        return
    for place, rater in enumerate(people):
        for step in range(1, RATERS + 1):
            yield rater, people[(place + step) % len(people)]
