"""Why two people fit: each criterion's points, the facts behind them, and whose choice it is."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from pairing.engine.board import NOT_ALLOWED, Board, build_board, is_large
from pairing.engine.peers.shapes import PeersProblem
from pairing.engine.score import (
    bonus_points,
    build_terms,
    common_working_minutes,
    is_missing_for_seeker,
    likeness,
    max_points,
    offers_at,
    pair_points,
)
from pairing.engine.shapes import (
    Criterion,
    Explanation,
    Kind,
    Matching,
    People,
    Problem,
    Value,
    no_progress,
)
from pairing.engine.sparse import Ints


def explain(problem: Problem, i: int, j: int) -> tuple[Explanation, ...]:
    """Return each criterion's part in the score of seeker i with offerer j.

    The points add up to the pair's total. `reason` is `<kind>_all`, `_some` or `_none`
    by how much of the points was reached, or `missing_seeker`, `missing_offerer`,
    `missing_both`; `evidence` by kind:
    overlap: shared, lacking. levels: covered, short (skill -> [sought, offered]), lacking.
    same, different: seeker, offerer. gap: gap, ideal. timezone: apart, common (minutes a
    day). availability: common, enough (minutes a week). text: alike (percent).
    A bonus that names the pair comes last, with the reason `bonus_<key>`; evidence: up_to.
    Works for pairs that rules forbid too; see `blocked_by` for those.
    """
    two = Problem(
        one_of(problem.seekers, i), one_of(problem.offerers, j), problem.criteria, problem.rules
    )
    points = pair_points(build_terms(two), 0, 0)
    most = max_points(problem.criteria)
    explained = []
    for criterion, part, whole in zip(problem.criteria, points, most, strict=True):
        seeker = two.seekers.columns[criterion.seeker_column][0]
        offerer = two.offerers.columns[criterion.offerer_column][0]
        missing = _missing(criterion, seeker, offerer)
        if missing:
            explained.append(Explanation(criterion.key, part, whole, missing, {}))
            continue
        evidence, full, some = _evidence(criterion, seeker, offerer, part, whole)
        reached = "all" if full else "some" if some else "none"
        reason = f"{criterion.kind}_{reached}"
        explained.append(Explanation(criterion.key, part, whole, reason, evidence))
    extra = bonus_points(problem.bonuses, i, j, sum(points))
    for bonus, part in zip(problem.bonuses, extra, strict=True):
        most_here = bonus.pairs.get((i, j), 0)
        if most_here:
            evidence = {"up_to": most_here}
            explained.append(
                Explanation(bonus.key, part, most_here, f"bonus_{bonus.key}", evidence)
            )
    return tuple(explained)


def one_of(people: People, index: int) -> People:
    columns = {name: (values[index],) for name, values in people.columns.items()}
    return People((people.names[index],), columns, (people.places()[index],))


def _missing(criterion: Criterion, seeker: Value, offerer: Value) -> str:
    gone = is_missing_for_seeker(criterion, seeker), offerer is None
    words = {(True, True): "both", (True, False): "seeker", (False, True): "offerer"}
    return f"missing_{words[gone]}" if any(gone) else ""


def _evidence(
    criterion: Criterion, seeker: Value, offerer: Value, part: int, whole: int
) -> tuple[Mapping[str, object], bool, bool]:
    """Return the facts, and whether they fit fully or at all (also where the weight is 0)."""
    full, some = part == whole, part > 0
    if criterion.kind is Kind.OVERLAP:
        assert isinstance(seeker, AbstractSet | Mapping)
        assert isinstance(offerer, AbstractSet | Mapping)
        shared, lacking = sorted(set(seeker) & set(offerer)), sorted(set(seeker) - set(offerer))
        return {"shared": shared, "lacking": lacking}, not lacking, bool(shared)
    if criterion.kind is Kind.LEVELS:
        assert isinstance(seeker, Mapping)
        assert isinstance(offerer, Mapping)
        covered, short, absent = {}, {}, []
        for skill, level in sorted(seeker.items()):
            if offers_at(offerer, skill, level):
                covered[skill] = [level, offerer[skill]]
            elif skill in offerer:
                short[skill] = [level, offerer[skill]]
            else:
                absent.append(skill)
        facts = {"covered": covered, "short": short, "lacking": absent}
        return facts, not short and not absent, bool(covered)
    if criterion.kind in {Kind.SAME, Kind.DIFFERENT}:
        fits = (seeker == offerer) is (criterion.kind is Kind.SAME)
        return {"seeker": seeker, "offerer": offerer}, fits, fits
    if criterion.kind is Kind.AVAILABILITY:
        assert isinstance(seeker, int)
        assert isinstance(offerer, int)
        minutes = (seeker & offerer).bit_count() * criterion.slot_minutes
        enough = criterion.enough_overlap
        return {"common": minutes, "enough": enough}, minutes >= enough, minutes > 0
    if criterion.kind is Kind.TEXT:
        assert isinstance(seeker, tuple)
        assert isinstance(offerer, tuple)
        alike = likeness(seeker, offerer)
        return {"alike": alike}, full and alike > 0, some
    assert isinstance(seeker, int | float)
    assert isinstance(offerer, int | float)
    if criterion.kind is Kind.GAP:
        return {"gap": offerer - seeker, "ideal": list(criterion.ideal)}, full, some
    common = common_working_minutes(criterion, seeker, offerer)
    apart = abs(seeker - offerer) % 1440
    clocks = {"apart": min(apart, 1440 - apart), "common": int(common)}
    return clocks, common >= criterion.enough_overlap, common > 0


Rank = tuple[int, int]  # 1 + how many allowed partners would score higher; allowed in all


def own_choices(problem: Problem, matching: Matching) -> list[tuple[Rank, Rank]]:
    """Return for each pair, in order, which choice the offerer is to the seeker, and back.

    Allowed is whom no rule and no empty capacity forbids; that others took them counts for
    nothing, as it is the wish before anybody chose.
    """
    mine = np.array([(p.seeker, p.offerer, p.total) for p in matching.pairs], np.int64)
    seekers, offerers, totals = mine.reshape(-1, 3).T
    wishes = replace(problem, locked=frozenset(), incumbent=frozenset())
    better, of = count_better(build_board(wishes, no_progress), seekers, offerers, totals)
    return [
        ((int(better[0, k]) + 1, int(of[0, k])), (int(better[1, k]) + 1, int(of[1, k])))
        for k in range(len(seekers))
    ]


def ranks(worth: Ints, possible: NDArray[np.bool_], others: Sequence[int]) -> list[Rank]:
    """Return which of their possible partners these are to one person, the best first.

    worth, possible: of everybody with that person.
    """
    better = worth[possible][None, :] > worth[list(others)][:, None]
    return [(int(n) + 1, int(possible.sum())) for n in sorted(better.sum(axis=1))]


def count_better(board: Board, seekers: Ints, offerers: Ints, totals: Ints) -> tuple[Ints, Ints]:
    """Return for each pair how many others would score higher with its seeker and its offerer,
    and how many there are: two rows each."""
    if is_large(board):
        from pairing.engine.large import count_better_compiled  # the compiler is loaded only here

        return count_better_compiled(board, seekers, offerers, totals)
    better, of = np.zeros((2, len(seekers)), np.int64), np.zeros((2, len(seekers)), np.int64)
    for start, scores in board.blocks():
        here = np.flatnonzero((seekers >= start) & (seekers < start + len(scores)))
        mine, theirs = scores[seekers[here] - start], scores[:, offerers]
        of[0, here] = (mine > NOT_ALLOWED).sum(axis=1)
        better[0, here] = (mine > totals[here, None]).sum(axis=1)
        of[1] += (theirs > NOT_ALLOWED).sum(axis=0)
        better[1] += (theirs > totals).sum(axis=0)
    return better, of


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
        else Explanation(
            one.criterion, part, one.max_points, one.reason, _evidence_both_ways(one, other)
        )
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


def _evidence_both_ways(there: Explanation, back: Explanation) -> dict[str, object]:
    if back.reason.startswith("missing"):
        return dict(there.evidence)
    mirrored = dict(back.evidence)
    if "seeker" in mirrored:  # same and different say the two values the other way round
        mirrored |= {"seeker": back.evidence["offerer"], "offerer": back.evidence["seeker"]}
    if there.reason == back.reason and mirrored == there.evidence:
        return dict(there.evidence)
    return {**there.evidence, "back": {"reason": back.reason, "evidence": dict(back.evidence)}}
