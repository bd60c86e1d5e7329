"""Why somebody has no partner, the reason that binds; who has the best place; what would help."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from pairing.engine.blocks import Scorer
from pairing.engine.board import ALONE, Board, Partners
from pairing.engine.rules import SAME_PERSON, Ban, bans_of
from pairing.engine.score import Floats
from pairing.engine.shapes import LeftOverReason, Matching, Problem, Side, Unmatched
from pairing.engine.sparse import EVERYBODY

PAIRS_AT_ONCE = 4_000_000  # scored together for people without a partner


def find_left_over(problem: Problem, board: Board, partner: Partners) -> tuple[Unmatched, ...]:
    """Return seekers, then offerers, without any partner and why; `partner` includes locks."""
    _n, m = board.shape
    load = np.bincount(partner[partner != ALONE], minlength=m)
    if (partner != ALONE).all() and load.all():
        return ()
    bans = bans_of(problem)
    offerer_places = np.array(problem.offerers.places(), np.int64)
    seeker_places = np.array(problem.seekers.places(), np.int64)
    free_places, seeking = int(offerer_places.sum()), int(seeker_places.sum())
    offering = int(np.count_nonzero(offerer_places))
    few_offerers = LeftOverReason.FEWER_OFFERERS, {"places": free_places, "seekers": seeking}
    few_seekers = LeftOverReason.FEWER_SEEKERS, {"seekers": seeking, "offerers": offering}
    no_offerer, open_place = partner == ALONE, load < offerer_places
    left_over = []
    for side, alone, places, others, has_room, short, is_short in (
        (
            Side.SEEKER,
            no_offerer,
            seeker_places,
            offerer_places,
            open_place,
            few_offerers,
            free_places < seeking,
        ),
        (
            Side.OFFERER,
            load == 0,
            offerer_places,
            seeker_places,
            no_offerer,
            few_seekers,
            seeking < offering,
        ),
    ):
        for number in np.flatnonzero(alone).tolist():
            blocked = _blocked(bans, side, number)
            possible = np.flatnonzero(~_any(blocked) & (others > 0))
            room = possible[has_room[possible]].tolist()
            pairs = [(number, k) if side is Side.SEEKER else (k, number) for k in room]
            reason, detail = _reason(
                places=int(places[number]),
                short=short,
                is_short=is_short,
                rules={key: int(mask.sum()) for key, mask in blocked.items()},
                possible=len(possible),
                room=len(room),
                both=sum(_mirror_stands(board, partner, i, j) for i, j in pairs),
            )
            left_over.append(Unmatched(side, number, reason, detail))
    return tuple(left_over)


def _mirror_stands(board: Board, partner: Partners, i: int, j: int) -> bool:
    mirror = board.mirror(i, j)
    return mirror is not None and bool(partner[mirror[0]] == mirror[1])


def _reason(
    *,
    places: int,
    short: tuple[LeftOverReason, Mapping[str, int]],
    is_short: bool,
    rules: Mapping[str, int],
    possible: int,
    room: int,
    both: int,
) -> tuple[LeftOverReason, Mapping[str, int]]:
    if not places:
        return LeftOverReason.NO_CAPACITY, {}
    if not possible:
        ruled_out = {key: count for key, count in rules.items() if count}
        return (LeftOverReason.NO_ALLOWED_PARTNER, ruled_out) if ruled_out else short
    if room and room == both:
        return LeftOverReason.BOTH_PARTS, {"allowed": possible}
    if room:  # only a policy that gives up pairs for something else leaves one open
        return LeftOverReason.ONLY_LOWER_SCORES, {"allowed": possible}
    return short if is_short else (LeftOverReason.CAPACITY_EXHAUSTED, {"allowed": possible})


@dataclass(frozen=True)
class _Rival:
    """The best possible partner, and who has that place.

    partner: index on the other side; points with them. rival: index on the own side, the
    weakest of those who were given the place; rival_points with the same partner.
    locked: the rival holds the place by a lock.
    """

    partner: int
    points: int
    rival: int
    rival_points: int
    locked: bool


@dataclass(frozen=True)
class Hindrance:
    """without: rule key -> partners with a place who would be possible without that one rule."""

    without: Mapping[str, int] = field(default_factory=dict)
    rival: _Rival | None = None


def find_hindrances(problem: Problem, matching: Matching) -> dict[tuple[Side, int], Hindrance]:
    """Return what stands between each person left over and a partner."""
    # by the side whose place it is and who gives it: (locked, points, who has it)
    holders: dict[tuple[Side, int], list[tuple[bool, int, int]]] = {}
    for pair in matching.pairs:
        locked = (pair.seeker, pair.offerer) in problem.locked
        for side, giver, holder in (
            (Side.SEEKER, pair.offerer, pair.seeker),
            (Side.OFFERER, pair.seeker, pair.offerer),
        ):
            holders.setdefault((side, giver), []).append((locked, pair.total, holder))
    by_person: dict[tuple[Side, int], Hindrance] = {}
    bans, scorer = bans_of(problem), Scorer.of(replace(problem, incumbent=frozenset()))
    for side, others in (Side.SEEKER, problem.offerers), (Side.OFFERER, problem.seekers):
        places = np.array(others.places()) > 0
        alone = [left.index for left in matching.left_over if left.side is side]
        for number, scores in _scores(scorer, side, alone, len(others)):
            blocked = _blocked(bans, side, number)
            best = _best(scores, places & ~_any(blocked))
            rival = None
            if best is not None and (held := holders.get((side, best))):
                locked, points, holder = min(held)  # of those who could lose it, the weakest
                rival = _Rival(best, int(scores[best]), holder, points, locked)
            by_person[side, number] = Hindrance(_without(blocked, places), rival)
    return by_person


def _scores(
    scorer: Scorer, side: Side, alone: Sequence[int], others: int
) -> Iterator[tuple[int, Floats]]:
    """Yield each of these people of one side with what they score with everybody on the other."""
    at_once = max(1, PAIRS_AT_ONCE // max(1, others))
    for start in range(0, len(alone), at_once):
        some = np.array(alone[start : start + at_once], np.int64)
        scores = scorer.block(some) if side is Side.SEEKER else scorer.block(EVERYBODY, some).T
        yield from zip(some.tolist(), scores, strict=True)


def _blocked(bans: Mapping[str, Ban], side: Side, number: int) -> dict[str, NDArray[np.bool_]]:
    """Return by rule whom on the other side it keeps from this person."""
    one = np.array([number])
    if side is Side.SEEKER:
        return {key: ban.mask(one, EVERYBODY)[0] for key, ban in bans.items()}
    return {key: ban.mask(EVERYBODY, one)[:, 0] for key, ban in bans.items()}


def _any(blocked: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.bool_]:
    either: NDArray[np.bool_] = np.logical_or.reduce(list(blocked.values()))
    return either


def _best(scores: Floats, allowed: NDArray[np.bool_]) -> int | None:
    possible = np.flatnonzero(allowed)
    return int(possible[np.argmax(scores[possible])]) if possible.size else None


def _without(blocked: Mapping[str, NDArray[np.bool_]], places: NDArray[np.bool_]) -> dict[str, int]:
    """Return for each rule how many partners with a place it alone keeps out."""
    often = np.sum(list(blocked.values()), axis=0)
    alone = {key: int((mask & (often == 1) & places).sum()) for key, mask in blocked.items()}
    return {key: n for key, n in alone.items() if n and key != SAME_PERSON}
