"""From a frozen snapshot to a result ready to be stored: no database, so it may take minutes.

The only place that knows that there are three kinds of problem: everybody else asks `solver_of`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairing.engine.blocks import total_points
from pairing.engine.circles.form import form_circles, masks_of
from pairing.engine.circles.near import bring_together
from pairing.engine.circles.shapes import Circles, CirclesProblem
from pairing.engine.circles.standing import weigh
from pairing.engine.circles.twos import Twos, demands_of, for_points_alone
from pairing.engine.circles.worth import FINE
from pairing.engine.explain import Rank, explain, explain_peers, one_of, own_choices
from pairing.engine.leftover import Hindrance, find_hindrances
from pairing.engine.matching import match
from pairing.engine.peers.pair import pair_peers
from pairing.engine.peers.places import places_of
from pairing.engine.peers.shapes import PeerPairs, PeersProblem
from pairing.engine.rules import bans_of, blocked_by_rule
from pairing.engine.shapes import (
    Explanation,
    Matching,
    Policy,
    Problem,
    Progress,
    Side,
    Unmatched,
    gap_ppm,
    no_progress,
    parts_out_of_100,
    score_out_of_100,
)
from pairing.engine.sparse import EVERYBODY
from pairing.inputs.problem import bonus_labels, circles_of, not_weighed, peers_of, two_sides_of
from pairing.inputs.snapshot import MENTEE, MENTOR, PART_OF_SIDE, PEER, Facts, Shape, Snapshot
from pairing.texts.left_over import Remedy, Rival
from pairing.texts.reasons import Evidence, Reason

MOST_PRICED = 25_000_000  # pairs; beyond it a second solution only for its price takes too long
MOST_PRICED_IN_CIRCLES = 200  # people: a second for the circles, and one more for their price
MOST_RANKED = 4_000_000  # pairs of one pool: a page works them out while somebody waits

Seats = Sequence[tuple[str, str]]  # enrolment id and part of everybody at a table


@dataclass(frozen=True)
class _Proposal:
    """A pair or a circle: enrolment ids with parts, points, and the reasons that add up to them.

    choices: which of their own allowed partners each person of a pair was given.
    """

    people: tuple[tuple[str, str], ...]
    points: int
    reasons: tuple[Reason, ...]
    locked: bool
    choices: tuple[Rank, ...] = ()

    @property
    def score(self) -> int:
        return score_out_of_100(self.points)


@dataclass(frozen=True)
class _LeftOverPerson:
    enrolment: str
    part: str
    reason: str
    detail: Mapping[str, int]
    remedy: Remedy | None


@dataclass(frozen=True)
class Weighed:
    """What circles are worth as a whole, and each of them, with the reasons that add up to it."""

    objective: int
    points: tuple[int, ...]
    reasons: tuple[tuple[Reason, ...], ...]

    def score(self, circle: int) -> int:
        return score_out_of_100(self.points[circle])


@dataclass(frozen=True)
class BroughtTogether:
    """What circles could be worth with two people in one of them, in enrolments.

    bound: none with both in one have more points.  moved: who would sit in another circle.
    swapped: the two whose changing places costs least, and what all circles are worth then.
    """

    objective: int
    bound: int
    people: int
    met_again: int
    alone: int
    short: int
    moved: tuple[str, ...]
    swapped: tuple[str, str, int] | None


@dataclass(frozen=True)
class Result:
    proposals: tuple[_Proposal, ...]
    left_over: tuple[_LeftOverPerson, ...]
    objective: int
    bound: int
    gap_ppm: int
    rounds: int
    seconds: float
    facts: Facts


@dataclass(frozen=True)
class Solver:
    """A snapshot's problem, whichever of the three kinds it is; people are enrolment ids."""

    snapshot: Snapshot

    def as_two_sides(self) -> Problem:
        """Return it as seekers and offerers, numbered as `snapshot.rows` and `snapshot.columns`.

        One pool stands on both sides: a pair is allowed where no rule forbids it either way.
        """
        raise NotImplementedError

    def solve(self, *, policy: Policy, seed: int, progress: Progress | None = None) -> Result:
        """Return what the policy and the seed ask for; the same three give the same result.

        Raises EngineError before anything is computed.
        """
        raise NotImplementedError

    def locking(self, first: str, second: str) -> Solver:
        """Return the problem with these two locked together."""
        raise NotImplementedError

    def partners_of(self, _who: str) -> dict[str, int]:
        """Return the points of everybody who could be this person's partner now, best first.

        Allowed by every rule, with a place free, never a partner of before.  Only one row of the
        matrix is computed.  Empty for somebody who seeks nobody at present.  Circles are formed as
        a whole: there these are tablemates, and points what the two bring of a run's by themselves.
        """
        return {}

    def seekers_of(self, _who: str) -> dict[str, int]:
        """Return the points of every mentee without a mentor whom this mentor could take."""
        return {}

    def weigh(self, _tables: Sequence[Sequence[str]]) -> Weighed | None:
        """Return what circles of these people would be worth; None where there are none."""
        return None

    def places_of(self, tables: Sequence[Sequence[str]]) -> dict[str, list[Rank]]:
        """Return for each person which of their own possible partners the others at theirs are.

        By the points of two; in circles by what two bring to one by themselves.  The best first.
        Empty where a pool is too large to wait for it, and for two sides: a run stores theirs.
        """
        people = self.snapshot.rows
        if not people.enrolments or len(people) ** 2 > MOST_RANKED:
            return {}
        known = [[people.places[who] for who in table if who in people.places] for table in tables]
        return {people.enrolments[i]: own for i, own in self._places(known).items()}

    def bring_together(
        self, _first: str, _second: str, _tables: Sequence[Sequence[str]], *, seed: int
    ) -> BroughtTogether | None:
        """Return what circles could be worth with these two in one; None where there are none."""
        return None

    def _places(self, _groups: Sequence[Sequence[int]]) -> dict[int, list[Rank]]:
        return {}

    @cached_property
    def _bans(self) -> Mapping[str, NDArray[np.bool_]]:
        return blocked_by_rule(self.as_two_sides())

    def rules_between(self, first: str, second: str) -> tuple[str, ...]:
        """Return the keys of the rules that keep these two apart, whichever seeks the other."""
        rows, columns = self.snapshot.rows.places, self.snapshot.columns.places
        ways = [
            (rows[a], columns[b])
            for a, b in ((first, second), (second, first))
            if a in rows and b in columns
        ]
        return tuple(key for key, mask in self._bans.items() if any(mask[at] for at in ways))

    def explain(self, _people: Seats) -> tuple[Reason, ...] | None:
        """Return why these people fit, whether or not a run proposes them.

        None in circles: a table is weighed only beside all others.
        """
        return None

    def explain_two(self, people: Seats) -> tuple[Reason, ...]:
        """Return why these two fit; in circles, what they bring to one by themselves."""
        return self.explain(people) or ()

    def _result(
        self,
        answer: Matching | PeerPairs | Circles,
        proposals: Sequence[_Proposal],
        facts: Facts,
        hindrances: Mapping[tuple[Side, int], Hindrance] = MappingProxyType({}),
    ) -> Result:
        """Return an engine's answer as a run stores it, the best proposal first."""
        return Result(
            proposals=tuple(sorted(proposals, key=lambda row: (-row.points, row.people))),
            left_over=_left_over(self.snapshot, answer.left_over, hindrances),
            objective=answer.objective,
            bound=answer.bound,
            gap_ppm=gap_ppm(answer.objective, answer.bound),
            rounds=answer.rounds,
            seconds=answer.seconds,
            facts=replace(facts, proved=answer.proved, unused=not_weighed(self.snapshot)),
        )


