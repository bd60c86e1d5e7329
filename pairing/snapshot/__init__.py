"""What a run is computed from, frozen: taken from a cohort's rows, read back as a problem."""

from pairing.snapshot.collect import criteria_of, take_snapshot
from pairing.snapshot.snapshot import Candidates, CriterionSpec, Shape, Snapshot

__all__ = [
    "Candidates",
    "CriterionSpec",
    "Shape",
    "Snapshot",
    "criteria_of",
    "take_snapshot",
]
