"""Pages of feedback: the same answers signed in, or from a signed link without signing in."""

from feedback.views.answers import (
    assessment,
    check_in,
    open_assessment,
    open_check_in,
    open_rating,
    rating,
)
from feedback.views.fits import fit, open_fit
from feedback.views.reading import cohort_check_ins, notes

__all__ = [
    "assessment",
    "check_in",
    "cohort_check_ins",
    "fit",
    "notes",
    "open_assessment",
    "open_check_in",
    "open_fit",
    "open_rating",
    "rating",
]
