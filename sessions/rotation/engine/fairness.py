"""How even the turns are: the figures of the fairness panel."""

from collections import defaultdict
from collections.abc import Collection, Iterable


def lead_spread(counts: Iterable[int]) -> int | None:
    """Return the largest minus the smallest number of turns led; None where nobody counts."""
    numbers = list(counts)
    return max(numbers) - min(numbers) if numbers else None


def debts(turns: Iterable[tuple[str, Collection[str]]]) -> dict[str, float]:
    """Return how many turns each person is owed, from (holder, all who could have held it).

    Whoever could have held a turn is due an equal share of it; a debt is what was due less what
    was held, so those of all people add up to nothing. Below nothing, somebody is ahead.
    """
    owed: dict[str, float] = defaultdict(float)
    for holder, could in turns:
        for member in could:
            owed[member] += 1 / len(could)
        owed[holder] -= 1
    return dict(owed)