def solver_of(snapshot: Snapshot) -> Solver:
    """Return the snapshot's problem.  Raises EngineError if its criteria cannot be read."""
    if snapshot.shape is Shape.TWO_SIDES:
        return _TwoSidesSolver(snapshot, two_sides_of(snapshot))
    if snapshot.shape is Shape.PEER_PAIRS:
        return _PeersSolver(snapshot, peers_of(snapshot))
    return _CirclesSolver(snapshot, circles_of(snapshot))


def compute(
    snapshot: Snapshot, *, policy: str, seed: int, progress: Progress | None = None
) -> Result:
    """Return the matching or the circles that the snapshot, the policy and the seed ask for.

    The same three give the same result.  Raises EngineError before anything is computed.
    """
    return solver_of(snapshot).solve(policy=Policy(policy), seed=seed, progress=progress)


@dataclass(frozen=True)
class _TwoSidesSolver(Solver):
    problem: Problem

    def as_two_sides(self) -> Problem:
        return self.problem

    def partners_of(self, who: str) -> dict[str, int]:
        row, mentors = self.snapshot.rows.places.get(who), self.snapshot.columns
        if row is None or not self.snapshot.rows.capacity[row] or not mentors.enrolments:
            return {}  # who seeks nobody, or where nobody offers: an empty side has no columns
        problem = self.problem
        bans = bans_of(problem).values()
        blocked = np.logical_or.reduce([ban.mask(np.array([row]), EVERYBODY)[0] for ban in bans])
        alone = Problem(one_of(problem.seekers, row), problem.offerers, problem.criteria)
        points = total_points(alone, no_progress)[0].astype(np.int64)
        return _best_first(mentors.enrolments, points, ~blocked & (np.array(mentors.capacity) > 0))

    def seekers_of(self, who: str) -> dict[str, int]:
        column, mentees = self.snapshot.columns.places.get(who), self.snapshot.rows
        if column is None or not self.snapshot.columns.capacity[column] or not mentees.enrolments:
            return {}
        problem = self.problem
        bans = bans_of(problem).values()
        here = np.array([column])
        blocked = np.logical_or.reduce([ban.mask(EVERYBODY, here)[:, 0] for ban in bans])
        alone = Problem(problem.seekers, one_of(problem.offerers, column), problem.criteria)
        points = total_points(alone, no_progress)[:, 0].astype(np.int64)
        return _best_first(mentees.enrolments, points, ~blocked & (np.array(mentees.capacity) > 0))

    def solve(self, *, policy: Policy, seed: int, progress: Progress | None = None) -> Result:
        problem, parts = self.problem, _Parts.of(self.snapshot)
        mentees, mentors = self.snapshot.rows.enrolments, self.snapshot.columns.enrolments
        matching = match(problem, policy=policy, seed=seed, progress=progress)
        choices = own_choices(problem, matching)
        proposals = [
            _Proposal(
                people=((mentees[pair.seeker], MENTEE), (mentors[pair.offerer], MENTOR)),
                points=pair.total,
                reasons=parts.reasons(explain(problem, pair.seeker, pair.offerer)),
                locked=(pair.seeker, pair.offerer) in problem.locked,
                choices=own,
            )
            for pair, own in zip(matching.pairs, choices, strict=True)
        ]
        blocked, (total, best_total) = _blocked(problem), _price(problem, matching, seed)
        facts = Facts(
            possible=int(blocked.size),
            allowed=int((~blocked).sum()),
            people=matching.people,
            total=total,
            best_total=best_total,
        )
        return self._result(matching, proposals, facts, find_hindrances(problem, matching))

    def explain(self, people: Seats) -> tuple[Reason, ...]:
        by_part = {part: who for who, part in people}
        i = self.snapshot.rows.places[by_part[MENTEE]]
        j = self.snapshot.columns.places[by_part[MENTOR]]
        return _Parts.of(self.snapshot).reasons(explain(self.problem, i, j))

    def locking(self, first: str, second: str) -> _TwoSidesSolver:
        pair = self.snapshot.rows.places[first], self.snapshot.columns.places[second]
        return replace(self, problem=replace(self.problem, locked=self.problem.locked | {pair}))


