"""The pulse: two taps on day 30 and every 60 days after, while a cohort is under way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from feedback.models.surveys import SurveyResponse
from feedback.released import Answer, Counts, Reading
from feedback.surveys.base import EXTENT
from feedback.surveys.items import Occasion, Questionnaire, Scale, Wording, midnight
from programs.models.programs import Cohort, Enrolment

FIRST, EVERY = timedelta(days=30), timedelta(days=60)
WINDOW = timedelta(days=14)
SCORED_HIGH = 4  # of five, and above: satisfied
# one answer: which it is, whose, and the mark
Row: TypeAlias = tuple[UUID, frozenset[UUID], int]
SATISFIED = (
    _("Not at all satisfied"),
    _("A little"),
    _("Partly"),
    _("Mostly"),
    _("Fully satisfied"),
)


def _round_of(began: date, last_day: date, today: date) -> date | None:
    """Return the day on which the pulse that is open today opened."""
    past = today - began - FIRST
    if past < timedelta(0):
        return None
    opened = began + FIRST + EVERY * (past // EVERY)
    return opened if today < opened + WINDOW and opened < last_day else None


def _who_takes_part(at: datetime) -> Iterator[Occasion]:
    zone = settings_in_force().zone
    today = day_of(at, zone)
    people = Enrolment.objects.filter(
        state=Enrolment.State.ACTIVE,
        started_at__isnull=False,
        cohort__phase__in=(Cohort.Phase.RUNNING, Cohort.Phase.CLOSING),
        cohort__starts_on__lte=today - FIRST,
    )
    for enrolment in people.for_list().order_by("pk"):
        cohort = enrolment.cohort
        assert enrolment.started_at is not None
        joined = day_of(enrolment.started_at, zone)
        # all of a cohort on one day; in a rolling one each person has their own
        began = joined if cohort.is_rolling else cohort.starts_on
        opened = _round_of(began, cohort.last_day_from(began), today)
        if opened is not None and joined + FIRST <= today:
            yield Occasion(
                enrolment,
                closes_at=midnight(opened + WINDOW, zone),
                key=f"d{(opened - began).days}",
            )


PULSE = Questionnaire(
    name="pulse",
    wording=Wording(
        title=_("Two questions about the program"),
        heading=_("How is it going, %(name)s?"),
        subject=_("How satisfied are you with %(program)s?"),
        about=_("About %(program)s as a whole."),
        readers=_("Nobody sees your answers by themselves, only totals."),
        closed=_("These questions can be answered for 14 days."),
    ),
    items=(
        Scale("satisfied", _("How satisfied are you with the program so far?"), SATISFIED),
        Scale("helps", _("Does it help you in your work?"), EXTENT, required=False),
    ),
    occasions=_who_takes_part,
)


def satisfaction_readings(cohort_id: UUID, key: str) -> Iterator[Reading]:
    """Yield how satisfied people said they are in every pulse of a cohort, from 1 to 5."""
    yield satisfaction_reading(_satisfied(cohort_id), key)


def satisfied_readings(cohort_id: UUID, key: str) -> Iterator[Reading]:
    """Yield who answered 4 or 5 in every pulse of a cohort."""
    yield satisfied_reading(_satisfied(cohort_id), key)


def satisfaction_reading(rows: Iterable[Row], key: str = "satisfaction") -> Reading:
    return Reading(key, "", [Answer(pk, who, _said(n), (n, 1)) for pk, who, n in rows])


def satisfied_reading(rows: Iterable[Row], key: str = "satisfied") -> Reading:
    return Reading(key, "", [Answer(pk, who, _said(n), (_said(n)[1], 1)) for pk, who, n in rows])


def _said(mark: int) -> Counts:
    """Return what nobody may know of who gave a mark: the mark, and whether they are satisfied.

    Of both figures, so that a step is shown of both or of none.  Were everybody satisfied, or
    nobody, and the share alone set aside, a mean above or below 3 would tell which.
    """
    return mark, int(mark >= SCORED_HIGH)


def _satisfied(cohort_id: UUID) -> list[Row]:
    rows = SurveyResponse.objects.filter(survey=PULSE.name, enrolment__cohort=cohort_id)
    given = rows.exclude(answered_at=None).order_by("pk")
    values = given.values_list("pk", "enrolment", "answers__satisfied")
    return [(pk, frozenset({enrolment}), value) for pk, enrolment, value in values]
