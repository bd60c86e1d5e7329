"""What others may ask of feedback."""

from feedback.queries.check_ins import CheckInFacts, Response, check_in_facts
from feedback.surveys.assessment import my_open_assessments
from feedback.surveys.check_in import my_open_check_ins
from feedback.surveys.fit import my_open_fit_questions

__all__ = [
    "CheckInFacts",
    "Response",
    "check_in_facts",
    "my_open_assessments",
    "my_open_check_ins",
    "my_open_fit_questions",
]
