"""Every change to check-ins, ratings and self-assessments."""

from feedback.operations.assessments import open_due_assessments, save_assessment
from feedback.operations.check_ins import (
    answer_check_in,
    open_due_check_ins,
    remind_open_check_ins,
)
from feedback.operations.ratings import open_due_ratings, rate_session

__all__ = [
    "answer_check_in",
    "open_due_assessments",
    "open_due_check_ins",
    "open_due_ratings",
    "rate_session",
    "remind_open_check_ins",
    "save_assessment",
]
