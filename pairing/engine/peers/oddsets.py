"""Which odd sets of people a fractional answer breaks.

A set S of 2k + 1 people holds more than k pairs exactly where the pairs that leave S, and what
its members have left to give, come to less than 1.  So the sets looked for are odd cuts of less
than 1 in the graph of the pairs chosen in part, with one more place for what is left over.
The smallest odd cut is one of those that a cut tree names (Padberg and Rao 1982); the tree takes
one maximum flow a person (Gusfield 1990).
"""

from collections.abc import Iterator, Mapping

import numpy as np
from ortools.graph.python import max_flow

Shares = Mapping[tuple[int, int], float]
Edges = list[tuple[int, int, int]]

WHOLE = 1 << 20  # a whole pair, as the flow counts
LEAST = WHOLE >> 10  # a cut must be smaller than a whole pair by this much to count


def broken_sets(shares: Shares) -> Iterator[frozenset[int]]:
    """Yield odd sets of people that hold more pairs than they may; each is broken for certain."""
    for people in _hanging_together(shares):
        if len(people) % 2 and _is_broken(people, shares):
            yield people
            continue
        members = sorted(people)
        edges = _edges(members, shares)
        for side in _cuts(edges, len(members) + 1):
            places = side if len(members) not in side else set(range(len(members))) - side
            chosen = frozenset(members[place] for place in places)
            if len(chosen) % 2 and len(chosen) > 1 and _is_broken(chosen, shares):
                yield chosen


def _is_broken(people: frozenset[int], shares: Shares) -> bool:
    inside = sum(x for (i, j), x in shares.items() if i in people and j in people)
    return inside > len(people) // 2 + LEAST / WHOLE


def _hanging_together(shares: Shares) -> list[frozenset[int]]:
    """Return the people joined by pairs that are chosen in part, set by set."""
    group: dict[int, set[int]] = {}
    for (i, j), share in shares.items():
        if share > 1 - LEAST / WHOLE:
            continue
        one, other = group.setdefault(i, {i}), group.setdefault(j, {j})
        if one is not other:
            one |= other
            for person in other:
                group[person] = one
    different = {id(people): people for people in group.values()}
    return [frozenset(people) for people in different.values() if len(people) > 2]


def _edges(members: list[int], shares: Shares) -> Edges:
    """Return the pairs among these people with their shares, and to the last place what is left."""
    place = {i: k for k, i in enumerate(members)}
    left = [WHOLE] * len(members)
    edges = []
    for (i, j), share in shares.items():
        if i in place and j in place:
            units = round(share * WHOLE)
            edges.append((place[i], place[j], units))
            left[place[i]] -= units
            left[place[j]] -= units
    return edges + [(k, len(members), units) for k, units in enumerate(left) if units > 0]


def _cuts(edges: Edges, places: int) -> Iterator[set[int]]:
    """Yield one side of each cut of a cut tree that is smaller than a whole pair."""
    above = [0] * places
    size = [0] * places
    for s in range(1, places):
        t = above[s]
        flow, side = _smallest_cut(edges, s, t)
        size[s] = flow
        for i in range(places):
            if i != s and i in side and above[i] == t:
                above[i] = s
        if above[t] in side:
            above[s], above[t] = above[t], s
            size[s], size[t] = size[t], flow
    below: list[set[int]] = [{i} for i in range(places)]
    for i in sorted(range(1, places), key=lambda i: -_depth(above, i)):
        below[above[i]] |= below[i]
    for i in range(1, places):
        if size[i] < WHOLE - LEAST:
            yield below[i]


def _depth(above: list[int], i: int) -> int:
    steps = 0
    while above[i] != i:
        i, steps = above[i], steps + 1
    return steps


def _smallest_cut(edges: Edges, s: int, t: int) -> tuple[int, set[int]]:
    flow = max_flow.SimpleMaxFlow()
    ends = np.array(edges, np.int64)
    flow.add_arcs_with_capacity(
        ends[:, 0].astype(np.int32), ends[:, 1].astype(np.int32), ends[:, 2]
    )
    flow.add_arcs_with_capacity(
        ends[:, 1].astype(np.int32), ends[:, 0].astype(np.int32), ends[:, 2]
    )
    flow.solve(s, t)
    return int(flow.optimal_flow()), {int(i) for i in flow.get_source_side_min_cut()}
