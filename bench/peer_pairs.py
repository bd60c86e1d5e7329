"""Pairs of peers with their proof, beside blossom algorithms that get the worths ready made.

    python -m bench.peer_pairs [--quick]

One JSON line a row, then one with the goals; asserts nothing.  The pool is made here, the same
every time.  rustworkx and networkx find a pairing of greatest worth and prove nothing; they are
given every allowed pair.  Ours scores the pool first and ends with prices that bound every
pairing, so its seconds hold more.  All are processor seconds: others use the machine too.
"""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial

import networkx as nx
import numpy as np
import rustworkx

from bench._lines import Lines, asked_quick, worked
from bench.matching import make_side
from pairing.engine.peers.pair import pair_peers
from pairing.engine.peers.shapes import PeersProblem, build_table
from pairing.engine.shapes import Criterion, Kind, Policy, Rule, RuleKind, no_progress
from tests.pairing.engine.verify import verify_pairs

SIZES, QUICK_SIZES = (100, 300, 1000, 3000, 5000), (100, 300)
# times rustworkx's time on the ready worths that ours may not be below; seconds at most
FASTER, WITHIN = {100: 1 / 1.2, 300: 3, 1000: 20}, {3000: 2, 5000: 4}
RUSTWORKX_UP_TO, NETWORKX_UP_TO = 1000, 300


def make_pool(size: int) -> PeersProblem:
    """Return a pool of peers of this size, the same every time."""
    people = make_side(random.Random(size), "p", size, 1)
    return PeersProblem(
        people,
        (
            Criterion("skills", Kind.LEVELS, "skills", "skills", 8),
            Criterion("interests", Kind.OVERLAP, "interests", "interests", 3),
            Criterion("department", Kind.DIFFERENT, "department", "department", 2),
            Criterion("grade", Kind.GAP, "grade", "grade", 5),
            Criterion("zone", Kind.TIMEZONE, "zone", "zone", 4, enough_overlap=300),
        ),
        (Rule("language", RuleKind.MUST_SHARE, "languages", "languages"),),
    )


def nearly_all_met(size: int) -> frozenset[tuple[int, int]]:
    """Return all pairs but those between one third and the rest: a sixth must meet again."""
    third = size // 3
    return frozenset((i, j) for i in range(size) for j in range(i + 1, size) if not i < third <= j)


def by_rustworkx(worth: np.ndarray) -> set[tuple[int, int]]:
    """Return a pairing with as many pairs as can be, then of greatest worth."""
    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from([None] * len(worth))
    graph.add_edges_from([(i, j, int(worth[i, j])) for i, j in possible(worth)])
    return rustworkx.max_weight_matching(graph, max_cardinality=True, weight_fn=int)


def by_networkx(worth: np.ndarray) -> set[tuple[int, int]]:
    """Return the same by networkx."""
    graph = nx.Graph()
    graph.add_weighted_edges_from((i, j, int(worth[i, j])) for i, j in possible(worth))
    pairs: set[tuple[int, int]] = nx.max_weight_matching(graph, maxcardinality=True)
    return pairs


def possible(worth: np.ndarray) -> list[tuple[int, int]]:
    """Return the pairs that no rule forbids."""
    return [(int(i), int(j)) for i, j in np.argwhere(np.triu(worth >= 0, 1))]


def main() -> None:
    """Print the rows and the goals."""
    quick = asked_quick(__doc__)
    lines = Lines("peer_pairs")
    equal, proved = True, True
    pair_peers(make_pool(40))  # compiles, or finds it compiled
    for size in QUICK_SIZES if quick else SIZES:
        problem = make_pool(size)
        seconds, ours = worked(partial(pair_peers, problem, policy=Policy.NOBODY_LEFT_OUT))
        proved = proved and ours.proved
        lines.row(
            "as many pairs, then points", f"{size}", "ours, scored and proved", seconds, size,
            objective=ours.objective, bound=ours.bound, proved=ours.proved,
        )  # fmt: skip
        checking, _none = worked(partial(verify_pairs, problem, ours))
        lines.row("checking the proof", f"{size}", "ours", checking, size)
        worth = build_table(problem, no_progress).worth
        for name, up_to, work in (
            ("rustworkx", RUSTWORKX_UP_TO, by_rustworkx),
            ("networkx", NETWORKX_UP_TO, by_networkx),
        ):
            if size > up_to:
                continue
            theirs, pairs = worked(partial(work, worth))
            objective = sum(int(worth[pair]) for pair in pairs)
            equal = equal and objective == ours.objective
            lines.row(
                "as many pairs, then points", f"{size}", name, theirs, size,
                objective=objective, ratio=round(theirs / seconds, 2),
            )  # fmt: skip
            if name == "rustworkx":
                ratio, bound = theirs / seconds, FASTER[size]
                lines.goal(f"{size}: times faster than rustworkx", bound, ratio, ratio >= bound)
        if size in WITHIN:
            lines.goal(f"{size}: seconds", WITHIN[size], seconds, seconds <= WITHIN[size])
        for policy in (Policy.FAIREST_WORST_CASE, Policy.STABLE):
            taken, answer = worked(partial(pair_peers, problem, policy=policy))
            proved = proved and answer.proved
            lines.row(
                policy.value, f"{size}", "ours, scored and proved", taken, size,
                objective=answer.objective, bound=answer.bound, floor=answer.floor,
                proved=answer.proved,
            )  # fmt: skip
        if size <= RUSTWORKX_UP_TO:
            again = replace(problem, met=nearly_all_met(size))
            taken, answer = worked(partial(pair_peers, again, policy=Policy.NOBODY_LEFT_OUT))
            proved = proved and answer.proved
            lines.row(
                "as many pairs, fewest repeats, then points", f"{size}", "ours, scored and proved",
                taken, size, objective=answer.objective, bound=answer.bound,
                repeats=len(answer.met_again), proved=answer.proved,
            )  # fmt: skip
    lines.goal("the points of every peer that finishes", 1, float(equal), equal)
    lines.goal("every pairing of most points proved", 1, float(proved), proved)
    lines.end()


if __name__ == "__main__":
    main()
