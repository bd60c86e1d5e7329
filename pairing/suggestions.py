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

from pairing.compute import Reasons, reasons_for
from pairing.engine import Problem, score_out_of_100
from pairing.engine.rules import blocked_by_rule
from pairing.engine.score import total_points
from pairing.engine.shapes import no_progress
from pairing.results import Bar, bars_of
from pairing.snapshot import Snapshot, problem_of, take_snapshot
from pairing.words import pair_sentence
from programs.models import Enrolment

SUGGESTED = 5


@dataclass(frozen=True)
class Possible:
    """The partners somebody could have now, best first; `points` by enrolment.

    Allowed by every rule, with a place free, never a partner of before.  Empty for somebody
    who seeks nobody at present.
    """

    points: dict[UUID, int] = field(default_factory=dict)
    name: str = ""
    _snapshot: Snapshot = field(default_factory=dict, repr=False)
    _problem: Problem | None = field(default=None, repr=False)
    _places: dict[UUID, int] = field(default_factory=dict, repr=False)

    def reasons(self, enrolment_id: UUID) -> Reasons:
        """Return why these two fit, criterion by criterion, as a run stores it."""
        assert self._problem is not None
        return reasons_for(self._snapshot, self._problem, 0, self._places[enrolment_id])

    def score(self, enrolment_id: UUID) -> int:
        """Return the score that people are shown, 0–100."""
        return score_out_of_100(self.points[enrolment_id])


def possible_partners(enrolment: Enrolment) -> Possible:
    """Return whom this person could be matched with now, from a snapshot of their cohort."""
    snapshot = _for_one(take_snapshot(enrolment.cohort), str(enrolment.pk))
    if snapshot is None:
        return Possible()
    problem = problem_of(snapshot)
    assert isinstance(problem, Problem)
    blocked = np.logical_or.reduce([mask[0] for mask in blocked_by_rule(problem).values()])
    free = np.array(problem.offerers.places(), np.int64) > 0
    points = total_points(problem, no_progress)[0]
    ids = [UUID(each) for each in snapshot["offerers"]["enrolments"]]
    allowed = np.flatnonzero(~blocked & free)
    best_first = sorted(allowed, key=lambda j: (-int(points[j]), ids[j]))
    return Possible(
        points={ids[j]: int(points[j]) for j in best_first},
        name=enrolment.member.given_name,
        _snapshot=snapshot,
        _problem=problem,
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
        kept = [i for i, each in enumerate(others["enrolments"]) if each not in offering]
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
    """Somebody to be wished for or asked, and why: the words and bars of a run."""

    enrolment: Enrolment
    score: int
    why: str
    bars: Sequence[Bar]


def suggested(possible: Possible, *, without: Collection[UUID] = ()) -> list[Suggestion]:
    """Return the five best of them, or fewer, except those named."""
    chosen = [each for each in possible.points if each not in without][:SUGGESTED]
    return described(possible, chosen)


def described(possible: Possible, chosen: Sequence[UUID]) -> list[Suggestion]:
    """Return these people with their reasons, in that order, in one statement."""
    rows = Enrolment.objects.select_related("member").in_bulk(chosen)
    found = []
    for each in chosen:
        reasons, name = possible.reasons(each), rows[each].member.given_name
        why = pair_sentence(reasons, seeker=possible.name, offerer=name)
        found.append(Suggestion(rows[each], possible.score(each), why, bars_of(reasons)))
    return found
