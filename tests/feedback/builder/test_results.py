"""What may be shown of answers, and that nothing leads from an anonymous one to its person."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from core.audit.models import AuditEvent
from core.common import clock
from core.tenancy.context import tenant
from feedback.builder.results import comments_of, publishable, visible
from feedback.models.built import SurveyResult
from feedback.models.surveys import AnonymousBox, SurveyResponse
from feedback.surveys.anonymous import PART
from feedback.surveys.built import BUILT
from feedback.surveys.closing import CLOSING
from feedback.surveys.items import Choice, Choices, Scale, Words, answer_survey
from feedback.surveys.pulse import PULSE
from feedback.surveys.table import open_due_surveys
from metrics.wording import figure_text
from programs.models.programs import Cohort
from tests.cast import Cast, make_member, sign_in
from tests.faults.surveys import PLANTS, recovered
from tests.feedback.build import START, enrol, make_cohort, make_survey, noon
from tests.metrics.build import figures, release
from tests.work import catch_up

ENDS = date(2026, 12, 31)
HOW = Scale("how", "How?", ["a", "b", "c", "d", "e"])


def scale(*values: int, parts: str = "") -> dict[str, Any]:
    answers = [{"how": value} for value in values]
    for answer, part in zip(answers, parts, strict=False):
        answer |= {PART: part}
    return publishable([HOW], answers).get("how", {})


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ((1, 2, 3, 4), {}),  # too few
        ((3, 3, 3, 3, 3), {}),  # all alike
        ((5, 5, 5, 5, 4), {}),  # all but one at the end of the scale
        ((1, 1, 1, 1, 1, 2), {}),
        ((5, 5, 5, 5, 4, 4, 4), {}),  # nobody can have said 1
        ((1, 2, 3, 4, 5), {"n": 5, "total": 15}),
        ((1, 2, 3, 4, 5) * 4, {"n": 20, "total": 60}),  # cells of four
        ((1, 2, 3, 4, 5) * 5, {"n": 25, "total": 75, "cells": [5] * 5}),
    ],
)
def test_a_scale_shows_its_mean_and_cells_only_about_enough_people(
    values: tuple[int, ...], shown: dict[str, Any]
) -> None:
    assert scale(*values) == shown


def test_the_cut_by_part_is_shown_whole_or_not_at_all() -> None:
    five, other = (1, 2, 3, 4, 5), (2, 2, 3, 4, 4)
    both = scale(*five, *other, parts="m" * 5 + "p" * 5)
    assert both["parts"] == {"m": [15, 5], "p": [15, 5]}
    assert "parts" not in scale(*five, *other[:4], parts="m" * 5 + "p" * 4)
    alike = scale(*five, *(3,) * 5, parts="m" * 5 + "p" * 5)
    assert "parts" not in alike  # the other part would follow from the total
    assert alike["n"] == 10


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([8, 7, 5], [8, 7, 5]),
        ([9, 2, 0], [None, None, None]),
        ([9, 4, 3], [9, None, None]),
        ([9, 7, 0], [None, None, None]),
        ([4, 4, 20, 9], [None, None, None, None]),
        ([8, 0], [None, None]),
    ],
)
def test_small_cells_and_empty_ones_are_hidden_with_what_would_tell_them(
    counts: list[int], shown: list[int | None]
) -> None:
    assert visible(counts, 5) == shown


def test_choices_and_words_wait_for_eight() -> None:
    items = [
        Choice("one", "One?", (("a", "A"), ("b", "B"))),
        Choices("some", "Some?", (("a", "A"), ("b", "B"), ("c", "C"))),
        Words("why", "Why?"),
    ]
    answers: list[dict[str, Any]] = [
        {
            "one": "ab"[number % 2],
            "some": ["a", "ab"[number % 2]][: 1 + number % 2],
            "why": str(number),
        }
        for number in range(10)
    ]
    assert publishable(items, answers[:7]) == {}
    shown = publishable(items, answers)
    assert shown["one"] == {"n": 10, "cells": [5, 5]}
    assert shown["some"] == {"n": 10, "cells": [None, 5, None]}  # all chose a, none c
    assert sorted(shown["why"]["words"]) == sorted(str(number) for number in range(10))


def closing_answers(cast: Cast, n: int, *, swap: bool = False) -> Cohort:
    """Let so many people answer the closing survey on different days; `swap`: the last two."""
    cohort = make_cohort(cast.acme)
    members = [make_member(cast.acme, f"Person {number}") for number in range(n)]
    for member in members:
        enrol(cohort, member)
    with clock.at(noon(ENDS)), tenant(cast.acme):
        open_due_surveys(at=clock.now())
    given = [
        {"worth": 1 + number % 5, "learned": 4, "again": "yes", "change": f"Words {number:02}"}
        for number in range(n)
    ]
    if swap:
        given[-2], given[-1] = given[-1], given[-2]
    for number, (member, answers) in enumerate(zip(members, given, strict=True)):
        with clock.at(noon(ENDS + timedelta(days=number % 20))), tenant(cast.acme):
            response = SurveyResponse.objects.for_list().get(
                survey="closing", enrolment__member=member
            )
            answer_survey(questionnaire=CLOSING, response=response, by=member, answers=answers)
    return cohort


@pytest.mark.slow
def test_an_anonymous_survey_is_shown_at_its_close_and_frozen(cast: Cast) -> None:
    cohort = closing_answers(cast, 10)
    path = f"/o/acme/cohorts/{cohort.pk}/surveys/"
    for days in (1, 12, 27):
        with clock.at(noon(ENDS + timedelta(days=days))):
            catch_up()
            page = sign_in(cast.olga).get(path).text
            assert "Anonymous: the results are shown once it has closed" in page
            assert "Words 0" not in page
            assert "on average" not in page
    with clock.at(noon(ENDS + timedelta(days=28))):
        catch_up()
        with tenant(cast.acme):
            result = SurveyResult.objects.get()
            assert result.items["worth"] == {"n": 10, "total": 30}
            assert "learned" not in result.items  # all alike
            assert set(comments_of("closing", cohort)["change"]) == {
                f"Words {number:02}" for number in range(10)
            }
            AnonymousBox.objects.update(answers=[])
        catch_up()
        # an owner reads what people wrote, HR the totals
        for reader, comments in ((cast.olga, 10), (cast.hugo, 0)):
            client = sign_in(reader)
            assert "3.00 of 5 on average, n = 10" in client.get(path).text
            export = b"".join(client.get(f"{path}export/")).decode()
            assert "Was it worth your time?,,10,3.0" in export
            assert export.count("Words 0") == comments
            assert ("10 comments, for those who run" in client.get(path).text) == (not comments)
        assert sign_in(cast.petra).get(path).status_code in {403, 404}


def left_behind(cast: Cast, *, swap: bool) -> list[Any]:
    """Return all that is left of answers, in every table, without ids; then undo it."""
    with transaction.atomic():
        cohort = closing_answers(cast, 10, swap=swap)
        with clock.at(noon(ENDS + timedelta(days=28))):
            catch_up()
            page = sign_in(cast.olga).get(f"/o/acme/cohorts/{cohort.pk}/surveys/").text
        with tenant(cast.acme):
            rows = SurveyResponse.objects.filter(survey="closing").order_by(
                "enrolment__member__given_name"
            )
            known = [(row.answers, row.answered_at, row.closes_at) for row in rows]
            assert {row.answered_at.hour for row in rows if row.answered_at} == {0}
            boxes = [box.answers for box in AnonymousBox.objects.all()]
            results = [result.items for result in SurveyResult.objects.all()]
            acts = [(act.verb, act.details) for act in AuditEvent.objects.order_by("pk")]
        transaction.set_rollback(True)
    figures = re.findall(r"[\d.]+ of 5 on average, n = \d+", page)
    return [known, boxes, results, acts, figures]


@pytest.mark.slow
def test_who_knows_all_but_two_cannot_tell_their_answers_apart(cast: Cast) -> None:
    """Two worlds in which the last two answered the other way round leave the same behind."""
    assert left_behind(cast, swap=False) == left_behind(cast, swap=True)


def test_a_named_survey_is_shown_in_steps_and_its_words_to_the_coordinator(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    make_survey(
        cohort.program,
        [{}, {"kind": "text", "question": "Why?", "choices": [], "required": False}],
        moments=["start"],
    )
    members = [make_member(cast.acme, f"Person {number}") for number in range(6)]
    for member in members:
        enrol(cohort, member)
    path = f"/o/acme/cohorts/{cohort.pk}/surveys/"
    with clock.at(noon(START)):
        with tenant(cast.acme):
            open_due_surveys(at=clock.now())
            responses = list(SurveyResponse.objects.for_list().filter(survey="built"))
        for number, response in enumerate(responses):
            with tenant(cast.acme, member=response.enrolment.member_id):
                answer_survey(
                    questionnaire=BUILT,
                    response=response,
                    by=response.enrolment.member,
                    answers={"q1": 1 + number % 3, "q2": "In words" if number == 0 else ""},
                )
            if number == 3:
                release(cast.acme, clock.now())
                assert "on average" not in sign_in(cast.cora).get(path).text
        release(cast.acme, clock.now())
        coordinator = sign_in(cast.cora).get(path).text
        assert "2.00 of 3 on average, n = 6" in coordinator
        assert f"{responses[0].enrolment.member}: In words" in coordinator
        assert "In words" not in sign_in(cast.olga).get(path).text


@pytest.mark.slow
def test_of_a_thousand_small_surveys_nobody_is_recovered() -> None:
    found = recovered(surveys=150, seed=13)
    assert (found["people"], found["cells"]) == (0, 0)
    assert found["shown"] > 100
    for plant in PLANTS:
        broken = recovered(surveys=60, seed=13, plant=plant)
        assert broken["people"] + broken["cells"] > 0


def test_satisfaction_is_the_mean_of_the_pulse_and_the_share_of_fours_and_fives(cast: Cast) -> None:
    cohort = make_cohort(cast.acme)
    members = [make_member(cast.acme, f"Person {number}") for number in range(6)]
    for member in members:
        enrol(cohort, member)
    now = noon(START + timedelta(days=30))
    with clock.at(now), tenant(cast.acme):
        open_due_surveys(at=now)
        responses = list(SurveyResponse.objects.for_list().filter(survey="pulse"))
        for response, satisfied in zip(responses, (5, 4, 4, 2, 3, 5), strict=True):
            answer_survey(
                questionnaire=PULSE,
                response=response,
                by=response.enrolment.member,
                answers={"satisfied": satisfied},
            )
    found = figures(cohort, now)
    mean, share = found["satisfaction", ""], found["satisfied", ""]
    assert (mean.numerator, mean.denominator, mean.n) == (23, 6, 6)
    assert mean.value == Decimal("3.8333")
    assert (figure_text(mean).words, figure_text(mean).counts) == ("3.83", "n = 6 people")
    assert (share.numerator, share.value) == (4, Decimal("0.6667"))
