"""What a solve is to make as large as possible."""

from pairing.engine.board import Aim, Board
from pairing.engine.shapes import FULL_POINTS

COVERAGE = Aim(scale=0, bonus=1, first=1)
MOST_POINTS = 2 * FULL_POINTS  # of a pair that stays together: its score and its bonus


def coverage_from(floor: int) -> Aim:
    """Return the aim that counts people with a partner of at least this score."""
    return Aim(COVERAGE.scale, COVERAGE.bonus, COVERAGE.first, floor)


def best_total(board: Board) -> Aim:
    """Points first; the one left after scaling decides between equals by number of pairs."""
    return Aim(scale=len(board.locked) + 1, bonus=1, first=0)


def people_first(board: Board, floor: int = 0) -> Aim:
    """One more person outweighs all points that any matching could have."""
    most_pairs = int(min(len(board.locked), board.places.sum()))
    person = most_pairs * MOST_POINTS + 1
    return Aim(scale=1, bonus=person, first=person, floor=floor)
