"""Feedback to whoever led: on one form with the rating, from those who came to a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from feedback.models.surveys import SurveyResponse
from feedback.surveys.base import EXTENT
from feedback.surveys.items import Occasion, Questionnaire, ReadBy, Scale, Wording, Words
from feedback.surveys.rating import CIRCLE, TO_THE_LEADER, WORTH, came, shown_outside
from pairing.models.partnerships import Seat


def _the_others(at: datetime) -> Iterator[Occasion]:
    """Yield who came to a circle, except the one who led; its key is the seat of that one."""
    for one in came(at):
        if one.people >= CIRCLE and one.leader not in (None, one.attendance.seat_id):
            yield one.occasion(key=str(one.leader))


def seat_of_leader(response: SurveyResponse) -> Seat:
    return Seat.objects.select_related("enrolment__member").get(pk=response.occasion)


def _whoever_led(response: SurveyResponse) -> ReadBy:
    return ReadBy([seat_of_leader(response).enrolment.member_id])


def _names(response: SurveyResponse) -> Mapping[str, str]:
    leader = seat_of_leader(response).enrolment.member.given_name
    return {"leader": leader, **shown_outside(response)}


TURN_FEEDBACK = Questionnaire(
    name=TO_THE_LEADER,
    wording=Wording(
        title=_("How was the session?"),
        heading=_("How was the session, %(name)s?"),
        subject=_("How was the session of %(day)s that %(leader)s led?"),
        about=_("%(partnership)s, your session of %(day)s, led by %(leader)s."),
        readers=_(
            "Confidential, not anonymous. Your circle sees the average rating from 4 ratings on,"
            " your coordinator from %(k)s and not if all agree. %(leader)s sees whether everybody"
            " got a turn from 3 answers on, and your words from 5, mixed and without names. It is"
            " shown from the next day on; averages then stay as they are."
        ),
        closed=_("A session can be rated for 14 days, unless the partnership breaks off."),
    ),
    items=(
        WORTH,
        Scale("turns", _("Did everybody get a turn?"), EXTENT),
        Words("helped", _("What did the one who led do that helped?")),
        Words("try", _("What could they try next time?")),
    ),
    occasions=_the_others,
    read_by=_whoever_led,
    facts=_names,
)
