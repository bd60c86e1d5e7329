"""From a frozen snapshot to a result ready to be stored: no database, so it may take minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any, cast

import numpy as np
from django.utils.translation import gettext as _

from pairing.engine import (
    Choice,
    CirclesProblem,
    Explanation,
    Matching,
    PeersProblem,
    Policy,
    Problem,
    Remedy,
    explain,
    explain_peers,
    form_circles,
    match,
    own_choices,
    pair_peers,
    parts_out_of_100,
    remedies,
    score_out_of_100,
)
from pairing.engine.rules import blocked_by_rule
from pairing.engine.shapes import LeftOver, Progress, Side
from pairing.snapshot.favours import favour_labels
from pairing.snapshot.problem import PREFERRED, Snapshot, not_weighed, problem_of, sides_of

MENTOR, MENTEE, PEER = "mentor", "mentee", "peer"
SIDES = {
    Side.SEEKER: ("seekers", MENTEE),
    Side.OFFERER: ("offerers", MENTOR),
    Side.PEER: ("peers", PEER),
}
Reasons = list[dict[str, Any]]
MOST_PRICED = 25_000_000  # pairs; beyond it a second solution only for its price takes too long


@dataclass(frozen=True)
class Proposed:
    """A pair or a circle: enrolment ids with parts, points, and the reasons that add up to them.

    choices: which of their own allowed partners each person of a pair was given.
    """

    people: tuple[tuple[str, str], ...]
    points: int
    score: int
    reasons: Reasons
    locked: bool
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Unseated:
    enrolment: str
    part: str
    reason: str
    detail: Mapping[str, int]
    remedy: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What a run stores; `facts` are counts and what is proved."""

    proposals: tuple[Proposed, ...]
    left_over: tuple[Unseated, ...]
    objective: int
    bound: int
    gap_ppm: int
    rounds: int
    seconds: float
    facts: dict[str, Any]


def compute(
    snapshot: Snapshot, *, policy: str, seed: int, progress: Progress | None = None
) -> Result:
    """Return the matching or the circles that the snapshot, the policy and the seed ask for.

    The same three give the same result.  Raises EngineError before anything is computed.
    """
    problem = problem_of(snapshot)
    if isinstance(problem, CirclesProblem):
        return _form(snapshot, problem, seed, progress)
    if isinstance(problem, PeersProblem):
        return _pair(snapshot, problem, policy, seed, progress)
    return _match(snapshot, problem, policy, seed, progress)


def _match(
    snapshot: Snapshot, problem: Problem, policy: str, seed: int, progress: Progress | None
) -> Result:
    matching = match(problem, policy=Policy(policy), seed=seed, progress=progress)
    sides, criteria = sides_of(snapshot), _score_criteria(snapshot)
    choices: Sequence[tuple[Choice, ...]]
    choices = own_choices(problem, matching) or [()] * len(matching.pairs)
    proposals = [
        Proposed(
            people=((sides.seekers[pair.seeker], MENTEE), (sides.offerers[pair.offerer], MENTOR)),
            points=pair.total,
            score=score_out_of_100(pair.total),
            reasons=_reasons(criteria, explain(problem, pair.seeker, pair.offerer)),
            locked=(pair.seeker, pair.offerer) in problem.locked,
            choices=own,
        )
        for pair, own in zip(matching.pairs, choices, strict=True)
    ]
    blocked = np.logical_or.reduce(list(blocked_by_rule(problem).values()))
    return Result(
        proposals=_by_score(proposals),
        left_over=tuple(_unseated(snapshot, matching.left_over, remedies(problem, matching))),
        objective=matching.objective,
        bound=matching.bound,
        gap_ppm=matching.gap_ppm,
        rounds=matching.rounds,
        seconds=matching.seconds,
        facts={
            "seekers": len(problem.seekers),
            "offerers": len(problem.offerers),
            "places": sum(problem.offerers.places()),
            "possible": int(blocked.size),
            "allowed": int((~blocked).sum()),
            "proved": matching.proved,
            "people": matching.people,
            **_price(problem, matching, seed),
            "blocking_pairs": matching.blocking_pairs,
            "unused": not_weighed(snapshot),
        },
    )


