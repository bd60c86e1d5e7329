"""Every survey: a new one is a file beside this one, and its row here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from core.common.rows import row_by_row
from core.members.models import Member
from core.notifications.operations import unsent_about, withdraw
from feedback.assessments.own import ASSESSMENT
from feedback.assessments.peers import PEERS
from feedback.models.surveys import SurveyResponse
from feedback.surveys.base import Survey, open_due
from feedback.surveys.built import BUILT
from feedback.surveys.check_in import CHECK_IN
from feedback.surveys.closing import CLOSING
from feedback.surveys.fit import FIT
from feedback.surveys.items import Questionnaire, my_open_surveys
from feedback.surveys.meeting import MEETING
from feedback.surveys.mutual_feedback import MUTUAL_FEEDBACK
from feedback.surveys.pulse import PULSE
from feedback.surveys.rating import RATING
from feedback.surveys.turn_feedback import TURN_FEEDBACK
from feedback.surveys.voice import VOICE

# surveys of items; those with a form of their own stand below
QUESTIONNAIRES: tuple[Questionnaire, ...] = (
    RATING,
    TURN_FEEDBACK,
    MUTUAL_FEEDBACK,
    VOICE,
    PEERS,
    PULSE,
    CLOSING,
    BUILT,
)
SURVEYS = (CHECK_IN, *(row.survey for row in QUESTIONNAIRES), ASSESSMENT, FIT, MEETING)


def open_due_surveys(*, at: datetime) -> int:
    """Ask whatever is due to be asked; return how many people's questions were opened."""
    return sum(open_due(survey, at=at) for survey in SURVEYS)


@transaction.atomic
def withdraw_emails(*, at: datetime) -> int:
    """Take back the unsent e-mails that ask what has closed or pauses; return how many.

    Surveys of items share a table, and what waits in it is asked for once.
    """
    about = unsent_about()
    if not about:
        return 0
    tables = {survey.opens: survey for survey in SURVEYS}
    return row_by_row(tables.values(), partial(_withdraw, about=about, at=at))


def _withdraw(survey: Survey, *, about: set[UUID], at: datetime) -> int:
    rows = survey.opens._default_manager.filter(pk__in=about)
    closed = rows.exclude(pk__in=survey.waiting(at).values("pk")).values_list("pk", flat=True)
    return sum(withdraw(about=pk) for pk in closed)


@dataclass(frozen=True)
class WaitingSurvey:
    """A survey of items that waits for somebody, with its words for them."""

    response: SurveyResponse
    words: dict[str, str]


def waiting_surveys(member: Member, *, at: datetime) -> list[WaitingSurvey]:
    """Return the surveys of items that wait for this person, what closes first first."""
    by_name = {row.name: row for row in QUESTIONNAIRES}
    return [
        WaitingSurvey(response, by_name[response.survey].words(response))
        for response in my_open_surveys(member, at=at).filter(survey__in=by_name)
    ]
