"""What a run is computed from, frozen: taken from a cohort's rows, read back as a problem."""

from pairing.snapshot.collect import criteria_of, take_snapshot
from pairing.snapshot.problem import (
    AnyProblem,
    Sides,
    Snapshot,
    is_peer_pairs,
    names_of,
    problem_of,
    sides_of,
)

__all__ = [
    "AnyProblem",
    "Sides",
    "Snapshot",
    "criteria_of",
    "is_peer_pairs",
    "names_of",
    "problem_of",
    "sides_of",
    "take_snapshot",
]
