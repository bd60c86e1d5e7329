"""The demo's program that is over: what its people said in the closing survey can be read."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest

from core.common import clock
from core.tenancy.context import tenant
from devtools.demo.asking import answer_open, tend_surveys
from devtools.demo.history import Life
from devtools.demo.lunches import close_and_review
from feedback.builder.results import settled
from feedback.models.review import ProgramReview
from feedback.models.surveys import SurveyResponse
from feedback.review.queries import changes_of, comments, figures_of, themes_of
from feedback.surveys.closing import CLOSING, WINDOW
from feedback.surveys.table import open_due_surveys
from programs.models.programs import Cohort
from tests.cast import Cast, make_member
from tests.feedback.build import enrol, make_cohort, noon


@pytest.mark.slow
def test_a_cohort_closes_its_people_look_back_and_hear_what_changes(cast: Cast) -> None:
    cohort = make_cohort(cast.acme, phase=Cohort.Phase.CLOSING)
    for number in range(20):
        enrol(cohort, make_member(cast.acme, f"Person {number}"))
    draw, said = random.Random(1), Counter[str]()
    assert cohort.ends_on is not None
    last_day = noon(cohort.ends_on)
    close, *rest = close_and_review(cohort, cast.cora).values()
    with clock.at(last_day), tenant(cast.acme):
        cohort = Cohort.objects.for_list().get(pk=cohort.pk)
        open_due_surveys(at=clock.now())
    for day in range(WINDOW.days):
        with clock.at(last_day + timedelta(days=day)), tenant(cast.acme):
            answer_open(draw, lambda _member: 1, said)
            if day == 22:
                close(Life(draw))
    with clock.at(last_day + WINDOW + timedelta(days=1)), tenant(cast.acme):
        tend_surveys()
        for event in rest:
            event(Life(draw))
        assert all(result.n >= 8 for _key, result in settled(CLOSING, cohort))
        assert [len(group.comments) >= 8 for group in comments(cohort)] == [True, True]
        (review,) = ProgramReview.objects.for_list()
        assert review.published_at is not None
        assert {theme.name for theme in themes_of(review)} == {
            "More time",
            "Who is matched with whom",
        }
    with tenant(cast.acme, member=cast.cora.pk):
        assert len(figures_of(cohort, review, cast.cora)) == 3
        assert changes_of(review, cast.cora).count() == 2
        assert SurveyResponse.objects.filter(survey=CLOSING.name).count() == 20
