"""Reminders of surveys that everybody is expected to answer: after one, two and three weeks."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core.members.languages import in_language_of
from core.notifications.operations import Draft, Link, enqueue_all
from core.notifications.words import in_words_of
from feedback.models.surveys import SurveyResponse
from feedback.surveys.base import reminder_of, to_remind
from feedback.surveys.items import Questionnaire, waiting
from feedback.surveys.table import QUESTIONNAIRES

REMIND_AFTER = (7, 14, 21)  # days after it was asked


@transaction.atomic
def remind_open_surveys(*, at: datetime) -> int:
    """Remind who has not answered; return how many.  Never two at once."""
    by_name = {row.name: row for row in QUESTIONNAIRES}
    rows = list(
        waiting(at)
        .filter(to_remind(REMIND_AFTER, at), survey__in=by_name)
        .exclude(enrolment__member__state="left")
        .select_for_update(of=("self",), skip_locked=True)
        .for_list()
        .order_by("pk")
    )
    reminded = 0
    for number in range(len(REMIND_AFTER), 0, -1):
        ours = [row for row in rows if reminder_of(REMIND_AFTER, row.opened_at, at) == number]
        due = [(by_name[row.survey].of(row), row) for row in ours]
        wanted = [(questionnaire, row) for questionnaire, row in due if questionnaire.reminded]
        if not wanted:
            continue
        SurveyResponse.objects.filter(pk__in=[row.pk for _questionnaire, row in wanted]).update(
            reminders=number
        )
        reminded += len(
            enqueue_all([_reminder(questionnaire, row, number) for questionnaire, row in wanted])
        )
    return reminded


def _reminder(questionnaire: Questionnaire, response: SurveyResponse, number: int) -> Draft:
    enrolment = response.enrolment
    with in_language_of(enrolment.member), in_words_of(enrolment.cohort.program_id):
        words = questionnaire.words(response)
    return Draft(
        member=response.enrolment.member,
        kind="feedback.survey_reminder",
        program=response.enrolment.cohort.program_id,
        dedupe_key=f"survey-reminder:{response.pk}:{number}",
        link=Link(signed=response.survey, object_id=response.pk),
        context={name: words[name] for name in ("title", "subject", "about", "readers")},
        about=response.pk,
        cause=response.enrolment_id,  # several on one day are one e-mail
        needed_by=response.closes_at,
    )