@dataclass(frozen=True)
class _PeersSolver(Solver):
    """Pairs from one pool, and a trio where the number is odd."""

    problem: PeersProblem

    def as_two_sides(self) -> Problem:
        return self.problem.as_two_sides()

    def partners_of(self, who: str) -> dict[str, int]:
        peers, problem = self.snapshot.rows, self.problem
        row = peers.places.get(who)
        if row is None or not peers.capacity[row]:
            return {}
        me, only_me = one_of(problem.people, row), np.array([row])
        there = total_points(Problem(me, problem.people, problem.criteria), no_progress)[0]
        back = total_points(Problem(problem.people, me, problem.criteria), no_progress)[:, 0]
        bans = bans_of(self.as_two_sides()).values()
        blocked = np.logical_or.reduce(
            [ban.mask(only_me, EVERYBODY)[0] | ban.mask(EVERYBODY, only_me)[:, 0] for ban in bans]
        )
        for pair in problem.met:
            if row in pair:
                blocked[sum(pair) - row] = True
        points = (there.astype(np.int64) + back) // 2
        return _best_first(peers.enrolments, points, ~blocked & (np.array(peers.capacity) > 0))

    def solve(self, *, policy: Policy, seed: int, progress: Progress | None = None) -> Result:
        problem, parts = self.problem, _Parts.of(self.snapshot)
        paired = pair_peers(problem, policy=policy, seed=seed, progress=progress)
        locked = {frozenset(pair) for pair in problem.locked}
        proposals = [
            _Proposal(
                people=_peers(self.snapshot, group),
                points=points,
                reasons=parts.reasons(self._explained(group)),
                locked=any(pair <= set(group) for pair in locked),
            )
            for group, points in zip(paired.groups, paired.points, strict=True)
        ]
        blocked, people = _blocked(self.as_two_sides()), len(problem.people)
        facts = replace(
            self._price(paired, seed),
            people=sum(len(group) for group in paired.groups),
            possible=people * (people - 1) // 2,
            allowed=int(np.triu(~(blocked | blocked.T), 1).sum()),
            trios=len(paired.joined),
            met_again=len(paired.met_again) if problem.met else None,
        )
        return self._result(paired, proposals, facts)

    def _price(self, paired: PeerPairs, seed: int) -> Facts:
        """Return the points of all pairs, and the most there could be with no other aim."""
        if len(self.problem.people) ** 2 > MOST_PRICED:
            return Facts()
        highest = paired
        if paired.policy is not Policy.BEST_TOTAL:
            highest = pair_peers(self.problem, policy=Policy.BEST_TOTAL, seed=seed)
        return _priced(paired.objective, highest.objective, highest.bound)

    def _places(self, groups: Sequence[Sequence[int]]) -> dict[int, list[Rank]]:
        return places_of(self.problem, groups)

    def explain(self, people: Seats) -> tuple[Reason, ...]:
        places = self.snapshot.rows.places
        group = [places[who] for who, _part in people]
        return _Parts.of(self.snapshot).reasons(self._explained(group))

    def _explained(self, group: Sequence[int]) -> tuple[Explanation, ...]:
        """Return the engine's explanations, with names for the people a trio's evidence counts."""
        names, explained = self.problem.people.names, []
        for explanation in explain_peers(self.problem, group):
            evidence: Evidence = explanation.evidence
            if "pairs" in evidence:
                pairs = [[names[i], names[j], points] for i, j, points in evidence["pairs"]]
                explanation = replace(explanation, evidence={"pairs": pairs})
            explained.append(explanation)
        return tuple(explained)

    def locking(self, first: str, second: str) -> _PeersSolver:
        pair = self.snapshot.rows.places[first], self.snapshot.rows.places[second]
        return replace(self, problem=replace(self.problem, locked=self.problem.locked | {pair}))


