"""Once a month a circle is asked, as nobody, whether everybody is heard.

Source: docs/adr/0034-a-circle-hears-it-first.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Exists, OuterRef
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from feedback.models.surveys import SurveyResponse
from feedback.models.voice import CLOSES_ON, last_month
from feedback.queries import seats_to_ask
from feedback.surveys.base import EXTENT, day_words
from feedback.surveys.items import Choice, Occasion, Questionnaire, Scale, Wording
from pairing.models.partnerships import Seat
from programs.models.programs import Program
from sessions.models.sessions import Session

SEATS = 6  # in a smaller circle two voices are too easily told
ENOUGH = 5  # answers, or nothing is said
SIGNAL = 2  # who say so
ASK_UNTIL = 5  # the day of the month: who is asked later would have no time to answer
NOT_HEARD = 2  # "Not at all" or "A little"


def month_of(response: SurveyResponse) -> date:
    return date.fromisoformat(response.occasion)


def _circles_that_met(at: datetime) -> Iterator[Occasion]:
    """Yield who sits in a circle of six or more that held a session last month.

    Where too few could answer for anything to be said, nobody is asked.
    """
    zone = settings_in_force().zone
    today = day_of(at, zone)
    if today.day > ASK_UNTIL:
        return
    month, ended = last_month(today), today.replace(day=1)
    met = Session.objects.filter(
        partnership=OuterRef("partnership"),
        state=Session.State.HELD,
        day__gte=month,
        day__lt=ended,
    )
    table = Seat.objects.open().filter(partnership=OuterRef("partnership")).order_by()
    large = table.values("partnership").annotate(n=Count("pk")).filter(n__gte=SEATS)
    seats = seats_to_ask(today).filter(
        Exists(met),
        Exists(large),
        partnership__cohort__program__format=Program.Format.CIRCLES,
        taken_at__lt=datetime.combine(ended, time(), zone),
    )
    tables: dict[object, list[Seat]] = defaultdict(list)
    for seat in seats.select_related(
        "partnership__organisation", "enrolment__member", "enrolment__cohort__program"
    ).order_by("pk"):
        tables[seat.partnership_id].append(seat)
    closes_at = datetime.combine(ended.replace(day=CLOSES_ON), time(), zone)
    for people in tables.values():
        if len(people) >= ENOUGH:
            for seat in people:
                yield Occasion(
                    seat.enrolment, seat=seat, key=month.isoformat(), closes_at=closes_at
                )


def _facts(response: SurveyResponse) -> Mapping[str, str]:
    return {
        "month": date_format(month_of(response), "F"),
        "until": day_words(day_of(response.closes_at) - timedelta(days=1)),
    }


VOICE = Questionnaire(
    name="voice",
    wording=Wording(
        title=_("Say how your circle talks"),
        heading=_("Is everybody heard, %(name)s?"),
        subject=_("Is everybody heard in %(partnership)s?"),
        about=_("%(partnership)s, your sessions in %(month)s."),
        readers=_(
            "Without your name: nothing leads from an answer to who gave it. After %(until)s the"
            " answers are deleted. If five or more of you answered, and two or more were not heard"
            " or say that somebody dominated, your circle reads that, never how many and never who."
            " If it is so in two months running, your coordinator reads it too."
        ),
        closed=_("It could be answered until %(until)s."),
    ),
    items=(
        Scale("heard", _("I was heard"), EXTENT),
        Choice(
            "dominated",
            _("Did somebody dominate our meetings?"),
            (("no", _("No")), ("yes", _("Yes"))),
        ),
    ),
    occasions=_circles_that_met,
    facts=_facts,
    anonymous=True,
)
