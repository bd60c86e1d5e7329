"""Scales inside surveys: scored from what is shown, reliable from thirty on, and not in part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from core.common import clock
from core.common.statistics import cronbach_alpha
from core.tenancy.context import tenant
from feedback.assessments.operations import add_to_survey
from feedback.assessments.scales import CONFIDENCE, IPIP, LibraryScale
from feedback.builder.operations import create_survey, newest, remove_item, save_item, set_asking
from feedback.builder.results import RoundResult, results_of, settle_anonymous_surveys
from feedback.builder.scoring import ScaleResult, scales_in
from feedback.models.built import BuiltSurvey, SurveyResult
from feedback.models.surveys import SurveyResponse
from feedback.surveys.built import BUILT
from feedback.surveys.items import answer_survey
from feedback.surveys.table import open_due_surveys
from programs.models.programs import Cohort
from tests.cast import Cast, make_member, sign_in
from tests.feedback.build import START, enrol, make_cohort, noon
from tests.metrics.build import release

NOW = noon(START)
TURNED = CONFIDENCE.items[-1]


@pytest.fixture
def cohort(cast: Cast) -> Cohort:
    return make_cohort(cast.acme)


def asked(
    cast: Cast, cohort: Cohort, *scales: LibraryScale, people: int = 0, anonymous: bool = False
) -> BuiltSurvey:
    """Ask so many people the items of these scales at the start."""
    for number in range(people):
        enrol(cohort, make_member(cast.acme, f"Person {number}"))
    with clock.at(NOW), tenant(cast.acme):
        survey = create_survey(
            program=cohort.program,
            by=cast.olga,
            title="Before",
            intro="",
            moments=["start"],
            mandatory=False,
            anonymous=anonymous,
        )
        for scale in scales:
            add_to_survey(scale=scale, survey=survey, by=cast.olga)
        if people:
            set_asking(survey=survey, by=cast.olga, asking=True)
            open_due_surveys(at=clock.now())
    return survey


def answered(cast: Cast, rows: Sequence[Sequence[int]]) -> None:
    """Let as many people answer as there are rows: a mark an item, 0 for none."""
    with clock.at(NOW), tenant(cast.acme):
        responses = SurveyResponse.objects.for_list().filter(survey="built", answered_at=None)
        for response, marks in zip(responses.order_by("pk"), rows, strict=False):
            answers = {f"q1_{line}": mark for line, mark in enumerate(marks, 1) if mark}
            member = response.enrolment.member
            answer_survey(
                questionnaire=BUILT.of(response), response=response, by=member, answers=answers
            )


def settle(cast: Cast) -> None:
    with tenant(cast.acme):
        settle_anonymous_surveys(at=clock.now())


def result(cast: Cast, cohort: Cohort) -> RoundResult:
    with tenant(cast.acme):
        return next(row for row in results_of(cohort, cast.olga) if row.row.version)


def mixed(n: int) -> list[tuple[int, ...]]:
    """Return answers that differ: their items' means are not whole."""
    return [(1 + i % 5, 1 + i % 4, 1 + (i // 2) % 5, 5 - i % 3) for i in range(n)]


def by_hand(rows: Sequence[Sequence[int]]) -> tuple[float, float]:
    keyed = [(a, b, c, 6 - d) for a, b, c, d in rows]
    alpha = cronbach_alpha(keyed)
    assert alpha is not None
    return round(sum(map(sum, keyed)) / (4 * len(keyed)), 2), round(float(alpha), 2)


@pytest.mark.slow
@pytest.mark.parametrize("anonymous", [False, True])
def test_a_scale_is_scored_and_its_reliability_shown_from_thirty_people_on(
    cast: Cast, cohort: Cohort, anonymous: bool
) -> None:
    asked(cast, cohort, CONFIDENCE, people=30, anonymous=anonymous)
    rows = mixed(30)
    answered(cast, rows)
    assert result(cast, cohort).scales in ([], [ScaleResult(str(CONFIDENCE.name), 4, 5, None)])
    later = noon(START.replace(month=4)) if anonymous else NOW
    with clock.at(later):
        settle(cast)
        release(cast.acme, clock.now())
    mean, alpha = by_hand(rows)
    (scale,) = result(cast, cohort).scales
    assert (scale.mean, scale.people, scale.name) == (mean, "30", str(CONFIDENCE.name))
    assert scale.reliability is not None
    assert (scale.reliability.alpha, scale.reliability.n) == (alpha, 30)
    for reader in (cast.olga, cast.hugo):
        client, path = sign_in(reader), f"/o/acme/cohorts/{cohort.pk}/surveys/"
        page = " ".join(client.get(path).text.split())
        assert f"{mean:.2f} of 5 on average, n = 30" in page
        assert f"alpha): {alpha:.2f}, n = 30." in page
        lines = b"".join(client.get(f"{path}export/")).decode().splitlines()
        ours = [line.partition(f"{CONFIDENCE.name},")[2] for line in lines]
        assert [line for line in ours if line] == [f",30,{mean},", f",30,,{alpha}"]


def test_below_thirty_there_is_a_score_without_reliability(cast: Cast, cohort: Cohort) -> None:
    asked(cast, cohort, CONFIDENCE, people=8)
    rows = mixed(8)
    answered(cast, rows)
    release(cast.acme, NOW)
    (scale,) = result(cast, cohort).scales
    assert (scale.mean, scale.people, scale.reliability) == (by_hand(rows)[0], "8", None)


def test_the_score_follows_from_what_is_shown_of_its_items(cast: Cast, cohort: Cohort) -> None:
    """Two left out an item: a mean of whole answers would tell, with the others, of these two."""
    asked(cast, cohort, CONFIDENCE, people=10)
    rows = [*mixed(8), (4, 0, 2, 1), (2, 3, 0, 5)]
    answered(cast, rows)
    release(cast.acme, NOW)
    shown = result(cast, cohort)
    means = [item.total / item.n for item in shown.items]
    assert [item.n for item in shown.items] == [10, 9, 9, 10]
    (scale,) = shown.scales
    assert scale.mean == round((means[0] + means[1] + means[2] + 6 - means[3]) / 4, 2)
    assert scale.people == "9–10"


def test_where_an_item_is_hidden_the_score_is(cast: Cast, cohort: Cohort) -> None:
    asked(cast, cohort, CONFIDENCE, people=8)
    answered(cast, [(a, b, 3, d) for a, b, _c, d in mixed(8)])  # all alike on the third
    release(cast.acme, NOW)
    shown = result(cast, cohort)
    assert [item.n for item in shown.items] == [8, 8, 0, 8]
    assert [scale.mean for scale in shown.scales] == [None]
    page = sign_in(cast.cora).get(f"/o/acme/cohorts/{cohort.pk}/surveys/").text
    assert "No score: of one of its items or more no average is shown." in page


@pytest.mark.slow
def test_an_anonymous_scale_on_which_all_agree_on_an_item_keeps_no_reliability(
    cast: Cast, cohort: Cohort
) -> None:
    asked(cast, cohort, CONFIDENCE, people=30, anonymous=True)
    answered(cast, [(a, b, 3, d) for a, b, _c, d in mixed(30)])
    with clock.at(noon(START.replace(month=4))):
        settle(cast)
    with tenant(cast.acme):
        kept = SurveyResult.objects.get(survey="built").items
    assert not [part for part in kept if part.startswith("alpha:")]
    assert [scale.mean for scale in result(cast, cohort).scales] == [None]


def names(cast: Cast, survey: BuiltSurvey) -> list[tuple[str, int]]:
    with tenant(cast.acme):
        return [(scale.key, len(scale.items)) for scale in scales_in(newest(survey))]


def test_each_copy_of_a_scale_is_one_and_a_long_one_is_put_together(
    cast: Cast, cohort: Cohort
) -> None:
    long = LibraryScale(
        **{**vars(IPIP[0]), "items": (*IPIP[0].items, *IPIP[1].items), "key": "long"}
    )
    survey = asked(cast, cohort, long, CONFIDENCE, long)
    assert names(cast, survey) == [("long", 20), ("confidence", 4), ("long", 20)]
    with tenant(cast.acme):
        first = scales_in(newest(survey))[0]
        assert [item.words for item in first.items] == [str(item.words) for item in long.items]
        assert [item.reversed for item in first.items] == [item.reversed for item in long.items]
        assert first.items[-1].key == "q2_10"
        remove_item(survey=survey, by=cast.olga, key="q5")
    assert names(cast, survey) == [("long", 20), ("confidence", 4)]


@pytest.mark.parametrize(
    ("changes", "stays"),
    [
        ({"required": True}, True),
        ({"rows": ["Other words"]}, False),
        ({"choices": ["No", "Yes"]}, False),
        ({"question": "How often?"}, False),
    ],
)
def test_lines_that_were_changed_are_no_longer_that_scale(
    cast: Cast, cohort: Cohort, changes: dict[str, Any], stays: bool
) -> None:
    survey = asked(cast, cohort, CONFIDENCE)
    with tenant(cast.acme):
        item = newest(survey).items[0]
        sent = {name: item[name] for name in ("kind", "question", "choices", "rows", "only_if")}
        sent |= {"required": False} | changes
        save_item(survey=survey, by=cast.olga, item=sent, key="q1")
    assert names(cast, survey) == ([("confidence", 4)] if stays else [])
    page = sign_in(cast.olga).get(f"{survey.get_absolute_url()}questions/q1/").text
    assert ("These lines are scored as" in page) == stays
