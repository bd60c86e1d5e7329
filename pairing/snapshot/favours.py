"""What a run gives some pairs beside the criteria: wishes, going first, what is to be different.

All of it is a bonus of the engine: points on top that never lift a pair above 100, so that
rules, places and the proof stay what they are.  Needs no database, as `problem.py`.
Source: docs/adr/0014-choosing-and-parting.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from pairing.engine import FULL_POINTS, Bonus, Criterion, Kind, People, Problem
from pairing.engine.score import max_points, total_points
from pairing.engine.shapes import no_progress

Pairs = dict[tuple[int, int], int]
Places = Mapping[str, int]
Points = NDArray[np.int64]

WISH, FIRST, AVOIDED = "wish", "first", "avoided"
PEER_WISH = "wish_of_one"  # among peers a pair has no order, so it is not said whose
KEYS = ("wishes", "first", "avoided")  # where a snapshot keeps them; those of old have none
# the first wish is worth 20 of 100, each later one 4 less
WISH_POINTS = (20_000, 16_000, 12_000, 8_000, 4_000)
# who waits for a new partner gets half of what is missing to 100: among their own possible
# partners the order stays, and they come before almost everybody who has lost nobody
FIRST_SHARE = 2
# which criteria a cause speaks of: for this person those count twice
CAUSES: Mapping[str, frozenset[str]] = {
    "time": frozenset({Kind.AVAILABILITY, Kind.TIMEZONE}),
    "goals": frozenset({Kind.LEVELS, Kind.OVERLAP}),
    "distance": frozenset({Kind.TIMEZONE, Kind.SAME}),
}
PLACES = frozenset({"member:location", "member:time_zone"})


def favour_labels() -> dict[str, dict[str, Any]]:
    """Return what the bonuses are called in a table of reasons, by key."""
    labels = {
        f"{key}:{rank}": _("Wish %(n)d") % {"n": rank}
        for key in (WISH, PEER_WISH)
        for rank in range(1, len(WISH_POINTS) + 1)
    }
    labels |= {
        f"{AVOIDED}:time": _("More time in common than before"),
        f"{AVOIDED}:goals": _("Closer goals than before"),
        f"{AVOIDED}:distance": _("Nearer than before"),
        FIRST: _("Waits for a new partner"),
    }
    return {key: {"label": label, "words": {}} for key, label in labels.items()}


def favours(
    problem: Problem,
    snapshot: Mapping[str, Any],
    rows: Places,
    columns: Places,
    *,
    one_pool: bool = False,
) -> tuple[Bonus, ...]:
    """Return the bonuses that a snapshot speaks of, for seekers by `rows`, offerers `columns`.

    With `one_pool` both sides are the same people, and a pair is worth half of each direction.
    """
    wish = PEER_WISH if one_pool else WISH
    found = [*_wishes(snapshot.get("wishes", []), rows, columns, wish)]
    causes = {who: cause for who, cause in snapshot.get("avoided", []) if cause in CAUSES}
    different: dict[str, Pairs] = defaultdict(dict)
    first: Pairs = {}
    given = [*problem.bonuses, *found]
    for who in snapshot.get("first", []):
        for pair, points, again in _pairs_of(
            problem, snapshot, rows.get(who), columns.get(who), causes.get(who, ""), one_pool
        ):
            if again:
                different[f"{AVOIDED}:{causes[who]}"][pair] = again
            so_far = points + again + sum(each.pairs.get(pair, 0) for each in given)
            first[pair] = max(0, FULL_POINTS - so_far) // FIRST_SHARE
    found += [Bonus(key, pairs) for key, pairs in sorted(different.items())]
    return (*found, Bonus(FIRST, first)) if first else tuple(found)


def _pairs_of(
    problem: Problem,
    snapshot: Mapping[str, Any],
    row: int | None,
    column: int | None,
    cause: str,
    one_pool: bool,
) -> Iterator[tuple[tuple[int, int], int, int]]:
    """Yield each pair of one person, its points, and those of the cause that count twice."""
    if one_pool and row is not None:
        there = _along(problem, snapshot, "seekers", row, cause)
        back = _along(problem, snapshot, "offerers", row, cause)
        for other, both in enumerate((there + back).T.tolist()):
            yield (row, other), both[0] // 2, both[1] // 2
        return
    for side, at in (("seekers", row), ("offerers", column)):
        if at is not None:
            for other, (points, again) in enumerate(
                _along(problem, snapshot, side, at, cause).T.tolist()
            ):
                yield (at, other) if side == "seekers" else (other, at), points, again


def _along(
    problem: Problem, snapshot: Mapping[str, Any], side: str, place: int, cause: str
) -> Points:
    """Return in two rows what one person's pairs are worth, and what of it speaks of the cause."""
    if side == "seekers":
        alone = Problem(_one(problem.seekers, place), problem.offerers, problem.criteria)
    else:
        alone = Problem(problem.seekers, _one(problem.offerers, place), problem.criteria)
    points = total_points(alone, no_progress).ravel().astype(np.int64)
    again = np.zeros_like(points)
    kinds, fields = CAUSES.get(cause, frozenset()), _fields(snapshot)
    for criterion, share in zip(alone.criteria, max_points(alone.criteria), strict=True):
        if criterion.kind in kinds and share and _speaks_of(criterion, fields):
            by_itself = replace(alone, criteria=(replace(criterion, weight=1),))
            full = total_points(by_itself, no_progress).ravel().astype(np.int64)
            again += full * share // FULL_POINTS
    return np.stack([points, again])


def _wishes(
    wishes: Iterable[Sequence[Any]], rows: Places, columns: Places, key: str
) -> Iterator[Bonus]:
    by_rank: dict[int, Pairs] = defaultdict(dict)
    for who, whom, rank in wishes:
        if who in rows and whom in columns:
            by_rank[rank][rows[who], columns[whom]] = WISH_POINTS[rank - 1]
    for rank, pairs in sorted(by_rank.items()):
        yield Bonus(f"{key}:{rank}", pairs)


def _one(people: People, place: int) -> People:
    columns = {name: (values[place],) for name, values in people.columns.items()}
    return People((people.names[place],), columns, (people.places()[place],))


def _speaks_of(criterion: Criterion, fields: Mapping[str, frozenset[str]]) -> bool:
    """Being in the same place speaks of distance; the same department does not."""
    return criterion.kind != Kind.SAME or bool(fields.get(criterion.key, frozenset()) & PLACES)


def _fields(snapshot: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    return {
        each["key"]: frozenset({each["seeker_field"], each["offerer_field"]})
        for each in snapshot["criteria"]
    }
