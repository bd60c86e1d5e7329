"""Self-assessments: opened at the start and at the end, saved whole, one's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.common import clock
from core.members.models import Member
from core.notifications.dispatch import dispatch
from core.tenancy.context import tenant
from feedback.assessments.own import ASSESSMENT, my_open_assessments, ratings_of, save_assessment
from feedback.errors import AssessmentClosed
from feedback.models.assessments import Assessment, AssessmentRating
from feedback.surveys.base import open_due
from feedback.surveys.table import open_due_surveys
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import Competency
from programs.models.programs import Cohort, Enrolment
from tests.cast import Cast, make_member, sign_in
from tests.feedback.build import START, enrol, link, make_cohort, make_partnership, noon
from tests.work import everywhere

NOW = noon(START)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(NOW):
        yield


@pytest.fixture
def cohort(cast: Cast) -> Cohort:
    """A running cohort of a program with three competencies, in which Petra takes part."""
    cohort = make_cohort(cast.acme, skills=3)
    make_partnership(cohort, cast.petra)
    return cohort


def sweep(cast: Cast) -> int:
    with tenant(cast.acme):
        return open_due(ASSESSMENT, at=clock.now())


def put_in_phase(cohort: Cohort, phase: str) -> None:
    with tenant(cohort.organisation):
        Cohort.objects.filter(pk=cohort.pk).update(phase=phase)


def mine(cast: Cast, moment: str = "start") -> Assessment:
    with tenant(cast.acme):
        return Assessment.objects.for_list().get(moment=moment, enrolment__member=cast.petra)


def skills(cohort: Cohort) -> list[Competency]:
    with tenant(cohort.organisation):
        return list(Competency.objects.filter(program=cohort.program))


def taps(cohort: Cohort, *levels: int) -> dict[str, str]:
    pairs = zip(skills(cohort), levels, strict=False)
    return {f"skill_{skill.pk.hex}": str(level) for skill, level in pairs}


def kept(cast: Cast, assessment: Assessment) -> list[int]:
    with tenant(cast.acme):
        rows = AssessmentRating.objects.filter(assessment=assessment)
        return list(rows.order_by("competency__position").values_list("rating", flat=True))


def test_start_opens_when_active_and_end_when_closing_once_each(cast: Cast, cohort: Cohort) -> None:
    assert (sweep(cast), sweep(cast)) == (1, 0)
    assert mine(cast).opened_at == NOW
    dispatch()
    put_in_phase(cohort, "closing")
    assert (sweep(cast), sweep(cast)) == (1, 0)
    put_in_phase(cohort, "closed")
    assert sweep(cast) == 0

    everywhere(open_due_surveys)
    dispatch()
    assert {sent.subject for sent in mail.outbox} == {
        "Rate your skills (start of Circles Spring)",
        "Rate your skills again (end of Circles Spring)",
    }


@pytest.mark.parametrize("state", ["applied", "accepted", "waitlisted", "declined"])
def test_who_is_not_active_is_not_asked(cast: Cast, cohort: Cohort, state: str) -> None:
    enrol(cohort, cast.pavel, state=state)
    assert sweep(cast) == 1


def test_nobody_is_asked_before_they_have_a_partner(cast: Cast, cohort: Cohort) -> None:
    enrol(cohort, cast.pavel)
    with tenant(cast.acme):
        Partnership.objects.update(state="ended", ended_at=NOW)
        Seat.objects.update(left_at=NOW)
    assert sweep(cast) == 0
    make_partnership(cohort, cast.pavel, name="Circle Dee")
    assert sweep(cast) == 1
    # at the end whoever had one is asked
    alone = make_member(cast.acme, "Alone")
    enrol(cohort, alone)
    put_in_phase(cohort, "closing")
    assert sweep(cast) == 2


def test_who_takes_a_break_is_asked_afterwards(cast: Cast, cohort: Cohort) -> None:
    with tenant(cast.acme):
        Enrolment.objects.update(paused_until=START + timedelta(days=1))
    assert sweep(cast) == 0
    with clock.at(NOW + timedelta(days=1)):
        assert sweep(cast) == 1


def test_who_withdraws_is_asked_no_longer(cast: Cast, cohort: Cohort) -> None:
    sweep(cast)
    assessment = mine(cast)
    ratings = {skill.pk: 3 for skill in skills(cohort)}
    with tenant(cast.acme):
        Enrolment.objects.update(state="withdrawn", ended_at=NOW)
        assert list(my_open_assessments(cast.petra, at=NOW)) == []
        with pytest.raises(AssessmentClosed):
            save_assessment(assessment=assessment, by=cast.petra, ratings=ratings)


def test_a_program_without_competencies_asks_for_nothing(cast: Cast) -> None:
    make_partnership(make_cohort(cast.acme), cast.petra)
    assert sweep(cast) == 0


def test_who_has_left_is_not_asked(cast: Cast, cohort: Cohort) -> None:
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(state=Member.State.LEFT)
    assert sweep(cast) == 0


def test_it_is_rated_by_link_whole_and_can_be_changed(cast: Cast, cohort: Cohort) -> None:
    sweep(cast)
    assessment = mine(cast)
    client, path = Client(), link("assessment", cast.petra, assessment.pk)
    asked = client.get(path)
    assert "Rate your skills, Petra" in asked.text
    assert "What skill 2 looks like." in asked.text

    part = client.post(path, taps(cohort, 3, 4))
    assert part.status_code == 422
    assert kept(cast, assessment) == []
    assert mine(cast).answered_at is None

    assert client.post(path, taps(cohort, 3, 4, 5)).status_code == 302
    assert kept(cast, assessment) == [3, 4, 5]
    with clock.at(NOW + timedelta(minutes=10)):  # the same sitting
        assert client.post(path, taps(cohort, 1, 4, 2)).status_code == 302
    assert kept(cast, assessment) == [1, 4, 2]
    assert mine(cast).answered_at == NOW
    dispatch()
    assert mail.outbox == []  # answered before the e-mail went


@pytest.mark.parametrize("wrong", ["0", "6", "x", "", "3.5"])
def test_off_the_scale_is_refused(cast: Cast, cohort: Cohort, wrong: str) -> None:
    sweep(cast)
    typed = taps(cohort, 3, 3, 3)
    typed[next(iter(typed))] = wrong
    answer = Client().post(link("assessment", cast.petra, mine(cast).pk), typed)
    assert answer.status_code == 422
    assert kept(cast, mine(cast)) == []


def test_the_start_is_over_after_four_weeks_or_when_the_end_begins(
    cast: Cast, cohort: Cohort
) -> None:
    sweep(cast)
    client, assessment = Client(), mine(cast)
    path = link("assessment", cast.petra, assessment.pk)
    client.post(path, taps(cohort, 3, 4, 5))
    with clock.at(NOW + timedelta(days=28)):
        closed = client.get(path)
        assert "This was answered" in closed.text
        assert "<form" not in closed.text
        client.post(path, taps(cohort, 1, 1, 1))
    assert kept(cast, assessment) == [3, 4, 5]
    put_in_phase(cohort, "closing")
    assert client.post(path, taps(cohort, 1, 1, 1)).status_code == 422
    assert kept(cast, assessment) == [3, 4, 5]


def test_the_end_is_open_until_the_cohort_is_closed(cast: Cast, cohort: Cohort) -> None:
    put_in_phase(cohort, "closing")
    sweep(cast)
    assessment = mine(cast, "end")
    ratings = {skill.pk: 5 for skill in skills(cohort)}
    with tenant(cast.acme), clock.at(NOW + timedelta(days=90)):
        save_assessment(assessment=assessment, by=cast.petra, ratings=ratings)
        assert ratings_of(assessment, cast.petra) == ratings
    put_in_phase(cohort, "closed")
    with tenant(cast.acme), pytest.raises(AssessmentClosed):
        save_assessment(assessment=assessment, by=cast.petra, ratings=ratings)


def test_it_is_nobody_elses(cast: Cast, cohort: Cohort) -> None:
    sweep(cast)
    assessment = mine(cast)
    path = assessment.get_absolute_url()
    assert sign_in(cast.petra).get(path).status_code == 200
    for other in (cast.olga, cast.cora, cast.hugo, cast.pavel, cast.greta):
        assert sign_in(other).get(path).status_code == 404
        assert sign_in(other).post(path, taps(cohort, 1, 1, 1)).status_code == 404
        address = link("assessment", other, assessment.pk)
        assert Client().post(address, taps(cohort, 1, 1, 1)).status_code == 404
    assert kept(cast, assessment) == []


def test_the_operation_wants_exactly_the_programs_competencies(cast: Cast, cohort: Cohort) -> None:
    sweep(cast)
    assessment = mine(cast)
    one, two, three = (skill.pk for skill in skills(cohort))
    other = skills(make_cohort(cast.acme, "Autumn", skills=1))[0].pk
    with tenant(cast.acme):
        for by, ratings in (
            (cast.petra, {one: 1, two: 2}),
            (cast.petra, {one: 1, two: 2, three: 3, other: 4}),
            (cast.petra, {one: 1, two: 2, three: 6}),
            (cast.pavel, {one: 1, two: 2, three: 3}),
        ):
            with pytest.raises(ValueError, match=r"own assessment|1 to 5"):
                save_assessment(assessment=assessment, by=by, ratings=ratings)


def test_home_shows_what_is_open(cast: Cast, cohort: Cohort) -> None:
    sweep(cast)
    with tenant(cast.acme):
        assert [row.moment for row in my_open_assessments(cast.petra, at=NOW)] == ["start"]
        assert not my_open_assessments(cast.petra, at=NOW + timedelta(days=28))
        assert not my_open_assessments(cast.pavel, at=NOW)
        ratings = {skill.pk: 3 for skill in skills(cohort)}
        save_assessment(assessment=mine(cast), by=cast.petra, ratings=ratings)
        assert not my_open_assessments(cast.petra, at=NOW)


def test_more_competencies_cost_the_same_statements(cast: Cast) -> None:
    counts = []
    for number in (1, 3):
        member = make_member(cast.acme, f"Peer{number}")
        cohort = make_cohort(cast.acme, f"With {number}", skills=number)
        make_partnership(cohort, member)
        sweep(cast)
        with tenant(cast.acme):
            row = Assessment.objects.get(enrolment__member=member)
        path = link("assessment", member, row.pk)
        with CaptureQueriesContext(connection) as queries:
            assert Client().get(path).status_code == 200
        with CaptureQueriesContext(connection) as posted:
            assert Client().post(path, taps(cohort, *[3] * number)).status_code == 302
        counts.append((len(queries), len(posted)))
    assert counts[0] == counts[1]
