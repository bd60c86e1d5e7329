"""Peers rate each other's skills, as nobody: three rate each, and only averages are shown.

Who was asked and has answered stands in SurveyResponse, what was answered in a box of the one who
is rated (feedback/surveys/anonymous.py): nothing leads from a mark to who gave it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Count, Exists, OuterRef
from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _

from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from feedback.assessments.asking import RATERS, assign
from feedback.assessments.moments import PEERS_ANSWER, moment_for_peers
from feedback.assessments.rubric import BEHAVIOURS
from feedback.models.assessments import Assessment
from feedback.models.surveys import SurveyResponse
from feedback.queries import seats_to_ask
from feedback.surveys.base import day_words
from feedback.surveys.items import Occasion, Questionnaire, Scale, Wording, midnight
from pairing.models.partnerships import Seat
from programs.models.parts import Competency
from programs.models.programs import Cohort, Enrolment
from sessions.models.sessions import Session

NAME = "peers"
LEVELS = (
    _("First steps"),
    _("With help"),
    _("On their own"),
    _("With ease"),
    _("Helps others"),
)


def occasion_of(moment: str, rated: UUID) -> str:
    """Return what the answers about one person at one moment have in common."""
    return f"{moment}:{rated.hex}"


def moment_of(occasion: str) -> Assessment.Moment:
    return Assessment.Moment(occasion.partition(":")[0])


def rated_of(occasion: str) -> UUID:
    """Return whose enrolment it is that is rated."""
    return UUID(occasion.partition(":")[2])


@dataclass(frozen=True)
class Skill(Scale):
    """One competency, with what others can see of it; who has not seen it leaves it out."""

    looks_like: str = ""

    def field(self) -> forms.Field:
        field = super().field()
        field.help_text = self.looks_like
        return field


def looks_like(competency: Competency) -> str:
    """Return what a competency looks like: the program's own words, and the rubric's."""
    return " ".join([competency.rubric, *map(str, BEHAVIOURS.get(competency.key, ()))]).strip()


def _skills(questionnaire: Questionnaire, response: SurveyResponse) -> Questionnaire:
    program = response.enrolment.cohort.program_id
    skills = [
        Skill(skill.pk.hex, skill.name, LEVELS, required=False, looks_like=looks_like(skill))
        for skill in Competency.objects.filter(program=program)
    ]
    return replace(questionnaire, items=skills)


def _about_each_other(at: datetime) -> Iterator[Occasion]:
    """Yield who is to be asked about whom, once for a circle at each moment.

    Who is asked then is settled: somebody who joins later is asked at the next moment.
    """
    zone = settings_in_force().zone
    today = day_of(at, zone)
    for seats, moment in _circles(today):
        closes_at = midnight(today + PEERS_ANSWER, zone)
        for rater, rated in assign(seats):
            key = occasion_of(moment, rated.enrolment_id)
            yield Occasion(rater.enrolment, closes_at=closes_at, seat=rater, key=key)


def _circles(today: date) -> Iterator[tuple[Sequence[Seat], Assessment.Moment]]:
    """Yield the circles whose moment has come, with those who are there to be asked."""
    skills = Competency.objects.filter(program=OuterRef("partnership__cohort__program"))
    seats = seats_to_ask(today).filter(
        Exists(skills),
        partnership__cohort__phase__in=(Cohort.Phase.RUNNING, Cohort.Phase.CLOSING),
    )
    large = (
        Seat.objects.open()
        .filter(partnership=OuterRef("partnership"))
        .order_by()
        .values("partnership")
        .annotate(n=Count("pk"))
        .filter(n__gt=RATERS)
    )
    by_circle: dict[UUID, list[Seat]] = defaultdict(list)
    placed: set[UUID] = set()  # whoever sits in two circles is rated, and rates, in the first
    rows = seats.filter(Exists(large)).select_related(
        "partnership__cohort", "enrolment__member", "enrolment__cohort__program"
    )
    for seat in rows.order_by("taken_at", "pk"):
        if seat.enrolment_id not in placed:
            placed.add(seat.enrolment_id)
            by_circle[seat.partnership_id].append(seat)
    met = dict(
        Session.objects.filter(partnership__in=by_circle, state=Session.State.HELD)
        .order_by()
        .values_list("partnership")
        .annotate(n=Count("pk"))
    )
    asked = set(
        SurveyResponse.objects.filter(survey=NAME, seat__partnership__in=by_circle)
        .annotate(moment=Substr("occasion", 1, 3))
        .values_list("seat__partnership", "moment")
    )
    for pk, people in by_circle.items():
        partnership = people[0].partnership
        moment = moment_for_peers(partnership, today, met=met.get(pk, 0))
        if moment and (pk, moment[:3]) not in asked:
            yield sorted(people, key=lambda seat: seat.pk), moment


def _facts(response: SurveyResponse) -> Mapping[str, Any]:
    rated = Enrolment.objects.select_related("member").get(pk=rated_of(response.occasion))
    return {
        "other": rated.member.given_name,
        "until": day_words(day_of(response.closes_at) - timedelta(days=1)),
    }


PEERS = Questionnaire(
    name=NAME,
    wording=Wording(
        title=_("Say what you see in %(other)s"),
        heading=_("What do you see in %(other)s, %(name)s?"),
        subject=_("What do you see in %(other)s?"),
        about=_("%(partnership)s, %(program)s. Leave out what you have not seen."),
        readers=_(
            "Without your name: nothing leads from your marks to you. After %(until)s %(other)s"
            " reads the average of each skill that three or more of you rated. Of fewer, nothing"
            " is shown. Nobody else reads it; your organisation sees averages over many people."
        ),
        closed=_("It could be answered until %(until)s."),
    ),
    items=(),
    occasions=_about_each_other,
    facts=_facts,
    anonymous=True,
    reminded=True,
    of_response=_skills,
)