def _price(problem: Problem, matching: Matching, seed: int) -> dict[str, int]:
    """Return the points of all pairs and the most there could be: what another aim costs.

    Nothing where solving once more would keep people waiting.
    """
    if len(problem.seekers) * len(problem.offerers) > MOST_PRICED:
        return {}
    total = best = sum(pair.total for pair in matching.pairs)
    if matching.policy is not Policy.BEST_TOTAL:
        highest = match(problem, policy=Policy.BEST_TOTAL, seed=seed)
        best = sum(pair.total for pair in highest.pairs)
    return {"total": total, "best_total": max(total, best)}


def _pair(
    snapshot: Snapshot, problem: PeersProblem, policy: str, seed: int, progress: Progress | None
) -> Result:
    paired = pair_peers(problem, policy=Policy(policy), seed=seed, progress=progress)
    sides, criteria = sides_of(snapshot), _score_criteria(snapshot)
    locked = {frozenset(pair) for pair in problem.locked}
    proposals = [
        Proposed(
            people=tuple((sides.peers[i], PEER) for i in group),
            points=points,
            score=score_out_of_100(points),
            reasons=_reasons(criteria, _named(explain_peers(problem, group), problem.people.names)),
            locked=any(pair <= set(group) for pair in locked),
        )
        for group, points in zip(paired.groups, paired.points, strict=True)
    ]
    blocked = np.logical_or.reduce(list(blocked_by_rule(problem.as_two_sides()).values()))
    people = len(problem.people)
    return Result(
        proposals=_by_score(proposals),
        left_over=tuple(_unseated(snapshot, paired.left_over)),
        objective=paired.objective,
        bound=paired.bound,
        gap_ppm=paired.gap_ppm,
        rounds=paired.rounds,
        seconds=paired.seconds,
        facts={
            "people": sum(len(group) for group in paired.groups),
            "candidates": people,
            "possible": people * (people - 1) // 2,
            "allowed": int(np.triu(~(blocked | blocked.T), 1).sum()),
            "proved": paired.proved,
            "blocking_pairs": paired.blocking_pairs,
            "trios": len(paired.joined),
            "unused": not_weighed(snapshot),
        },
    )


def _named(explained: Sequence[Explanation], names: Sequence[str]) -> tuple[Explanation, ...]:
    """Return the explanations with names for the people that a trio's evidence counts."""
    return tuple(
        replace(
            each,
            evidence={
                "pairs": [
                    [names[i], names[j], points]
                    for i, j, points in cast("list[tuple[int, int, int]]", each.evidence["pairs"])
                ]
            },
        )
        if "pairs" in each.evidence
        else each
        for each in explained
    )


