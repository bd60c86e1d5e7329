"""Who could be matched at all, counted and said while a coordinator switches rules on and off.

The snapshot is read and compared once for each state of the cohort: what each rule forbids and
where each criterion gives any points is kept as packed bits under a stamp of that state.  A
click then costs a handful of bit operations.  See docs/adr/0013-live-counts-and-undo.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from django.core.cache import cache
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from numpy.typing import NDArray

from core.tenancy.cache import cache_key
from pairing.engine.blocks import total_points
from pairing.engine.rules import blocked_by_rule
from pairing.engine.shapes import EngineError, Problem, no_progress
from pairing.inputs.collect import take_snapshot
from pairing.inputs.problem import has_candidates
from pairing.inputs.snapshot import ALWAYS_ON, Choice, Snapshot
from pairing.runs.queries import matching_stamp
from pairing.solve import solver_of
from pairing.texts.reasons import listed, people_words
from programs.models.programs import Cohort

MOST_CELLS = 4_000_000  # pairs that are counted for a page; beyond it waits for the run itself
ALONE_SHOWN = 8  # people named on the page
KEPT_SECONDS = 900
SHAPE = 4  # of what lies in the cache: raised when Grounds changes

_Bits = NDArray[np.uint8]


@dataclass(frozen=True)
class _Grounds:
    """What can be said of a cohort whatever is switched on; pairs as packed bits, a row a seeker.

    names: of the seekers.  open: pairs of different people, not forbidden by hand, with room on
    both sides.  rules: pairs that each rule forbids.  reached: pairs with any points by each
    criterion.  asking: seekers with room.  offering: offerers with room.
    """

    one_pool: bool
    names: tuple[str, ...]
    offerers: int
    places: int
    asking: NDArray[np.bool_]
    offering: NDArray[np.bool_]
    open: _Bits
    rules: Mapping[str, _Bits]
    reached: Mapping[str, _Bits]
    forbids: Mapping[str, int]
    ready: bool
    labels: Mapping[str, tuple[str, str]]  # rule -> its name and kind
    unaccepted: int = 0
    untrained: int = 0
    problem: str = ""
    too_many: bool = False


@dataclass(frozen=True)
class _RuleCount:
    """What one rule does: pairs it forbids, and seekers who depend on it.

    on: seekers who would have somebody without it; off: who would have nobody with it.
    """

    forbids: int
    seekers: int
    on: bool


@dataclass(frozen=True)
class _Alone:
    """A seeker whom the rules leave nobody, and the rules of which each alone would have to go."""

    name: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class _Counts:
    """Who could be matched at all, before any run.

    alone: seekers whom the rules leave nobody.  alone_offerers: the other side, by number.
    by_rule: what each rule does.  as_must: score criterion -> seekers who would have nobody if
    it had to be met at all.
    """

    one_pool: bool
    places: int
    possible: int
    allowed: int
    alone: tuple[_Alone, ...]
    alone_offerers: int
    by_rule: Mapping[str, _RuleCount] = field(default_factory=dict)
    as_must: Mapping[str, int] = field(default_factory=dict)


def grounds_of(
    cohort: Cohort, limits: Mapping[str, Mapping[str, float]], *, unaccepted_too: bool = False
) -> _Grounds:
    """Return the grounds of a cohort as it stands, from the cache where nothing has changed."""
    state = json.dumps([SHAPE, matching_stamp(cohort), limits, unaccepted_too], sort_keys=True)
    key = cache_key("studio", cohort.pk, hashlib.sha256(state.encode()).hexdigest())
    grounds: _Grounds | None = cache.get(key)
    if grounds is None:
        choice = Choice(limits=limits)
        grounds = read_grounds(take_snapshot(cohort, choice, unaccepted_too=unaccepted_too))
        cache.set(key, grounds, KEPT_SECONDS)
    return grounds


def read_grounds(snapshot: Snapshot) -> _Grounds:
    """Compare everybody with everybody once; what the engine cannot read is said in `problem`."""
    rows, columns = snapshot.rows, snapshot.columns
    nothing = _Grounds(
        one_pool=snapshot.peers is not None,
        names=rows.names,
        offerers=len(columns),
        places=sum(columns.capacity),
        asking=np.array(rows.capacity, np.int64) > 0,
        offering=np.array(columns.capacity, np.int64) > 0,
        ready=has_candidates(snapshot),
        labels={spec.key: (spec.label, spec.kind) for spec in snapshot.rules},
        open=np.zeros((len(rows), 0), np.uint8),
        rules={},
        reached={},
        forbids={},
        unaccepted=snapshot.unaccepted,
        untrained=snapshot.untrained,
    )
    if len(rows) * len(columns) > MOST_CELLS:
        return replace(nothing, too_many=True)
    try:
        return _compare(snapshot, nothing)
    except EngineError as error:
        return replace(nothing, problem=str(error))
    except (KeyError, AssertionError, TypeError, ValueError):
        # what the engine cannot read it refuses when the run starts, in a sentence of its own
        return nothing


def _compare(snapshot: Snapshot, grounds: _Grounds) -> _Grounds:
    problem = solver_of(snapshot).as_two_sides()
    masks = blocked_by_rule(problem)
    if grounds.one_pool:
        masks = {key: mask | mask.T for key, mask in masks.items()}
    chosen = {spec.key for spec in snapshot.rules}
    rules = {key: mask for key, mask in masks.items() if key in chosen}
    closed = np.zeros((len(problem.seekers), len(problem.offerers)), bool)
    for key, mask in masks.items():
        if key not in chosen:
            closed |= mask
    still_open = ~closed & grounds.asking[:, None] & grounds.offering[None, :]
    reached = {}
    for criterion in problem.criteria:
        weighed = Problem(problem.seekers, problem.offerers, (replace(criterion, weight=1),))
        reached[criterion.key] = np.packbits(total_points(weighed, no_progress) > 0, axis=1)
    return replace(
        grounds,
        open=np.packbits(still_open, axis=1),
        rules={key: np.packbits(mask, axis=1) for key, mask in rules.items()},
        reached=reached,
        forbids={key: int(mask.sum()) for key, mask in rules.items()},
    )


def count(grounds: _Grounds, choice: Choice) -> _Counts | None:
    """Return who could be matched with these rules on; None where it cannot be counted here."""
    if grounds.too_many or grounds.problem or grounds.open.shape[1] == 0:
        return None
    on = {
        key for key in grounds.rules if key not in choice.off or grounds.labels[key][1] in ALWAYS_ON
    }
    allowed = grounds.open.copy()
    for key in on:
        allowed &= ~grounds.rules[key]
    has_nobody: NDArray[np.bool_] = ~allowed.any(axis=1) & grounds.asking
    alone = np.flatnonzero(has_nobody)
    freed_by: dict[str, NDArray[np.bool_]] = {}
    by_rule = {}
    for key in grounds.rules:
        if key in on:
            without = grounds.open[alone].copy()
            for other in on - {key}:
                without &= ~grounds.rules[other][alone]
            freed_by[key] = np.asarray(without.any(axis=1))
            seekers = int(freed_by[key].sum())
        else:
            with_it = (allowed & ~grounds.rules[key]).any(axis=1)
            seekers = int((~with_it & grounds.asking & ~has_nobody).sum())
        by_rule[key] = _RuleCount(_pairs(grounds, grounds.forbids[key]), seekers, key in on)
    reached_columns = np.unpackbits(np.bitwise_or.reduce(allowed, axis=0))[: grounds.offerers]
    own = int(grounds.asking.sum()) if grounds.one_pool else 0
    n, m = int(grounds.asking.sum()), int(grounds.offering.sum())
    return _Counts(
        one_pool=grounds.one_pool,
        places=grounds.places,
        possible=_pairs(grounds, n * m - own),
        allowed=_pairs(grounds, int(np.bitwise_count(allowed).sum())),
        alone=tuple(
            _Alone(grounds.names[i], tuple(key for key, freed in freed_by.items() if freed[at]))
            for at, i in enumerate(alone)
        ),
        alone_offerers=0
        if grounds.one_pool
        else int((grounds.offering & ~reached_columns.astype(bool)).sum()),
        by_rule=by_rule,
        as_must={
            key: int((~(allowed & reached).any(axis=1) & grounds.asking).sum())
            for key, reached in grounds.reached.items()
        },
    )


def _pairs(grounds: _Grounds, cells: int) -> int:
    """Return cells of the square as pairs of people: in one pool each stands there twice."""
    return cells // 2 if grounds.one_pool else cells


@dataclass(frozen=True)
class _Line:
    key: str
    words: str


@dataclass(frozen=True)
class _Stuck:
    name: str
    why: str


@dataclass(frozen=True)
class _Studio:
    """What waits to be matched: `people` in words, a line for each criterion, who is stuck."""

    people: str
    ready: bool
    lines: Mapping[str, _Line]
    allowed: str
    alone: str
    stuck: tuple[_Stuck, ...]
    more_stuck: int
    problem: str
    too_many: bool
    unaccepted: int
    untrained: int

    def line(self, key: str) -> _Line:
        """Return what stands below a criterion; nothing where it was not counted."""
        return self.lines.get(key, _Line(key, ""))


def studio_of(cohort: Cohort, choice: Choice, *, unaccepted_too: bool = False) -> _Studio:
    """Return who could be matched in this cohort now under a choice, and whom no rule allows."""
    grounds = grounds_of(cohort, choice.limits, unaccepted_too=unaccepted_too)
    counts = count(grounds, choice)
    lines: dict[str, _Line] = {}
    if counts:
        for key, alone in counts.as_must.items():
            lines[key] = _Line(key, _must(alone, choice.weights.get(key, 1)))
        for key, rule in counts.by_rule.items():
            always = grounds.labels[key][1] in ALWAYS_ON
            lines[key] = _Line(key, _rule(rule, counts, always))
    names = {key: label for key, (label, _kind) in grounds.labels.items()}
    stuck = counts.alone if counts else ()
    return _Studio(
        people=people_words(
            None if grounds.one_pool else len(grounds.names), grounds.offerers, grounds.places
        ),
        ready=grounds.ready,
        lines=lines,
        allowed=_allowed(counts),
        alone=_alone(counts),
        stuck=tuple(_Stuck(person.name, _why(person, names)) for person in stuck[:ALONE_SHOWN]),
        more_stuck=max(0, len(stuck) - ALONE_SHOWN),
        problem=grounds.problem,
        too_many=grounds.too_many,
        unaccepted=grounds.unaccepted,
        untrained=grounds.untrained,
    )


def _must(alone: int, weight: int) -> str:
    if not weight:
        return _("Does not count")
    if not alone:
        return _("If required: everybody can still be matched")
    return ngettext(
        "If required: %(n)d mentee could not be matched",
        "If required: %(n)d mentees could not be matched",
        alone,
    ) % {"n": alone}


def _rule(rule: _RuleCount, counts: _Counts, always: bool) -> str:
    if not rule.on:
        return _off(rule, counts)
    sentences = [_("Always on.")] if always else []
    sentences.append(
        ngettext(
            "Rules out %(n)d of %(possible)d pairs.",
            "Rules out %(n)d of %(possible)d pairs.",
            rule.forbids,
        )
        % {"n": rule.forbids, "possible": counts.possible}
    )
    if rule.seekers:
        sentences.append(
            ngettext(
                "Without it %(n)d more person could be matched.",
                "Without it %(n)d more people could be matched.",
                rule.seekers,
            )
            % {"n": rule.seekers}
        )
    return " ".join(sentences)


def _off(rule: _RuleCount, counts: _Counts) -> str:
    if not rule.seekers:
        return _("Off. With it everybody could still be matched.")
    if counts.one_pool:
        return ngettext(
            "Off. Would leave %(n)d person without anyone.",
            "Off. Would leave %(n)d people without anyone.",
            rule.seekers,
        ) % {"n": rule.seekers}
    return ngettext(
        "Off. Would leave %(n)d mentee without anyone.",
        "Off. Would leave %(n)d mentees without anyone.",
        rule.seekers,
    ) % {"n": rule.seekers}


def _allowed(counts: _Counts | None) -> str:
    if counts is None or not counts.possible:
        return ""
    sentence = _("%(allowed)d of %(possible)d pairs are allowed.") % {
        "allowed": counts.allowed,
        "possible": counts.possible,
    }
    if counts.alone_offerers:
        sentence += " " + ngettext(
            "%(n)d mentor may be matched with nobody.",
            "%(n)d mentors may be matched with nobody.",
            counts.alone_offerers,
        ) % {"n": counts.alone_offerers}
    return sentence


def _alone(counts: _Counts | None) -> str:
    if counts is None or not counts.alone:
        return ""
    n = len(counts.alone)
    if counts.one_pool:
        return ngettext(
            "The rules leave %(n)d person without anybody.",
            "The rules leave %(n)d people without anybody.",
            n,
        ) % {"n": n}
    if not counts.places:
        return _("No mentor has a place free.")
    return ngettext(
        "The rules leave %(n)d mentee without any mentor.",
        "The rules leave %(n)d mentees without any mentor.",
        n,
    ) % {"n": n}


def _why(alone: _Alone, names: Mapping[str, str]) -> str:
    if not alone.rules:
        return _("Several rules together, or people set to never together.")
    rules = listed([f"“{names[key]}”" for key in alone.rules])
    return ngettext(
        "Only %(rules)s stands in the way.",
        "Any of %(rules)s would have to go.",
        len(alone.rules),
    ) % {"rules": rules}