@dataclass(frozen=True)
class _CirclesSolver(Solver):
    problem: CirclesProblem

    def as_two_sides(self) -> Problem:
        return self.problem.as_two_sides()

    def solve(self, *, policy: Policy, seed: int, progress: Progress | None = None) -> Result:
        problem, parts = self.problem, _Parts.of(self.snapshot)
        circles = form_circles(problem, sizes=self.snapshot.sizes, seed=seed, progress=progress)
        proposals = []
        for group, balance in zip(circles.groups, circles.balance, strict=True):
            points = sum(part.points for part in balance)
            proposals.append(
                _Proposal(
                    people=_peers(self.snapshot, group),
                    points=points,
                    reasons=parts.reasons(balance),
                    locked=any(a in group and b in group for a, b in problem.together),
                )
            )
        facts = replace(
            self._price(circles, seed, progress),
            people=sum(len(group) for group in circles.groups),
            met_again=len(circles.met_again),
            alone=len({i for i, _column in circles.alone}),
            short=len(circles.short),
        )
        return self._result(circles, proposals, facts)

    def _price(self, circles: Circles, seed: int, progress: Progress | None) -> Facts:
        """Return the points of these circles, and what is known of circles for points alone.

        Nothing where nobody has a circle, or where forming them again would keep people waiting.
        """
        demands = demands_of(self.problem, circles)
        if not circles.groups or (demands and len(self.problem.people) > MOST_PRICED_IN_CIRCLES):
            return Facts()
        highest = circles
        if demands:
            alone = for_points_alone(self.problem)
            highest = form_circles(alone, sizes=self.snapshot.sizes, seed=seed, progress=progress)
        priced = _priced(circles.objective, highest.objective, highest.bound)
        return replace(priced, demands=demands)

    def _places(self, groups: Sequence[Sequence[int]]) -> dict[int, list[Rank]]:
        return self._twos.places(groups)

    @cached_property
    def _masks(self) -> Mapping[str, NDArray[np.bool_]]:
        return masks_of(self.problem)

    @cached_property
    def _twos(self) -> Twos:
        return Twos(self.problem, self.snapshot.sizes)

    def partners_of(self, who: str) -> dict[str, int]:
        peers = self.snapshot.rows
        row = peers.places.get(who)
        if row is None or not peers.capacity[row]:
            return {}
        possible = self._twos.possible_with([row])[0] & ~self._twos.has_met(row)
        best = _best_first(peers.enrolments, self._twos.worth_with([row])[0], possible)
        return {other: worth // FINE for other, worth in best.items()}

    def explain_two(self, people: Seats) -> tuple[Reason, ...]:
        places = self.snapshot.rows.places
        one, other = (places[who] for who, _part in people)
        return _Parts.of(self.snapshot).reasons(self._twos.explain(one, other))

    def weigh(self, tables: Sequence[Sequence[str]]) -> Weighed:
        places, parts = self.snapshot.rows.places, _Parts.of(self.snapshot)
        groups = [[places[who] for who in people] for people in tables]
        objective, balance = weigh(self.problem, groups, self._masks)
        return Weighed(
            objective=objective,
            points=tuple(sum(part.points for part in explained) for explained in balance),
            reasons=tuple(parts.reasons(explained) for explained in balance),
        )

    def bring_together(
        self, first: str, second: str, tables: Sequence[Sequence[str]], *, seed: int
    ) -> BroughtTogether:
        places, own = self.snapshot.rows.places, self.snapshot.rows.enrolments
        found = bring_together(
            self.problem,
            (places[first], places[second]),
            [[places[who] for who in people] for people in tables],
            sizes=self.snapshot.sizes,
            seed=seed,
        )
        circles, exchange = found.circles, found.exchange
        return BroughtTogether(
            objective=circles.objective,
            bound=circles.bound,
            people=sum(map(len, circles.groups)),
            met_again=len(circles.met_again),
            alone=len({i for i, _column in circles.alone}),
            short=len(circles.short),
            moved=tuple(own[i] for i in found.moved),
            swapped=None
            if exchange is None
            else (own[exchange.one], own[exchange.other], exchange.objective),
        )

    def locking(self, first: str, second: str) -> _CirclesSolver:
        pair = self.snapshot.rows.places[first], self.snapshot.rows.places[second]
        return replace(self, problem=replace(self.problem, together=self.problem.together | {pair}))


def _blocked(problem: Problem) -> NDArray[np.bool_]:
    blocked: NDArray[np.bool_]
    blocked = np.logical_or.reduce(list(blocked_by_rule(problem).values()))
    return blocked


def _best_first(
    enrolments: Sequence[str], points: NDArray[np.int64], possible: NDArray[np.bool_]
) -> dict[str, int]:
    """Return the points of those who are possible; equals by their id."""
    order = sorted(
        np.flatnonzero(possible).tolist(), key=lambda j: (-int(points[j]), enrolments[j])
    )
    return {enrolments[j]: int(points[j]) for j in order}


def _peers(snapshot: Snapshot, group: Sequence[int]) -> tuple[tuple[str, str], ...]:
    return tuple((snapshot.rows.enrolments[i], PEER) for i in group)


def _price(problem: Problem, matching: Matching, seed: int) -> tuple[int | None, int | None]:
    """Return the points of all pairs and the most there could be: what another aim costs.

    Nothing where solving once more would keep people waiting.
    """
    if len(problem.seekers) * len(problem.offerers) > MOST_PRICED:
        return None, None
    total = best = sum(pair.total for pair in matching.pairs)
    if matching.policy is not Policy.BEST_TOTAL:
        highest = match(problem, policy=Policy.BEST_TOTAL, seed=seed)
        best = sum(pair.total for pair in highest.pairs)
    return total, max(total, best)


def _priced(total: int, best: int, bound: int) -> Facts:
    """Return what an aim came to beside the most that was found, and a bound on it if that is more.

    A search may find less for points alone than for another aim: then that is the most known.
    """
    best = max(total, best)
    return Facts(total=total, best_total=best, most_total=bound if bound > best else None)


@dataclass(frozen=True)
class _Parts:
    """What the engine's explanations speak of: criteria and bonuses, by key."""

    labels: Mapping[str, str]
    fields: Mapping[str, tuple[str, ...]]
    words: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, snapshot: Snapshot) -> _Parts:
        return cls(
            labels={spec.key: spec.label for spec in snapshot.scores} | bonus_labels(),
            fields={spec.key: spec.fields for spec in snapshot.scores},
            words={spec.key: spec.words for spec in snapshot.scores},
        )

    def reasons(self, explained: Sequence[Explanation]) -> tuple[Reason, ...]:
        """Return each criterion's part with its words; `shown` adds up to the score shown."""
        shown = parts_out_of_100([part.points for part in explained])
        most = parts_out_of_100([part.max_points for part in explained])
        return tuple(
            Reason(
                criterion=part.criterion,
                label=self.labels[part.criterion],
                points=part.points,
                of=part.max_points,
                shown=points,
                shown_of=max(points, whole),  # both are rounded, and 34 of 33 reads as a mistake
                reason=part.reason,
                fields=self.fields.get(part.criterion, ()),  # a bonus reads none
                evidence=_in_words(part.evidence, self.words.get(part.criterion, {})),
            )
            for part, points, whole in zip(explained, shown, most, strict=True)
        )


