"""What a run gives some pairs beside the criteria: wishes, going first, what is to be different.

All of it is a bonus of the engine: points on top that never lift a pair above 100, so that
rules, places and the proof stay what they are.  Needs no database, as `problem.py`.
Source: docs/adr/0014-choosing-and-parting.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from pairing.engine.blocks import total_points
from pairing.engine.explain import one_of
from pairing.engine.rules import blocked_by_rule
from pairing.engine.score import build_terms, max_points, pair_points
from pairing.engine.shapes import FULL_POINTS, Bonus, Criterion, Kind, Problem, no_progress
from pairing.inputs.snapshot import Snapshot

Pairs = dict[tuple[int, int], int]
Places = Mapping[str, int]
Points = NDArray[np.int64]

WISH, FIRST, AVOIDED = "wish", "first", "avoided"
CIRCLE_WISH = "wishes"  # of everybody in a circle together
PEER_WISH = "wish_of_one"  # among peers a pair has no order, so it is not said whose
# the first wish is worth 20 of 100, or what is missing to 100 if that is less; each later one a
# fifth less, so that the order of the wishes shows however well people fit
WISH_POINTS = 20_000
MOST_WISHES = 5
# who waits for a new partner has 100 with the one who fits best of all that are allowed and free,
# and with any other a quarter of the difference less: so that nobody takes their last chance
FIRST_PART = 4
# which criteria a cause speaks of: for this person those count twice
CAUSES: Mapping[str, frozenset[str]] = {
    "time": frozenset({Kind.AVAILABILITY, Kind.TIMEZONE}),
    "goals": frozenset({Kind.LEVELS, Kind.OVERLAP}),
    "distance": frozenset({Kind.TIMEZONE, Kind.SAME}),
}
PLACES = frozenset({"member:location", "member:time_zone"})


def favour_labels() -> dict[str, str]:
    """Return what the bonuses are called in a table of reasons, by key."""
    labels = {
        f"{key}:{rank}": _("Wish %(n)d") % {"n": rank}
        for key in (WISH, PEER_WISH)
        for rank in range(1, MOST_WISHES + 1)
    }
    return labels | {
        CIRCLE_WISH: _("Wishes"),
        f"{AVOIDED}:time": _("More time in common than before"),
        f"{AVOIDED}:goals": _("Closer goals than before"),
        f"{AVOIDED}:distance": _("Nearer than before"),
        FIRST: _("Has waited for a partner"),
    }


def favours(
    problem: Problem,
    snapshot: Snapshot,
    rows: Places,
    columns: Places,
    *,
    one_pool: bool = False,
) -> tuple[Bonus, ...]:
    """Return the bonuses that a snapshot speaks of, for seekers by `rows`, offerers `columns`.

    With `one_pool` both sides are the same people, and a pair is worth half of each direction.
    """
    bonuses = [*_wishes(problem, snapshot.wishes, rows, columns, one_pool)]
    causes = {who: cause for who, cause in snapshot.avoided if cause in CAUSES}
    different: dict[str, Pairs] = defaultdict(dict)
    first: Pairs = {}
    for who in snapshot.first:
        places = rows.get(who), columns.get(who)
        for line in _lines(problem, snapshot, *places, causes.get(who, ""), one_pool):
            granted = [
                sum(bonus.pairs.get(at, 0) for bonus in (*problem.bonuses, *bonuses))
                for at in line.pairs
            ]
            again = np.minimum(line.again, FULL_POINTS - line.points)
            so_far = np.minimum(line.points + again + np.array(granted, np.int64), FULL_POINTS)
            best = int(so_far[line.allowed].max(initial=0))
            more = FULL_POINTS - so_far - (best - so_far) // FIRST_PART
            for at in np.flatnonzero(line.allowed).tolist():
                if more[at]:  # a pair that fits in full cannot be worth more
                    first[line.pairs[at]] = int(more[at])
                if again[at]:
                    different[f"{AVOIDED}:{causes[who]}"][line.pairs[at]] = int(again[at])
    bonuses += [Bonus(key, pairs) for key, pairs in sorted(different.items())]
    return (*bonuses, Bonus(FIRST, first)) if first else tuple(bonuses)


def circle_favours(problem: Problem, snapshot: Snapshot, places: Places) -> tuple[Bonus, ...]:
    """Return the bonuses of a snapshot for circles: of each person's share of their circle.

    All wishes of one person are worth WISH_POINTS together, however many they are.  What is to
    be different counts twice, by the mean of those who sit with them.  Who goes first has no
    points by it but a seat: in circles nobody else is left over than for want of seats.
    """
    bonuses, others = [], max(1, snapshot.sizes[1] - 1)
    by_asker: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for who, whom, rank in snapshot.wishes:
        if who in places and whom in places:
            by_asker[places[who]].append((places[whom], MOST_WISHES + 1 - rank))
    wishes = {
        (i, j): WISH_POINTS * part // sum(part for _j, part in asked)
        for i, asked in by_asker.items()
        for j, part in asked
    }
    if wishes:
        bonuses.append(Bonus(CIRCLE_WISH, wishes))
    causes = {who: cause for who, cause in snapshot.avoided if cause in CAUSES}
    different: dict[str, Pairs] = defaultdict(dict)
    for who in sorted(set(snapshot.first) & set(causes) & set(places)):
        at = places[who]
        for line in _lines(problem, snapshot, at, at, causes[who], one_pool=True):
            for pair, more in zip(line.pairs, (line.again // others).tolist(), strict=True):
                if more and pair[0] != pair[1]:
                    different[f"{AVOIDED}:{causes[who]}"][pair] = more
    return (*bonuses, *(Bonus(key, pairs) for key, pairs in sorted(different.items())))


@dataclass(frozen=True)
class _Line:
    """One person's pairs: what they are worth, what of it speaks of the cause, which may be."""

    pairs: Sequence[tuple[int, int]]
    points: Points
    again: Points
    allowed: NDArray[np.bool_]


