"""Each figure once: what it counts, and the counts as they are handed to page, CSV and REST."""

from metrics.definitions.catalogue import (
    CAUSE,
    DEFINITIONS,
    EFFECT,
    END,
    START,
    WEEK,
    definition,
)
from metrics.definitions.shapes import Definition, Figure, Fold, Moment, State, Unit

__all__ = [
    "CAUSE",
    "DEFINITIONS",
    "EFFECT",
    "END",
    "START",
    "WEEK",
    "Definition",
    "Figure",
    "Fold",
    "Moment",
    "State",
    "Unit",
    "definition",
]
