"""What people say of how it goes: check-ins, ratings, competencies, and whether it fits."""

from feedback.models.answers import (
    Assessment,
    AssessmentQuerySet,
    AssessmentRating,
    AssessmentRatingQuerySet,
    CheckIn,
    CheckInNote,
    CheckInNoteQuerySet,
    CheckInQuerySet,
    SessionRating,
    SessionRatingQuerySet,
)
from feedback.models.fits import FitQuestion, FitQuestionQuerySet, FitWords, StaleWarning

__all__ = [
    "Assessment",
    "AssessmentQuerySet",
    "AssessmentRating",
    "AssessmentRatingQuerySet",
    "CheckIn",
    "CheckInNote",
    "CheckInNoteQuerySet",
    "CheckInQuerySet",
    "FitQuestion",
    "FitQuestionQuerySet",
    "FitWords",
    "SessionRating",
    "SessionRatingQuerySet",
    "StaleWarning",
]
