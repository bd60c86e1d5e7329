"""A circle whose peers are asked, and marks given by them."""

from __future__ import annotations

from collections.abc import Sequence

from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from feedback.assessments.operations import show_peer_results
from feedback.assessments.peers import PEERS, occasion_of
from feedback.models.surveys import SurveyResponse
from feedback.surveys.base import open_due
from feedback.surveys.items import answer_survey
from pairing.models.partnerships import Seat
from programs.models.parts import Competency
from tests.cast import Cast, make_member
from tests.feedback.build import make_cohort, make_held_session, make_partnership


def make_circle(cast: Cast, people: int = 5, *, skills: int = 3, met: int = 2) -> list[Seat]:
    """Make a circle with Petra in the first seat that has met so often."""
    cohort = make_cohort(cast.acme, skills=skills)
    others = [make_member(cast.acme, f"Peer{number}") for number in range(1, people)]
    seats = make_partnership(cohort, cast.petra, *others)
    for number in range(1, met + 1):
        make_held_session(*seats, number=number)
    return seats


def ask(cast: Cast) -> int:
    with tenant(cast.acme):
        return open_due(PEERS.survey, at=clock.now())


def count(cast: Cast) -> int:
    with tenant(cast.acme):
        return show_peer_results(at=clock.now())


def skills_of(seat: Seat) -> list[Competency]:
    with tenant(seat.organisation):
        return list(Competency.objects.filter(program=seat.enrolment.cohort.program_id))


def about(seat: Seat, moment: str = "start") -> list[SurveyResponse]:
    """Return what the raters of somebody are asked."""
    with tenant(seat.organisation):
        rows = SurveyResponse.objects.for_list().filter(
            survey=PEERS.name, occasion=occasion_of(moment, seat.enrolment_id)
        )
        return list(rows.order_by("enrolment"))


def give(seat: Seat, *marks: Sequence[int], moment: str = "start") -> list[Member]:
    """Let as many raters as there are rows rate somebody: a mark a skill, 0 for none."""
    raters = []
    for response, row in zip(about(seat, moment), marks, strict=False):
        with tenant(seat.organisation):
            pairs = zip(skills_of(seat), row, strict=False)
            answers = {skill.pk.hex: mark or None for skill, mark in pairs}
            rater = response.enrolment.member
            answer_survey(questionnaire=PEERS, response=response, by=rater, answers=answers)
            raters.append(rater)
    return raters
