"""People rate themselves and their peers: a little higher later on, as people do."""

from __future__ import annotations

import random
from collections.abc import Callable

from core.common import clock
from core.members.models import Member
from core.tenancy.context import look_as
from feedback.assessments.operations import show_peer_results
from feedback.assessments.own import save_assessment, scales_of
from feedback.assessments.peers import PEERS, moment_of
from feedback.models.assessments import Assessment
from feedback.models.surveys import SurveyResponse
from feedback.surveys.items import answer_survey, waiting
from programs.models.parts import Competency

LATER = {Assessment.Moment.START: 0.0, Assessment.Moment.MIDPOINT: 0.5, Assessment.Moment.END: 0.8}


def tend_assessments() -> None:
    """Count what peers said whose time to answer is over."""
    show_peer_results(at=clock.now())


def rate_peers(draw: random.Random, diligence: Callable[[Member], float]) -> None:
    """Let most say what they see in each other."""
    rows = waiting(clock.now()).filter(survey=PEERS.name)
    for response in rows.for_list().order_by("id"):
        if draw.random() < 0.35 * diligence(response.enrolment.member):
            _rate(response, draw)


def _rate(response: SurveyResponse, draw: random.Random) -> None:
    later = LATER[moment_of(response.occasion)]
    answers = {
        item.key: min(5, draw.choices((2, 3, 4, 5), (2, 5, 5, 2))[0] + (draw.random() < later))
        for item in PEERS.of(response).items
        if draw.random() < 0.95
    }
    member = response.enrolment.member
    look_as(member.pk)  # a box of answers opens to who is asked
    answer_survey(questionnaire=PEERS, response=response, by=member, answers=answers)


def rate_oneself(
    assessment: Assessment, member: Member, draw: random.Random, draw_of_scales: random.Random
) -> None:
    """Rate oneself, on some competencies a little higher at the end."""
    competencies = Competency.objects.filter(program=assessment.enrolment.cohort.program_id)
    shift = 1 if assessment.moment == Assessment.Moment.END else 0
    ratings = {
        competency.pk: min(
            5, draw.choices((2, 3, 4), (4, 6, 3))[0] + shift * (draw.random() < 0.55)
        )
        for competency in competencies
    }
    scales = {
        item.key: _step(draw_of_scales, item.reversed, shift)
        for scale in scales_of(assessment.moment)
        for item in scale.items
    }
    save_assessment(assessment=assessment, by=member, ratings=ratings, scales=scales)


def _step(draw: random.Random, turned: bool, shift: int) -> int:
    value = min(5, draw.choices((2, 3, 4), (3, 5, 4))[0] + shift * (draw.random() < 0.4))
    return 6 - value if turned else value
