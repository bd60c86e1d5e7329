"""Every survey: a new one is a file beside this one, and its row here."""

from __future__ import annotations

from datetime import datetime

from feedback.surveys.assessment import ASSESSMENT
from feedback.surveys.base import open_due
from feedback.surveys.check_in import CHECK_IN
from feedback.surveys.fit import FIT
from feedback.surveys.rating import RATING

SURVEYS = (CHECK_IN, RATING, ASSESSMENT, FIT)


def open_due_surveys(*, at: datetime) -> int:
    """Ask whatever is due to be asked; return how many people's questions were opened."""
    return sum(open_due(survey, at=at) for survey in SURVEYS)