def _lines(
    problem: Problem,
    snapshot: Snapshot,
    row: int | None,
    column: int | None,
    cause: str,
    one_pool: bool,
) -> Iterator[_Line]:
    """Yield a person's line as seeker and as offerer; in one pool the mean of both directions."""
    if row is not None:
        as_seeker = _line(problem, snapshot, "seekers", row, cause)
        if one_pool:
            back = _line(problem, snapshot, "offerers", row, cause)
            as_seeker = _Line(
                as_seeker.pairs,
                (as_seeker.points + back.points) // 2,
                (as_seeker.again + back.again) // 2,
                as_seeker.allowed & back.allowed,
            )
        yield as_seeker
    if column is not None and not one_pool:
        yield _line(problem, snapshot, "offerers", column, cause)


def _line(problem: Problem, snapshot: Snapshot, side: str, place: int, cause: str) -> _Line:
    seeks = side == "seekers"
    theirs = [pair for pair in problem.forbidden if pair[0 if seeks else 1] == place]
    alone = Problem(
        one_of(problem.seekers, place) if seeks else problem.seekers,
        problem.offerers if seeks else one_of(problem.offerers, place),
        problem.criteria,
        problem.rules,
        forbidden=frozenset((0, j) if seeks else (i, 0) for i, j in theirs),
    )
    others = alone.offerers if seeks else alone.seekers
    blocked = np.logical_or.reduce([mask.ravel() for mask in blocked_by_rule(alone).values()])
    again = np.zeros(len(others), np.int64)
    kinds, fields = CAUSES.get(cause, frozenset()), _fields(snapshot)
    for criterion, share in zip(alone.criteria, max_points(alone.criteria), strict=True):
        if criterion.kind in kinds and share and _speaks_of(criterion, fields):
            by_itself = replace(alone, criteria=(replace(criterion, weight=1),))
            full = total_points(by_itself, no_progress).ravel().astype(np.int64)
            again += full * share // FULL_POINTS
    return _Line(
        [(place, other) if seeks else (other, place) for other in range(len(others))],
        total_points(alone, no_progress).ravel().astype(np.int64),
        again,
        ~blocked & (np.array(others.places(), np.int64) > 0),
    )


def _wishes(
    problem: Problem,
    wishes: Sequence[tuple[str, str, int]],
    rows: Places,
    columns: Places,
    one_pool: bool,
) -> Iterator[Bonus]:
    by_rank: dict[int, Pairs] = defaultdict(dict)
    terms = build_terms(problem) if wishes else ()
    for who, whom, rank in wishes:
        if who in rows and whom in columns:
            i, j = rows[who], columns[whom]
            points = sum(pair_points(terms, i, j))
            if one_pool:
                points = (points + sum(pair_points(terms, j, i))) // 2
            most = min(WISH_POINTS, FULL_POINTS - points)
            if worth := most * (MOST_WISHES + 1 - rank) // MOST_WISHES:
                by_rank[rank][i, j] = worth
    key = PEER_WISH if one_pool else WISH
    for rank, pairs in sorted(by_rank.items()):
        yield Bonus(f"{key}:{rank}", pairs)


def _speaks_of(criterion: Criterion, fields: Mapping[str, frozenset[str]]) -> bool:
    """Being in the same place speaks of distance; the same department does not."""
    return criterion.kind != Kind.SAME or bool(fields.get(criterion.key, frozenset()) & PLACES)


def _fields(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    return {spec.key: frozenset(spec.fields) for spec in snapshot.criteria}
