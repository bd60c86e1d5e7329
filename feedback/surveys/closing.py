"""The closing survey: anonymous, on the last day of a cohort, with a reminder each week.

It outlives the cohort: it may be answered for four weeks, also after the cohort was closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from feedback.surveys.base import EXTENT
from feedback.surveys.built import OF_ANYBODY, TOOK_PART
from feedback.surveys.items import Choice, Occasion, Questionnaire, Scale, Wording, Words, midnight
from programs.models.programs import Cohort, Enrolment

WINDOW = timedelta(days=28)  # the three reminders lie within


def _who_took_part(at: datetime) -> Iterator[Occasion]:
    """Yield those of cohorts whose last day has come.  A rolling one has none."""
    zone = settings_in_force().zone
    today = day_of(at, zone)
    people = Enrolment.objects.filter(
        state__in=TOOK_PART,
        cohort__phase__in=(Cohort.Phase.RUNNING, Cohort.Phase.CLOSING, Cohort.Phase.CLOSED),
        cohort__ends_on__lte=today,
        cohort__ends_on__gt=today - WINDOW,
    )
    for enrolment in people.for_list().order_by("pk"):
        ends_on = enrolment.cohort.ends_on
        assert ends_on is not None
        yield Occasion(enrolment, closes_at=midnight(ends_on + WINDOW, zone), key="end")


CLOSING = Questionnaire(
    name="closing",
    wording=Wording(
        title=_("Look back"),
        heading=_("What was it worth, %(name)s?"),
        subject=_("What was %(program)s worth to you?"),
        about=_("About %(program)s as a whole, now that it is over."),
        readers=OF_ANYBODY,
        closed=_("This survey can be answered for four weeks after the last day."),
    ),
    items=(
        Scale("worth", _("Was it worth your time?"), EXTENT),
        Scale("learned", _("Did you learn what you had hoped to?"), EXTENT),
        Choice(
            "again",
            _("Would you take part again?"),
            (("yes", _("Yes")), ("maybe", _("Maybe")), ("no", _("No"))),
        ),
        Words("helped", _("What helped you most?")),
        Words("change", _("What should be different next time?")),
    ),
    occasions=_who_took_part,
    anonymous=True,
    reminded=True,
)
