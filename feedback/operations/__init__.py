"""Every change to check-ins, ratings, self-assessments, and partnerships that end by themselves."""

from feedback.operations.assessments import open_due_assessments, save_assessment
from feedback.operations.check_ins import (
    answer_check_in,
    open_due_check_ins,
    remind_open_check_ins,
)
from feedback.operations.endings import (
    end_partnerships_whose_time_is_over,
    lapse_stale_partnerships,
    warn_stale_partnerships,
)
from feedback.operations.fits import answer_fit, open_due_fit_questions
from feedback.operations.ratings import open_due_ratings, rate_session

__all__ = [
    "answer_check_in",
    "answer_fit",
    "end_partnerships_whose_time_is_over",
    "lapse_stale_partnerships",
    "open_due_assessments",
    "open_due_check_ins",
    "open_due_fit_questions",
    "open_due_ratings",
    "rate_session",
    "remind_open_check_ins",
    "save_assessment",
    "warn_stale_partnerships",
]
