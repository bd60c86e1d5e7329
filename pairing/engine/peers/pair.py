"""`pair_peers`: from one pool to pairs, with what they are worth and who has nobody.

Claims and proofs are those of `pairing.engine.policies`, for pairs without sides:

best_total          no pairing has more points.
nobody_left_out     no pairing has more pairs; of those with as many, none has fewer that have met
                    before; of those with as few, none has more points.
fairest_worst_case  as many pairs as can be, as few that have met as can be, the weakest as strong
                    as can be, then points.
stable              no two people would both rather have each other.  Points are the same from
                    both sides, so taking pairs from the top down finds one; without that it
                    need not exist (Gale and Shapley 1962, the roommates).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np

from pairing.engine.peers.most import who_can_remain
from pairing.engine.peers.prices import (
    Mask,
    best_pairs,
    bound_of,
    count_pairs,
    pairs_of,
)
from pairing.engine.peers.repeats import Repeats, pair_anew
from pairing.engine.peers.shapes import (
    ALONE,
    NOT_ALLOWED,
    PairPoints,
    PeerPairs,
    PeerProof,
    PeersProblem,
    Prices,
    build_table,
    check_peers,
)
from pairing.engine.rules import SAME_PERSON, blocked_by_rule
from pairing.engine.score import Scores
from pairing.engine.shapes import (
    EngineError,
    LeftOverReason,
    Policy,
    Progress,
    Side,
    Unmatched,
    gap_ppm,
    no_progress,
)
from pairing.engine.sparse import Ints


def pair_peers(
    problem: PeersProblem,
    *,
    policy: Policy = Policy.FAIREST_WORST_CASE,
    seed: int = 0,
    progress: Progress | None = None,
) -> PeerPairs:
    """Return the pairs the policy asks for, with their proof.

    Everybody has one partner; whoever remains joins the pair that fits them best, if a pair
    may take them.  Where the number is odd, the one who remains is chosen for the best pairs
    among those who have been that one least often, of all who can remain without costing a pair.
    Two who have met (`met`) are paired again only where somebody would otherwise have nobody, and
    as seldom as can be; who remains joins those they have met least.  Only `best_total` and
    `stable`, which promise something else, do not look at who has met.
    The seed decides between pairings that are equally good.
    Raises EngineError, before anything is computed, if the input cannot be meant.
    `progress(done, of, what)` may raise to cancel.
    """
    started = time.perf_counter()
    try:
        policy = Policy(policy)
    except ValueError:
        raise EngineError(f"{policy!r} is not a policy.") from None
    check_peers(problem)
    progress = progress or no_progress
    table = build_table(problem, progress)
    pool = Pool.of(problem, table, seed, progress)
    solution = _choose(pool, policy, progress)
    return describe(problem, table, pool, solution, policy, time.perf_counter() - started)


@dataclass(frozen=True)
class Pool:
    """Those to be paired, in the order of the seed, as the solver sees them.

    Where their number is odd, one more row stands for nobody: who gets that row is the third.
    order: people's numbers by row. worth, possible: by row. met: pairs that have met.
    """

    order: Ints
    worth: Scores
    possible: Mask
    met: Mask
    nobody: bool

    @classmethod
    def of(cls, problem: PeersProblem, table: PairPoints, seed: int, progress: Progress) -> "Pool":
        """Return the pool of a problem; the same seed gives the same order."""
        held = {i for pair in problem.locked for i in pair}
        places = problem.people.places()
        able = [i for i in range(len(table)) if places[i] and i not in held]
        Random(seed).shuffle(able)
        order = np.array(able, np.int64)
        worth = table.worth[np.ix_(order, order)]
        met = problem.has_met()[np.ix_(order, order)]
        nobody = len(able) % 2 == 1
        if nobody:
            stood_in = np.array(problem.stood_in or (0,) * len(table))[order]
            third = _thirds(worth, stood_in, progress)
            worth = np.pad(worth, (0, 1), constant_values=NOT_ALLOWED)
            worth[-1, :-1] = worth[:-1, -1] = np.where(third, 0, NOT_ALLOWED)
            met = np.pad(met, (0, 1), constant_values=False)
        return cls(order, worth, worth > NOT_ALLOWED, met, nobody)

    def from_floor(self, floor: int) -> Mask:
        """Return the possible pairs that score at least that much; nobody scores nothing."""
        possible = self.possible & (self.worth >= floor)
        if self.nobody:
            possible[-1], possible[:, -1] = self.possible[-1], self.possible[:, -1]
        return possible

    def floor_of(self, mate: Ints) -> int | None:
        """Return the fewest points of a pair, the row of nobody left out."""
        points = [int(self.worth[i, j]) for i, j in pairs_of(mate) if j < len(self.order)]
        return min(points, default=None)

    def third_of(self, mate: Ints) -> int | None:
        """Return the person who was given nobody, if the pool is odd."""
        if not self.nobody or mate[-1] == ALONE:
            return None
        return int(self.order[mate[-1]])

    def by_people(self, prices: Prices, people: int) -> Prices:
        """Return prices by row as prices by person, that of nobody last."""
        person = [0] * (people + self.nobody)
        number = [*self.order.tolist(), people]
        for row, price in enumerate(prices.person):
            person[number[row]] = price
        sets = tuple((frozenset(number[r] for r in rows), price) for rows, price in prices.sets)
        return replace(prices, person=tuple(person), sets=sets)

    def only_from(self, floor: int, mate: Ints) -> Ints:
        """Return the pairs of a pairing that score at least that much."""
        there = self.from_floor(floor)[np.arange(len(mate)), mate]
        return np.where((mate != ALONE) & there, mate, ALONE)

    def ceiling_of(self, mate: Ints) -> int:
        """Return a floor that no pairing with as many pairs can exceed.

        So many people have somebody, and each needs a pair from the floor on.
        """
        people = 2 * (count_pairs(mate) - self.nobody)
        real = self.worth[: len(self.order), : len(self.order)]
        return int(np.sort(real.max(axis=1))[-people]) if people > 0 else 0


def _thirds(worth: Scores, stood_in: Ints, progress: Progress) -> Mask:
    """Return whom nobody may be given to: of those who can remain, who were it least often.

    With somebody else in that place, giving them nobody would count as much as a pair, and
    two people could lose each other for it.
    """
    possible = worth > NOT_ALLOWED
    if (stood_in == stood_in[0]).all():  # any of them; the most pairs leave one who can remain
        return np.ones(len(worth), bool)
    best = best_pairs(worth, possible, progress, most=True)
    can_remain = who_can_remain(possible, best.mate, progress)
    seldom: Mask = stood_in == stood_in[can_remain].min()
    return can_remain & seldom


@dataclass(frozen=True)
class _Solution:
    """Who has whom by row, the proof, the rounds it took, and what repeats count.

    repeats: None where the aim does not look at who has met.
    """

    mate: Ints
    proof: PeerProof
    rounds: int
    repeats: Repeats | None = None


def _choose(pool: Pool, policy: Policy, progress: Progress) -> _Solution:
    if policy is Policy.BEST_TOTAL:
        best = best_pairs(pool.worth, pool.possible, progress)
        return _Solution(best.mate, PeerProof(total=best.prices), best.rounds)
    if policy is Policy.STABLE:
        best = best_pairs(pool.worth, pool.possible, progress)
        return _Solution(_stable(pool), PeerProof(total=best.prices), best.rounds)
    repeats, best, coverage = pair_anew(pool.worth, pool.possible, pool.met, progress)
    again = best.prices if repeats.cost else None
    proof = PeerProof(best.prices, coverage.prices, repeats=again)
    if policy is Policy.NOBODY_LEFT_OUT:
        return _Solution(best.mate, proof, best.rounds, repeats)
    return _fairest(pool, best.mate, repeats, proof, progress)


def _fairest(
    pool: Pool, mate: Ints, repeats: Repeats, proof: PeerProof, progress: Progress
) -> _Solution:
    """Raise the floor while as many pairs and no more repeats remain, then take the best total.

    mate, proof: the best pairs with no floor.
    """
    pairs, floor = count_pairs(mate), pool.floor_of(mate) or 0
    high, refused = pool.ceiling_of(mate), None
    while floor < high:
        progress(floor, high, "raising the floor")
        step = (floor + high + 1) // 2
        above = repeats.most_pairs(pool.from_floor(step), pool.only_from(step, mate), progress)
        if repeats.is_reached(above.mate, pairs):
            mate, floor = above.mate, pool.floor_of(above.mate) or step
        else:
            high, refused = step - 1, above
    if refused is None:  # nothing can score higher: prove that too
        over = floor + 1
        refused = repeats.most_pairs(pool.from_floor(over), pool.only_from(over, mate), progress)
    best = repeats.best_pairs(pool.worth, pool.from_floor(floor), progress)
    proof = replace(
        proof,
        total=replace(best.prices, floor=floor),
        floor=replace(refused.prices, floor=floor + 1),
    )
    return _Solution(best.mate, proof, best.rounds, repeats)


def _stable(pool: Pool) -> Ints:
    """Take the pairs from the top down while both are free."""
    mate = np.full(len(pool.worth), ALONE, np.int64)
    rows, columns = np.nonzero(np.triu(pool.possible, 1))
    ranked = np.argsort(-pool.worth[rows, columns], kind="stable")
    for i, j in zip(rows[ranked].tolist(), columns[ranked].tolist(), strict=True):
        if mate[i] == ALONE and mate[j] == ALONE:
            mate[i], mate[j] = j, i
    return mate


def describe(
    problem: PeersProblem,
    table: PairPoints,
    pool: Pool,
    solution: _Solution,
    policy: Policy,
    seconds: float,
) -> PeerPairs:
    """Return the choice as people, with its bound, and with a place for whoever remains."""
    pairs = [
        (int(pool.order[i]), int(pool.order[j]))
        for i, j in pairs_of(solution.mate)
        if j < len(pool.order)
    ]
    locked = [(min(pair), max(pair)) for pair in problem.locked]
    in_locks = sum(int(table.points[pair]) for pair in locked)
    objective = sum(int(table.points[pair]) for pair in pairs) + in_locks
    repeats, counted, fewest = solution.repeats, None, 0
    if repeats is not None:
        counted, fewest = count_pairs(solution.mate), repeats.in_pairs(solution.mate)
    prices = solution.proof.total
    bound = objective if prices is None else bound_of(prices, counted, fewest) + in_locks
    met = problem.has_met()
    minded = met if repeats is not None else np.zeros_like(met)
    groups, alone = _join(problem, table, sorted([*pairs, *locked], key=sorted), minded)
    paired = {i for pair in (*pairs, *locked) for i in pair}
    return PeerPairs(
        groups=tuple(groups),
        third=pool.third_of(solution.mate),
        joined=frozenset(i for group in groups for i in group if i not in paired),
        points=tuple(_points(table, group) for group in groups),
        left_over=_left_over(problem, table, alone, policy),
        objective=objective,
        bound=bound,
        gap_ppm=gap_ppm(objective, bound),
        floor=pool.floor_of(solution.mate),
        met_again=tuple(sorted((min(two), max(two)) for two in pairs if met[two])),
        blocking_pairs=_blocking_pairs(table, pairs),
        proved=_is_proved(pool, solution, policy, objective == bound),
        policy=policy,
        rounds=solution.rounds,
        seconds=seconds,
        proof=PeerProof(
            *(
                None if prices is None else pool.by_people(prices, len(table))
                for prices in (
                    solution.proof.total,
                    solution.proof.coverage,
                    solution.proof.floor,
                    solution.proof.repeats,
                )
            )
        ),
    )


def _is_proved(pool: Pool, solution: _Solution, policy: Policy, bound_reached: bool) -> bool:
    if policy is Policy.STABLE:
        return True  # by its making; the count of blocking pairs beside it is the check
    if policy is Policy.BEST_TOTAL or not bound_reached:
        return bound_reached
    proof, pairs = solution.proof, count_pairs(solution.mate)
    if proof.coverage is None or bound_of(proof.coverage, None) != pairs:
        return False
    repeats = 0 if solution.repeats is None else solution.repeats.in_pairs(solution.mate)
    if repeats and (proof.repeats is None or bound_of(proof.repeats, pairs, repeats - 1) >= 0):
        return False
    if policy is Policy.NOBODY_LEFT_OUT or pool.floor_of(solution.mate) is None:
        return True
    return proof.floor is not None and bound_of(proof.floor, pairs, repeats) < pairs


def _points(table: PairPoints, group: Sequence[int]) -> int:
    worth = [int(table.points[i, j]) for i in group for j in group if i < j]
    return sum(worth) // len(worth)


def _join(
    problem: PeersProblem, table: PairPoints, pairs: Sequence[tuple[int, int]], met: Mask
) -> tuple[list[tuple[int, ...]], list[int]]:
    """Seat each person who remains with the pair they have met least, then that fits best.

    Return groups and who is alone.
    """
    seated = {i for pair in pairs for i in pair}
    places = problem.people.places()
    remaining = [i for i in range(len(table)) if places[i] and i not in seated]
    groups: list[tuple[int, ...]] = [tuple(sorted(pair)) for pair in pairs]
    alone = []
    for i in remaining:
        able = [
            (
                -int(met[i, a]) - int(met[i, b]),
                int(table.points[i, a]) + int(table.points[i, b]),
                -place,
            )
            for place, (a, b) in _pairs_left(groups)
            if table.allowed[i, a] and table.allowed[i, b]
        ]
        if not able:
            alone.append(i)
            continue
        place = -max(able)[-1]
        groups[place] = tuple(sorted((*groups[place], i)))
    return groups, alone


def _pairs_left(groups: Sequence[tuple[int, ...]]) -> list[tuple[int, tuple[int, int]]]:
    return [(place, (group[0], group[1])) for place, group in enumerate(groups) if len(group) == 2]


def _left_over(
    problem: PeersProblem, table: PairPoints, alone: Sequence[int], policy: Policy
) -> tuple[Unmatched, ...]:
    left_over = []
    masks = blocked_by_rule(problem.as_two_sides()) if alone else {}
    for i, places in enumerate(problem.people.places()):
        if not places:
            left_over.append(Unmatched(Side.PEER, i, LeftOverReason.NO_CAPACITY))
    for i in alone:
        allowed = int(table.allowed[i].sum())
        if not allowed:
            by_rule = {
                key: int((mask[i] | mask[:, i]).sum())
                for key, mask in masks.items()
                if key != SAME_PERSON and (mask[i] | mask[:, i]).any()
            }
            left_over.append(Unmatched(Side.PEER, i, LeftOverReason.NO_ALLOWED_PARTNER, by_rule))
            continue
        reason = LeftOverReason.CAPACITY_EXHAUSTED
        if policy is Policy.BEST_TOTAL:
            reason = LeftOverReason.ONLY_LOWER_SCORES
        left_over.append(Unmatched(Side.PEER, i, reason, {"allowed": allowed}))
    return tuple(sorted(left_over, key=lambda person: person.index))


def _blocking_pairs(table: PairPoints, pairs: Sequence[tuple[int, int]]) -> int:
    """Return how many pairs that may be chosen would both rather have each other."""
    own = np.full(len(table), NOT_ALLOWED, np.int32)
    for i, j in pairs:
        own[i] = own[j] = table.points[i, j]
    rather = (table.worth > own[:, None]) & (table.worth > own[None, :])
    return int(np.count_nonzero(rather)) // 2
