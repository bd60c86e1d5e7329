"""Why somebody has no partner, the reason that binds; who has the best place; what would help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pairing.engine.blocks import scores_between
from pairing.engine.board import ALONE, Board, Partners
from pairing.engine.rules import SAME_PERSON, Ban, bans_of
from pairing.engine.shapes import LeftOver, LeftOverReason, Matching, Problem, Side
from pairing.engine.sparse import EVERYBODY, Ints

MOST_EXPLAINED = 500  # people on each side; their scores with everybody are computed once more
_Row = tuple[LeftOver, Ints, Mapping[str, NDArray[np.bool_]]]


def find_left_over(problem: Problem, board: Board, partner: Partners) -> tuple[LeftOver, ...]:
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
    left_over = []
    for i in np.flatnonzero(partner == ALONE):
        blocked = {key: ban.mask(np.array([i]), EVERYBODY)[0] for key, ban in bans.items()}
        allowed = ~np.logical_or.reduce(list(blocked.values()))
        possible = np.flatnonzero(allowed & (offerer_places > 0))
        room = load[possible] < offerer_places[possible]
        both = [j for j in possible[room] if _mirror_stands(board, partner, int(i), int(j))]
        rules = {key: int(mask.sum()) for key, mask in blocked.items()}
        reason, detail = _reason(
            places=int(seeker_places[i]),
            short=(LeftOverReason.FEWER_OFFERERS, {"places": free_places, "seekers": seeking}),
            is_short=free_places < seeking,
            rules=rules,
            possible=len(possible),
            room=int(np.count_nonzero(room)),
            both=len(both),
        )
        left_over.append(LeftOver(Side.SEEKER, int(i), reason, detail))
    for j in np.flatnonzero(load == 0):
        blocked = {key: ban.mask(EVERYBODY, np.array([j]))[:, 0] for key, ban in bans.items()}
        allowed = ~np.logical_or.reduce(list(blocked.values()))
        possible = np.flatnonzero(allowed & (seeker_places > 0))
        room = partner[possible] == ALONE
        both = [i for i in possible[room] if _mirror_stands(board, partner, int(i), int(j))]
        rules = {key: int(mask.sum()) for key, mask in blocked.items()}
        reason, detail = _reason(
            places=int(offerer_places[j]),
            short=(LeftOverReason.FEWER_SEEKERS, {"seekers": seeking, "offerers": offering}),
            is_short=seeking < offering,
            rules=rules,
            possible=len(possible),
            room=int(np.count_nonzero(room)),
            both=len(both),
        )
        left_over.append(LeftOver(Side.OFFERER, int(j), reason, detail))
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
class Remedy:
    """without: rule key -> partners with a place who would be possible without that one rule."""

    without: Mapping[str, int] = field(default_factory=dict)
    rival: _Rival | None = None


def remedies(problem: Problem, matching: Matching) -> dict[tuple[Side, int], Remedy]:
    """Return what stands between each person left over and a partner.

    At most MOST_EXPLAINED people a side; the others are not in it.
    """
    holders: dict[int, list[tuple[int, int]]] = {}
    has: dict[int, tuple[int, int]] = {}
    for pair in matching.pairs:
        holders.setdefault(pair.offerer, []).append((pair.total, pair.seeker))
        has[pair.seeker] = (pair.total, pair.offerer)
    by_person: dict[tuple[Side, int], Remedy] = {}
    bans = bans_of(problem)
    for person, scores, blocked in _rows(problem, matching.left_over, bans):
        places = np.array(problem.offerers.places()) > 0
        best = _best(scores, places & ~_any(blocked))
        rival = None
        if best is not None and (held := holders.get(best)):
            free = [one for one in held if (one[1], best) not in problem.locked]
            points, seeker = min(free or held)
            rival = _Rival(best, int(scores[best]), seeker, points, not free)
        by_person[person.side, person.index] = Remedy(_without(blocked, places), rival)
    for person, scores, blocked in _columns(problem, matching.left_over, bans):
        places = np.array(problem.seekers.places()) > 0
        best = _best(scores, places & ~_any(blocked))
        rival = None
        if best is not None and best in has:
            points, offerer = has[best]
            locked = (best, offerer) in problem.locked
            rival = _Rival(best, int(scores[best]), offerer, points, locked)
        by_person[person.side, person.index] = Remedy(_without(blocked, places), rival)
    return by_person


def _rows(problem: Problem, left: Sequence[LeftOver], bans: Mapping[str, Ban]) -> list[_Row]:
    alone = [person for person in left if person.side is Side.SEEKER][:MOST_EXPLAINED]
    rows = np.array([person.index for person in alone], np.int64)
    scores = scores_between(problem, rows.tolist(), range(len(problem.offerers)))
    return [
        (
            person,
            scores[place],
            {key: ban.mask(rows[[place]], EVERYBODY)[0] for key, ban in bans.items()},
        )
        for place, person in enumerate(alone)
    ]


def _columns(problem: Problem, left: Sequence[LeftOver], bans: Mapping[str, Ban]) -> list[_Row]:
    alone = [person for person in left if person.side is Side.OFFERER][:MOST_EXPLAINED]
    columns = np.array([person.index for person in alone], np.int64)
    scores = scores_between(problem, range(len(problem.seekers)), columns.tolist())
    return [
        (
            person,
            scores[:, place],
            {key: ban.mask(EVERYBODY, columns[[place]])[:, 0] for key, ban in bans.items()},
        )
        for place, person in enumerate(alone)
    ]


def _any(blocked: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.bool_]:
    either: NDArray[np.bool_] = np.logical_or.reduce(list(blocked.values()))
    return either


def _best(scores: Ints, allowed: NDArray[np.bool_]) -> int | None:
    possible = np.flatnonzero(allowed)
    return int(possible[np.argmax(scores[possible])]) if possible.size else None


def _without(blocked: Mapping[str, NDArray[np.bool_]], places: NDArray[np.bool_]) -> dict[str, int]:
    """Return for each rule how many partners with a place it alone keeps out."""
    often = np.sum(list(blocked.values()), axis=0)
    alone = {key: int((mask & (often == 1) & places).sum()) for key, mask in blocked.items()}
    return {key: n for key, n in alone.items() if n and key != SAME_PERSON}
