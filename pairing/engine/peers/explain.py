"""Why two peers, or three, fit: each criterion's points both ways, and the facts behind them."""

from collections.abc import Sequence
from itertools import combinations

from pairing.engine.explain import explain
from pairing.engine.peers.shapes import PeersProblem
from pairing.engine.shapes import Explanation


def explain_peers(problem: PeersProblem, group: Sequence[int]) -> tuple[Explanation, ...]:
    """Return each criterion's part in the points of a pair or a trio; they add up to them.

    Of a pair: reason and evidence are those of the first person with the second; where it is
    not the same the other way round, evidence has `back`: its reason and evidence. Where one of
    the two has not answered, it is `missing_one`. Of a trio:
    reason is `trio`, evidence `pairs`: (first, second, points) for each two of the three.
    """
    two_sides = problem.as_two_sides()
    both_ways = [
        (pair, explain(two_sides, *pair), explain(two_sides, *reversed(pair)))
        for pair in combinations(group, 2)
    ]
    by_pair = [
        _share(
            [a.points + b.points for a, b in zip(there, back, strict=True)],
            parts=2,
        )
        for _pair, there, back in both_ways
    ]
    if len(group) > 2:
        # a bonus is a part of those pairs only that it names
        parts = {
            pair: dict(zip((part.criterion for part in there), points, strict=True))
            for (pair, there, _back), points in zip(both_ways, by_pair, strict=True)
        }
        most: dict[str, int] = {}
        for _pair, there, _back in both_ways:
            for part in there:
                most.setdefault(part.criterion, part.max_points)
        sums = [sum(points.get(key, 0) for points in parts.values()) for key in most]
        shares = _share(sums, parts=len(parts))
        return tuple(
            Explanation(
                key,
                share,
                most[key],
                "trio",
                {"pairs": [(*pair, points.get(key, 0)) for pair, points in parts.items()]},
            )
            for key, share in zip(most, shares, strict=True)
        )
    (_pair, there, back), (points,) = both_ways[0], by_pair
    return tuple(
        Explanation(one.criterion, part, one.max_points, "missing_one", {})
        if one.reason.startswith("missing") and one.reason != "missing_both"
        else Explanation(one.criterion, part, one.max_points, one.reason, _evidence(one, other))
        for one, other, part in zip(there, back, points, strict=True)
    )


def _share(sums: Sequence[int], parts: int) -> tuple[int, ...]:
    """Return each sum ÷ parts in whole points, adjusted by at most one so that they add up."""
    shares = [points // parts for points in sums]
    missing = sum(sums) // parts - sum(shares)
    by_remainder = sorted(range(len(sums)), key=lambda k: (-(sums[k] % parts), k))
    for k in by_remainder[:missing]:
        shares[k] += 1
    return tuple(shares)


def _evidence(there: Explanation, back: Explanation) -> dict[str, object]:
    if back.reason.startswith("missing"):
        return dict(there.evidence)
    mirrored = dict(back.evidence)
    if "seeker" in mirrored:  # same and different say the two values the other way round
        mirrored |= {"seeker": back.evidence["offerer"], "offerer": back.evidence["seeker"]}
    if there.reason == back.reason and mirrored == there.evidence:
        return dict(there.evidence)
    return {**there.evidence, "back": {"reason": back.reason, "evidence": dict(back.evidence)}}