def _in_words(evidence: Mapping[str, object], words: Mapping[str, str]) -> Evidence:
    """Return the evidence with the answers' keys replaced by what people read."""

    def in_words(value: object) -> Any:
        if isinstance(value, str):
            return words.get(value, value)
        if isinstance(value, Mapping):
            return {words.get(str(key), str(key)): in_words(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [in_words(item) for item in value]
        return value

    return {key: in_words(value) for key, value in evidence.items()}


def _left_over(
    snapshot: Snapshot,
    left_over: Sequence[Unmatched],
    hindrances: Mapping[tuple[Side, int], Hindrance],
) -> tuple[_LeftOverPerson, ...]:
    """Return who has nobody; who already works with somebody and has room is not left over."""
    left_alone = []
    for left in left_over:
        part = PART_OF_SIDE[left.side]
        candidates = snapshot.by_part[part]
        if not candidates.seated[left.index]:
            left_alone.append(
                _LeftOverPerson(
                    candidates.enrolments[left.index],
                    part,
                    str(left.reason),
                    dict(left.detail),
                    _remedy(snapshot, left.side, hindrances.get((left.side, left.index))),
                )
            )
    return tuple(left_alone)


def _remedy(snapshot: Snapshot, side: Side, hindrance: Hindrance | None) -> Remedy | None:
    """Return what would change it, with enrolments in the place of the engine's numbers."""
    if hindrance is None:
        return None
    if hindrance.rival is None:
        return Remedy(hindrance.without)
    own, other = snapshot.rows.enrolments, snapshot.columns.enrolments
    if side is not Side.SEEKER:
        own, other = other, own
    rival = asdict(hindrance.rival) | {
        "partner": other[hindrance.rival.partner],
        "rival": own[hindrance.rival.rival],
    }
    return Remedy(hindrance.without, Rival(**rival))
