"""Whom one person could work with: the engine's scores, asked for that person alone.

The same snapshot, rules, points and words as a run's.  Only one row of the matrix is computed,
so that a page costs the same with ten people and with ten thousand.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np

from pairing.compute import Reasons, reasons_of
from pairing.engine import PeersProblem, Problem, score_out_of_100
from pairing.engine.blocks import total_points
from pairing.engine.explain import one_of
from pairing.engine.rules import blocked_by_rule
from pairing.engine.shapes import no_progress
from pairing.openness import open_reasons
from pairing.results import Bar, bars_of
from pairing.snapshot import Snapshot, is_peer_pairs, problem_of, take_snapshot
from pairing.words import pair_sentence
from programs.models import Enrolment, Program
from programs.queries import shown_answers

SUGGESTED = 5


@dataclass(frozen=True)
class Possible:
    """The partners somebody could have now, best first; `points` by enrolment.

    Allowed by every rule, with a place free, never a partner of before.  Empty for somebody
    who seeks nobody at present.
    """

    points: dict[UUID, int] = field(default_factory=dict)
    name: str = ""
    enrolment_id: UUID | None = None
    _snapshot: Snapshot = field(default_factory=dict, repr=False)
    _problem: Problem | PeersProblem | None = field(default=None, repr=False)
    _row: int = 0
    _places: dict[UUID, int] = field(default_factory=dict, repr=False)

    def reasons(self, enrolment_id: UUID) -> Reasons:
        """Return why these two fit, criterion by criterion, as a run stores it."""
        assert self._problem is not None
        return reasons_of(self._snapshot, self._problem, self._row, self._places[enrolment_id])

    def people(self, enrolment_id: UUID) -> list[tuple[UUID, str]]:
        """Return the two with the parts they would take."""
        assert self.enrolment_id is not None
        if self._snapshot["format"] != Program.Format.MENTOR:
            return [(self.enrolment_id, "peer"), (enrolment_id, "peer")]
        return [(self.enrolment_id, "mentee"), (enrolment_id, "mentor")]

    def score(self, enrolment_id: UUID) -> int:
        """Return the score that people are shown, 0–100."""
        return score_out_of_100(self.points[enrolment_id])


def possible_partners(enrolment: Enrolment) -> Possible:
    """Return whom this person could be matched with now, from a snapshot of their cohort."""
    whole = take_snapshot(enrolment.cohort)
    if is_peer_pairs(whole):
        return _possible_peers(enrolment, whole)
    snapshot = _for_one(whole, str(enrolment.pk))
    if snapshot is None:
        return Possible()
    problem = problem_of(snapshot)
    assert isinstance(problem, Problem)
    blocked = np.logical_or.reduce([mask[0] for mask in blocked_by_rule(problem).values()])
    free = np.array(problem.offerers.places(), np.int64) > 0
    points = total_points(problem, no_progress)[0]
    ids = [UUID(enrolment_id) for enrolment_id in snapshot["offerers"]["enrolments"]]
    allowed = np.flatnonzero(~blocked & free)
    best_first = sorted(allowed, key=lambda j: (-int(points[j]), ids[j]))
    return Possible(
        points={ids[j]: int(points[j]) for j in best_first},
        name=enrolment.member.given_name,
        enrolment_id=enrolment.pk,
        _snapshot=snapshot,
        _problem=problem,
        _places={ids[j]: int(j) for j in best_first},
    )


def _possible_peers(enrolment: Enrolment, whole: Snapshot) -> Possible:
    """Return the peers who are free too, by what each is worth to the other."""
    ids = [UUID(enrolment_id) for enrolment_id in whole["peers"]["enrolments"]]
    places = whole["peers"]["capacity"]
    if enrolment.pk not in ids or not places[ids.index(enrolment.pk)]:
        return Possible()
    snapshot = {key: [] if key in FAVOURS else value for key, value in whole.items()}
    problem = problem_of(snapshot | {"locked": []})
    assert isinstance(problem, PeersProblem)
    row, sides = ids.index(enrolment.pk), problem.as_two_sides()
    me = one_of(problem.people, row)
    there = total_points(Problem(me, problem.people, problem.criteria), no_progress)[0]
    back = total_points(Problem(problem.people, me, problem.criteria), no_progress)[:, 0]
    points = (there.astype(np.int64) + back) // 2
    blocked = np.logical_or.reduce(
        [mask[row] | mask[:, row] for mask in blocked_by_rule(sides).values()]
    )
    for pair in problem.met:
        if row in pair:
            blocked[sum(pair) - row] = True
    allowed = np.flatnonzero(~blocked & (np.array(places, np.int64) > 0))
    best_first = sorted(allowed, key=lambda j: (-int(points[j]), ids[j]))
    return Possible(
        points={ids[j]: int(points[j]) for j in best_first},
        name=enrolment.member.given_name,
        enrolment_id=enrolment.pk,
        _snapshot=snapshot,
        _problem=problem,
        _row=row,
        _places={ids[j]: int(j) for j in best_first},
    )


def _for_one(snapshot: Snapshot, who: str) -> Snapshot | None:
    """Return the snapshot with one seeker; None where they seek nobody.

    Everybody else stays as somebody who takes nobody: rules follow reporting lines through them.
    """
    one_pool = "peers" in snapshot
    seekers = snapshot["peers" if one_pool else "seekers"]
    if who not in seekers["enrolments"]:
        return None
    place = seekers["enrolments"].index(who)
    if not seekers["capacity"][place]:
        return None
    rest = [i for i in range(len(seekers["enrolments"])) if i != place]
    others = _some(seekers, rest)
    if one_pool:
        offerers = others
    else:
        others["capacity"] = [0] * len(rest)
        offering = set(snapshot["offerers"]["enrolments"])
        kept = [
            i for i, enrolment_id in enumerate(others["enrolments"]) if enrolment_id not in offering
        ]
        offerers = _joined(snapshot["offerers"], _some(others, kept))
    alone = {"seekers": _some(seekers, [place]), "offerers": offerers, "locked": []}
    whole = {key: value for key, value in snapshot.items() if key not in {"peers", *FAVOURS}}
    return whole | alone


# what a coordinator or the person themselves has said adds nothing to how well two fit
FAVOURS = ("preferred", "wishes", "first", "avoided")


def _some(side: dict[str, Any], places: Sequence[int]) -> dict[str, Any]:
    """Return one side of a snapshot with these people alone, in that order."""
    return {
        name: {key: [column[i] for i in places] for key, column in value.items()}
        if isinstance(value, dict)
        else [value[i] for i in places]
        for name, value in side.items()
    }


def _joined(side: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {key: [*column, *more[name][key]] for key, column in value.items()}
        if isinstance(value, dict)
        else [*value, *more[name]]
        for name, value in side.items()
    }


@dataclass(frozen=True)
class Suggestion:
    """Somebody to be wished for or asked, and why, as far as both let the other read it."""

    enrolment: Enrolment
    score: int
    why: str
    bars: Sequence[Bar]


def suggested(possible: Possible, *, without: Collection[UUID] = ()) -> list[Suggestion]:
    """Return the five best of them, or fewer, except those named."""
    ids = [enrolment_id for enrolment_id in possible.points if enrolment_id not in without][
        :SUGGESTED
    ]
    return described(possible, ids)


def described(possible: Possible, ids: Sequence[UUID]) -> list[Suggestion]:
    """Return these people with their reasons, in that order, in one statement."""
    rows = Enrolment.objects.select_related("member").in_bulk(ids)
    shown = shown_answers([*ids, possible.enrolment_id] if possible.enrolment_id else ids)
    suggestions = []
    for enrolment_id in ids:
        name = rows[enrolment_id].member.given_name
        reasons = open_reasons(possible.reasons(enrolment_id), possible.people(enrolment_id), shown)
        why = pair_sentence(reasons, seeker=possible.name, offerer=name)
        suggestions.append(
            Suggestion(rows[enrolment_id], possible.score(enrolment_id), why, bars_of(reasons))
        )
    return suggestions
