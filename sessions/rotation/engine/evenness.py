"""How evenly turns to lead and turns to speak go round: of a circle, never of a person."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction

SESSIONS_FOR_A_VERDICT = 3


def gini(counts: Sequence[int]) -> Fraction | None:
    """Return the Gini coefficient of these counts, from 0 (all equal) up; None without any.

    The mean absolute difference of all ordered pairs over twice the mean: Σᵢⱼ|xᵢ−xⱼ| / (2n²x̄).
    Raises ValueError for a count below 0.
    """
    if any(count < 0 for count in counts):
        raise ValueError("a count is 0 or more")
    n, total = len(counts), sum(counts)
    if not total:
        return None
    apart = sum(
        (2 * place - n + 1) * count for place, count in enumerate(sorted(counts))
    )  # equals Σᵢⱼ|xᵢ−xⱼ| / 2
    return Fraction(apart, n * total)


def voice_balance(counts: Sequence[int]) -> Fraction | None:
    """Return 1 − G·n/(n−1) of the turns spoken by each of n people in one session.

    1 is an even round, 0 is one voice alone; None for fewer than two people or no turn at all.
    """
    n, uneven = len(counts), gini(counts)
    if n < 2 or uneven is None:
        return None
    return 1 - uneven * Fraction(n, n - 1)


def verdict(sessions: Sequence[Sequence[int]]) -> Fraction | None:
    """Return the mean balance over sessions; None before three of them can be told."""
    balances = map(voice_balance, sessions)
    known = [balance for balance in balances if balance is not None]
    if len(known) < SESSIONS_FOR_A_VERDICT:
        return None
    return sum(known, Fraction(0)) / len(known)


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