def _form(
    snapshot: Snapshot, problem: CirclesProblem, seed: int, progress: Progress | None
) -> Result:
    low, high = snapshot["sizes"]
    circles = form_circles(problem, sizes=(low, high), seed=seed, progress=progress)
    sides, criteria = sides_of(snapshot), _score_criteria(snapshot)
    proposals = []
    for group, balance in zip(circles.groups, circles.balance, strict=True):
        points = sum(part.points for part in balance)
        proposals.append(
            Proposed(
                people=tuple((sides.peers[i], PEER) for i in group),
                points=points,
                score=score_out_of_100(points),
                reasons=_reasons(criteria, balance),
                locked=any(a in group and b in group for a, b in problem.together),
            )
        )
    gap = circles.bound - circles.objective
    return Result(
        proposals=_by_score(proposals),
        left_over=tuple(_unseated(snapshot, circles.left_over)),
        objective=circles.objective,
        bound=circles.bound,
        gap_ppm=-(-gap * 1_000_000 // circles.bound) if gap > 0 else 0,
        rounds=circles.rounds,
        seconds=circles.seconds,
        facts={
            "people": sum(len(group) for group in circles.groups),
            "candidates": len(problem.people),
            "proved": circles.proved,
            "met_again": len(circles.met_again),
            "alone": len({i for i, _column in circles.alone}),
            "short": len(circles.short),
            "unused": not_weighed(snapshot),
        },
    )


def _by_score(proposals: Sequence[Proposed]) -> tuple[Proposed, ...]:
    return tuple(sorted(proposals, key=lambda each: (-each.points, each.people)))


def _score_criteria(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """Return what the engine's explanations speak of, by key: criteria, then bonuses."""
    scores = {each["key"]: each for each in snapshot["criteria"] if each["sort"] == "score"}
    preferred = {"label": _("Preferred by a coordinator"), "words": {}}
    return scores | favour_labels() | {PREFERRED: preferred}


def reasons_of(snapshot: Snapshot, problem: Problem | PeersProblem, i: int, j: int) -> Reasons:
    """Return why seeker i fits offerer j (or peer i peer j), whether or not a run proposes them."""
    if isinstance(problem, PeersProblem):
        explained = explain_peers(problem, (i, j))
    else:
        explained = explain(problem, i, j)
    return _reasons(_score_criteria(snapshot), explained)


def _reasons(
    criteria: Mapping[str, Mapping[str, Any]], explained: Sequence[Explanation]
) -> Reasons:
    """Return each criterion's part with its words; `shown` adds up to the score that is shown."""
    shown = parts_out_of_100([each.points for each in explained])
    most = parts_out_of_100([each.max_points for each in explained])
    return [
        {
            "criterion": each.criterion,
            "label": criteria[each.criterion]["label"],
            "points": each.points,
            "of": each.max_points,
            "shown": part,
            "shown_of": max(part, whole),  # both are rounded, and 34 of 33 reads as a mistake
            "reason": each.reason,
            "fields": _fields(criteria[each.criterion]),
            "evidence": _in_words(each.evidence, criteria[each.criterion]["words"]),
        }
        for each, part, whole in zip(explained, shown, most, strict=True)
    ]


def _fields(criterion: Mapping[str, Any]) -> list[str]:
    """Return which answers or work facts a criterion read; a bonus reads none."""
    return [criterion[name] for name in ("seeker_field", "offerer_field") if name in criterion]


def _in_words(evidence: Mapping[str, object], words: Mapping[str, str]) -> dict[str, Any]:
    """Return the evidence with the answers' keys replaced by what people read."""

    def said(value: object) -> Any:
        if isinstance(value, str):
            return words.get(value, value)
        if isinstance(value, Mapping):
            return {words.get(str(key), str(key)): said(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [said(each) for each in value]
        return value

    return {key: said(value) for key, value in evidence.items()}


def _unseated(
    snapshot: Snapshot,
    left_over: Sequence[LeftOver],
    remedy: Mapping[tuple[Side, int], Remedy] = MappingProxyType({}),
) -> list[Unseated]:
    """Return who has nobody; who already works with somebody and has room is not left over."""
    names = {
        "seeker": ("seekers", MENTEE),
        "offerer": ("offerers", MENTOR),
        "peer": ("peers", PEER),
    }
    found = []
    for each in left_over:
        side, part = names[each.side]
        if not snapshot[side]["seated"][each.index]:
            enrolment = snapshot[side]["enrolments"][each.index]
            would = _remedy(snapshot, each.side, remedy.get((each.side, each.index)))
            found.append(Unseated(enrolment, part, str(each.reason), dict(each.detail), would))
    return found


def _remedy(snapshot: Snapshot, side: Side, found: Remedy | None) -> dict[str, Any]:
    """Return what would change it, with enrolments in the place of the engine's numbers."""
    if found is None:
        return {}
    remedy: dict[str, Any] = {"without": dict(found.without)}
    if found.rival is not None:
        own, other = ("seekers", "offerers") if side is Side.SEEKER else ("offerers", "seekers")
        remedy["rival"] = asdict(found.rival) | {
            "partner": snapshot[other]["enrolments"][found.rival.partner],
            "rival": snapshot[own]["enrolments"][found.rival.rival],
        }
    return remedy
