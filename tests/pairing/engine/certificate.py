"""A checker that believes nothing: scores by a loop of its own, and adds up the prices."""

from fractions import Fraction

from pairing.engine.rules import blocked_by
from pairing.engine.shapes import FULL_POINTS, Kind, Missing, Policy


def shares(criteria):
    """Divide the full points by weight; what does not divide goes to the largest remainders."""
    whole = sum(Fraction(each.weight) for each in criteria)
    exact = [Fraction(each.weight) * FULL_POINTS / whole for each in criteria]
    points = [int(each) for each in exact]
    for k in sorted(range(len(exact)), key=lambda k: points[k] - exact[k])[
        : FULL_POINTS - sum(points)
    ]:
        points[k] += 1
    return points


def points_of(criterion, most, one, other):
    """Score one criterion for two answers, one wish or one number at a time."""
    if one is None or other is None or (criterion.kind in {Kind.LEVELS, Kind.OVERLAP} and not one):
        return most // 2 if criterion.missing is Missing.NEUTRAL else 0
    if criterion.kind in {Kind.LEVELS, Kind.OVERLAP}:
        total = 0
        for rank, wish in enumerate(sorted(one)):
            enough = wish in other and (criterion.kind is Kind.OVERLAP or other[wish] >= one[wish])
            total += enough * (most // len(one) + (rank < most % len(one)))
        return total
    if criterion.kind is Kind.AVAILABILITY:
        common = bin(one & other).count("1") * criterion.slot_minutes
        share = Fraction(min(common, criterion.enough_overlap), criterion.enough_overlap)
    else:
        low, high = criterion.ideal
        outside = max(low - (other - one), (other - one) - high, 0)
        share = max(Fraction(0), 1 - Fraction(outside) / Fraction(criterion.falloff))
    return int(share * most + Fraction(1, 2))


def score(problem, i, j):
    """Return what a pair counts: its criteria, its bonuses, and whether the two stay together."""
    total = 0
    for criterion, most in zip(problem.criteria, shares(problem.criteria), strict=True):
        one = problem.seekers.columns[criterion.seeker_column][i]
        total += points_of(
            criterion, most, one, problem.offerers.columns[criterion.offerer_column][j]
        )
    for bonus in problem.bonuses:
        total += min(bonus.pairs.get((i, j), 0), FULL_POINTS - total)
    return total + round(problem.stability * FULL_POINTS) * ((i, j) in problem.incumbent)


def check_certificate(problem, matching):
    """Fail unless prices show that no matching is worth more; for one leaf, and no locks."""
    n, places = (
        len(problem.seekers),
        [min(p, len(problem.seekers)) for p in problem.offerers.places()],
    )
    pairs = {(pair.seeker, pair.offerer) for pair in matching.pairs}
    table = [[score(problem, i, j) for j in range(len(places))] for i in range(n)]
    assert len({i for i, _ in pairs}) == len(pairs)
    assert all(sum(j == k for _, j in pairs) <= places[k] for k in range(len(places)))
    assert not any(blocked_by(problem, i, j) for i, j in pairs)
    person = min(n, sum(places)) * 2 * FULL_POINTS + 1
    first = scale = 1
    if matching.policy is Policy.BEST_TOTAL:
        scale, person, first = n + 1, 1, 0
    (leaf,) = matching.proof.total
    bound = 0
    for j, price in enumerate(leaf.prices):
        if places[j]:
            bound += max(0, person * first + price) + (places[j] - 1) * max(0, price)
    open_ = [j for j in range(len(places)) if places[j]]
    for i in range(n):
        free = [j for j in open_ if not blocked_by(problem, i, j)]
        gains = [scale * table[i][j] + person - leaf.prices[j] for j in free]
        bound += max([0, *gains])
    worth = sum(scale * table[i][j] + person for i, j in pairs)
    worth += person * first * len({j for _, j in pairs})
    assert bound == worth
    assert matching.objective == sum(table[i][j] for i, j in pairs)
