"""Surveys with words, and anonymous ones: who reads what, and what cannot be found out."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from feedback.errors import SurveyClosed
from feedback.models.surveys import AnonymousBox, SurveyResponse, SurveyWords
from feedback.models.words import Audience
from feedback.surveys import anonymous
from feedback.surveys.base import EXTENT
from feedback.surveys.items import Questionnaire, ReadBy, Scale, Wording, Words, answer_survey
from pairing.models.partnerships import Seat
from tests.cast import Cast
from tests.feedback.build import AFTER_ONE_PERIOD, make_cohort, make_partnership

WORDING = Wording(*("words" for _field in Wording.__dataclass_fields__))
ITEMS = (Scale("heard", "Were you heard?", EXTENT), Words("why", "Why?"))


def survey(name: str = "test", **facts: Any) -> Questionnaire:
    return Questionnaire(name, WORDING, ITEMS, lambda _at: (), **facts)


def ask(seat: Seat, name: str = "test") -> SurveyResponse:
    return SurveyResponse.objects.create(
        survey=name,
        enrolment=seat.enrolment,
        seat=seat,
        opened_at=AFTER_ONE_PERIOD,
        closes_at=AFTER_ONE_PERIOD + timedelta(days=14),
    )


def read_by(member: Member | None) -> list[str]:
    with tenant(member.organisation_id, member=member.pk) if member else tenant(1):
        return sorted(SurveyWords.objects.values_list("text", flat=True))


def test_words_are_read_by_the_readers_of_their_survey_alone(cast: Cast) -> None:
    seats = make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)
    with_cora = survey(read_by=lambda _response: ReadBy([], Audience.COORDINATOR))
    to_pavel = survey("other", read_by=lambda _response: ReadBy([cast.pavel.pk]))
    with clock.at(AFTER_ONE_PERIOD), tenant(cast.acme):
        for row, why in ((with_cora, "to Cora"), (to_pavel, "to Pavel")):
            answer_survey(
                questionnaire=row,
                response=ask(seats[0], row.name),
                by=cast.petra,
                answers={"heard": 4, "why": why},
            )
        kept = SurveyResponse.objects.get(survey="test").answers
    assert kept == {"heard": 4, "why": "written"}
    readers = {name: read_by(getattr(cast, name)) for name in ("petra", "pavel", "cora", "olga")}
    assert readers == {
        "petra": ["to Cora", "to Pavel"],
        "pavel": ["to Pavel"],
        "cora": ["to Cora"],
        "olga": [],
    }
    with tenant(cast.acme):  # as tasks do
        assert not SurveyWords.objects.exists()


def test_an_anonymous_answer_is_given_once_and_nothing_leads_to_it(cast: Cast) -> None:
    people = [cast.petra, cast.pavel, cast.hugo]
    seats = make_partnership(make_cohort(cast.acme), *people)
    row = survey(anonymous=True)
    with tenant(cast.acme):
        responses = [ask(seat) for seat in seats]
        for hours, (response, heard) in enumerate(zip(responses, (5, 1, 3), strict=True)):
            with clock.at(AFTER_ONE_PERIOD + timedelta(hours=hours)):
                answer_survey(
                    questionnaire=row,
                    response=response,
                    by=response.enrolment.member,
                    answers={"heard": heard, "why": f"because {heard}"},
                )
        with clock.at(AFTER_ONE_PERIOD), pytest.raises(SurveyClosed):
            answer_survey(
                questionnaire=row, response=responses[0], by=people[0], answers={"heard": 1}
            )
        rows = SurveyResponse.objects.order_by("pk").values_list("answers", "answered_at")
        assert len(set(map(str, rows))) == 1  # what is known of each is the same
        assert not SurveyWords.objects.exists()
        (box,) = AnonymousBox.objects.all()
        assert [answer["heard"] for answer in box.answers] == [1, 3, 5]
        assert (box.pk.version, box.created_at.hour, box.created_at.minute) == (4, 0, 0)
        assert not AnonymousBox.objects.visible_to(cast.cora).exists()


def test_a_full_box_is_followed_by_another_and_all_are_read_sorted(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anonymous, "FULL", 2)
    (seat, _other) = make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)
    with clock.at(AFTER_ONE_PERIOD), tenant(cast.acme):
        response = ask(seat)
        for heard in (5, 4, 3, 2, 1):
            anonymous.put(response, {"heard": heard})
        boxes = AnonymousBox.objects.order_by("number")
        assert [len(box.answers) for box in boxes] == [2, 2, 1]
        together = [answer["heard"] for answer in anonymous.answers_in(boxes)]
    assert all(first < second for first, second in pairwise(together))
