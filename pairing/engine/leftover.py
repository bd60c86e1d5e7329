"""Why somebody has no partner: the reason that binds, not a list of all that might."""

from collections.abc import Mapping

import numpy as np

from pairing.engine.board import ALONE, Board, Partners
from pairing.engine.rules import bans_of
from pairing.engine.shapes import LeftOver, Problem, Reason, Side
from pairing.engine.sparse import EVERYBODY


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
    found = []
    for i in np.flatnonzero(partner == ALONE):
        blocked = {key: ban.mask(np.array([i]), EVERYBODY)[0] for key, ban in bans.items()}
        allowed = ~np.logical_or.reduce(list(blocked.values()))
        possible = np.flatnonzero(allowed & (offerer_places > 0))
        room = load[possible] < offerer_places[possible]
        both = [j for j in possible[room] if _mirror_stands(board, partner, int(i), int(j))]
        rules = {key: int(mask.sum()) for key, mask in blocked.items()}
        reason, detail = _reason(
            places=int(seeker_places[i]),
            short=(Reason.FEWER_OFFERERS, {"places": free_places, "seekers": seeking}),
            is_short=free_places < seeking,
            rules=rules,
            possible=len(possible),
            room=int(np.count_nonzero(room)),
            both=len(both),
        )
        found.append(LeftOver(Side.SEEKER, int(i), reason, detail))
    for j in np.flatnonzero(load == 0):
        blocked = {key: ban.mask(EVERYBODY, np.array([j]))[:, 0] for key, ban in bans.items()}
        allowed = ~np.logical_or.reduce(list(blocked.values()))
        possible = np.flatnonzero(allowed & (seeker_places > 0))
        room = partner[possible] == ALONE
        both = [i for i in possible[room] if _mirror_stands(board, partner, int(i), int(j))]
        rules = {key: int(mask.sum()) for key, mask in blocked.items()}
        reason, detail = _reason(
            places=int(offerer_places[j]),
            short=(Reason.FEWER_SEEKERS, {"seekers": seeking, "offerers": offering}),
            is_short=seeking < offering,
            rules=rules,
            possible=len(possible),
            room=int(np.count_nonzero(room)),
            both=len(both),
        )
        found.append(LeftOver(Side.OFFERER, int(j), reason, detail))
    return tuple(found)


def _mirror_stands(board: Board, partner: Partners, i: int, j: int) -> bool:
    mirror = board.mirror(i, j)
    return mirror is not None and bool(partner[mirror[0]] == mirror[1])


def _reason(
    *,
    places: int,
    short: tuple[Reason, Mapping[str, int]],
    is_short: bool,
    rules: Mapping[str, int],
    possible: int,
    room: int,
    both: int,
) -> tuple[Reason, Mapping[str, int]]:
    if not places:
        return Reason.NO_CAPACITY, {}
    if not possible:
        ruled_out = {key: count for key, count in rules.items() if count}
        return (Reason.NO_ALLOWED_PARTNER, ruled_out) if ruled_out else short
    if room and room == both:
        return Reason.BOTH_PARTS, {"allowed": possible}
    if room:  # only a policy that gives up pairs for something else leaves one open
        return Reason.ONLY_LOWER_SCORES, {"allowed": possible}
    return short if is_short else (Reason.CAPACITY_EXHAUSTED, {"allowed": possible})
