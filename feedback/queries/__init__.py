"""What others may ask of feedback."""

from feedback.queries.assessments import (
    assessment_is_open,
    my_open_assessments,
    ratings_of,
)
from feedback.queries.check_ins import (
    CheckInFacts,
    Readers,
    check_in_facts,
    my_note,
    my_open_check_ins,
    readers_of,
)
from feedback.queries.fits import fit_words, my_open_fit_questions
from feedback.queries.ratings import came_to, my_rateable_session

__all__ = [
    "CheckInFacts",
    "Readers",
    "assessment_is_open",
    "came_to",
    "check_in_facts",
    "fit_words",
    "my_note",
    "my_open_assessments",
    "my_open_check_ins",
    "my_open_fit_questions",
    "my_rateable_session",
    "ratings_of",
    "readers_of",
]
