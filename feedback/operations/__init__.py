"""Every change to check-ins, ratings, self-assessments, and partnerships that end by themselves."""

from feedback.operations.endings import (
    end_partnerships_whose_time_is_over,
    lapse_stale_partnerships,
    warn_stale_partnerships,
)
from feedback.surveys.assessment import save_assessment
from feedback.surveys.check_in import answer_check_in, remind_open_check_ins
from feedback.surveys.fit import answer_fit
from feedback.surveys.rating import rate_session
from feedback.surveys.table import open_due_surveys

__all__ = [
    "answer_check_in",
    "answer_fit",
    "end_partnerships_whose_time_is_over",
    "lapse_stale_partnerships",
    "open_due_surveys",
    "rate_session",
    "remind_open_check_ins",
    "save_assessment",
    "warn_stale_partnerships",
]
