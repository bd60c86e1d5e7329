"""Figures of answers move in steps of k people and never back: two readings tell of nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import ProgrammingError, transaction

from core.common import clock
from core.members.permissions import Permission
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from feedback.models.assessments import AssessmentRating
from feedback.models.released import ReleasedStep, ReleaseMark
from feedback.queries import check_in_facts
from feedback.released import Answer, Reading, Step, keep_thresholds, next_step, released
from feedback.released import release as write_steps
from mentoring.follow_ups import follow_up
from metrics.definitions.shapes import Basis, Figure, State
from metrics.figures import DEFINITIONS, figures_of
from metrics.operations import release_answers
from metrics.queries.tallied import rows_of
from pairing.models.partnerships import Seat
from programs.models.parts import Competency
from programs.models.programs import Cohort
from tests.api.test_api import Caller, make_token
from tests.cast import Cast
from tests.feedback.build import last_asked
from tests.metrics.build import (
    NOW,
    TODAY,
    ask,
    circle,
    enrol,
    make_cohort,
    people,
    rate,
    release,
    set_threshold,
)

DAY = timedelta(days=1)
AS_WRITTEN = """
    SELECT part, units, people FROM feedback_releasedstep WHERE cohort_id = %(cohort)s ORDER BY ctid
"""


def answers(*values: int) -> list[Answer]:
    """One person each, numbered by their place; the value adds to a sum."""
    return [
        Answer(UUID(int=place), frozenset({UUID(int=place)}), (value,), (value, 1))
        for place, value in enumerate(values)
    ]


def walk(values: list[int], k: int = 5) -> list[Step]:
    """Look after each answer, and return the steps that were taken."""
    steps: list[Step] = []
    for many in range(1, len(values) + 1):
        step = next_step(Reading("mood", "1", answers(*values[:many])), steps, k)
        if step is not None:
            steps.append(step)
    return steps


def test_a_step_is_k_people_and_what_is_left_is_never_said() -> None:
    steps = walk([1, 2, 3, 4, 5, 5, 5, 5, 5, 4, 1, 1, 1, 2])
    assert [(step.counts, step.n) for step in steps] == [((15, 5), 5), ((39, 10), 10)]


def test_a_step_in_which_all_said_the_same_is_left_out_for_good() -> None:
    """Were it to wait for others, its waiting would say that the first were alike."""
    steps = walk([5, 5, 5, 5, 5, 1, 5, 5, 5, 5])
    assert [(step.counts, step.n, step.aside) for step in steps] == [
        ((), 0, True),
        ((21, 5), 5, False),
    ]


def test_two_rows_of_one_person_are_one_person() -> None:
    rows = answers(1, 2, 3, 4)
    twice = Answer(UUID(int=99), rows[0].people, (5,), (5, 1))
    assert next_step(Reading("mood", "1", [*rows, twice]), [], 5) is None


def test_every_figure_says_what_it_is_made_of() -> None:
    """One of answers has readings to be released, and no other has; a new one must say."""
    for entry in DEFINITIONS:
        assert (entry.basis == Basis.ANSWERS) == (entry.readings is not None), entry.key
    assert {entry.key for entry in DEFINITIONS if entry.basis == Basis.ANSWERS} == {
        *("competency_change", "voice_balance", "unheard", "decision_voice", "goal_attainment"),
        "feedback_rate",
        *("concern_days", "concern_late"),
        *("satisfaction", "satisfied", "mood", "progress", "shared_leadership"),
        *("confidence_change", "belonging_change", "scale_reliability"),
    }


# ── on real rows ────────────────────────────────────────────────────────────────────────


class Season:
    """A cohort in which people answer one after the other, and figures are pulled after each."""

    def __init__(self, cast: Cast, size: int) -> None:
        self.acme = cast.acme
        self.cora = cast.cora
        self.cohort = make_cohort(cast.acme)
        self.at = NOW
        with tenant(cast.acme):
            self.competency = Competency.objects.create(
                program=self.cohort.program, key="listening", name="Active listening"
            )
            self.rows = [enrol(self.cohort, member) for member in people(cast.acme, size)]
            circle(self.cohort, self.rows)

    def answer(self, place: int, start: int, end: int) -> None:
        with tenant(self.acme):
            rate(self.rows[place], self.competency, start, end)
            seat = Seat.objects.get(enrolment=self.rows[place])
            check_in = ask(seat, 1, TODAY, TODAY)
            type(check_in).objects.filter(pk=check_in.pk).update(mood=start, progress=end)

    def next_day(self) -> None:
        self.at += DAY
        with clock.at(self.at):
            follow_up(self.acme.pk)

    def figures(self) -> dict[tuple[str, str], Figure]:
        with tenant(self.acme), clock.at(self.at):
            cohorts = list(Cohort.objects.filter(pk=self.cohort.pk).for_list())
            found = figures_of(cohorts, OrganisationSettings.objects.get(), self.at)
        return {
            (figure.key, figure.part): figure
            for figure in found[self.cohort.pk]
            if figure.key == "competency_change"
        }

    def means(self) -> tuple[Any, Any]:
        with tenant(self.acme), clock.at(self.at):
            facts = check_in_facts(self.cohort, self.cora, at=self.at, last=last_asked(self.cohort))
            return facts.moods, facts.progress


START, END = ("competency_change", "start:listening"), ("competency_change", "end:listening")


@pytest.fixture
def season(cast: Cast) -> Callable[[int], Season]:
    return lambda size: Season(cast, size)


@pytest.mark.slow
def test_one_more_answer_and_a_second_pull_tell_nothing_of_it(
    cast: Cast, season: Callable[[int], Season]
) -> None:
    """The attack of the first review: sums before and after the sixth gave 2 and 2 away."""
    make_token(cast.hugo, Permission.FIGURES_READ, secret="night")
    six = season(6)
    for place, (start, end) in enumerate([(2, 3), (3, 3), (4, 4), (3, 2), (4, 4)]):
        six.answer(place, start, end)
    six.next_day()
    before, rest = six.figures(), pull(six)
    assert (before[START].numerator, before[END].numerator) == (16, 16)
    assert before[START].until == six.at.date()

    six.answer(5, 2, 2)
    six.next_day()
    assert six.figures() == before
    assert pull(six) == rest


def pull(season: Season) -> list[Any]:
    """Read the figures as HR does every night, by REST and as CSV."""
    caller = Caller("night")
    (cohort,) = caller.json(f"/api/v1/figures/?cohort={season.cohort.pk}")["results"]
    shown = [row for row in cohort["figures"] if row["key"] == "competency_change"]
    lines = [
        {key: value for key, value in row.items() if key != "as_of"}
        for row in caller.csv("/api/v1/figures.csv")
        if row["figure"] == "competency_change"
    ]
    assert [row["answers_until"] or "" for row in shown] == [row["answers_until"] for row in lines]
    return [*shown, *lines]


@pytest.mark.slow
def test_the_next_step_comes_with_k_more_and_is_of_all_of_them(
    season: Callable[[int], Season],
) -> None:
    ten = season(11)
    said = [(2, 3), (3, 3), (4, 4), (3, 2), (4, 4), (2, 2), (1, 5), (3, 4), (2, 4), (5, 5), (1, 1)]
    seen = []
    for place, (start, end) in enumerate(said):
        ten.answer(place, start, end)
        ten.next_day()
        found, (moods, progress) = ten.figures(), ten.means()
        assert (moods[0].n, progress[0].n) == (found[START].n, found[END].n)
        seen.append((found[START].n, found[START].numerator, found[END].numerator))
    hidden, five, all_ten = (None, None, None), (5, 16, 16), (10, 29, 36)
    assert seen == [hidden] * 4 + [five] * 5 + [all_ten] * 2
    assert ten.means()[0][0].value == Decimal("2.9000")


@pytest.mark.slow
def test_who_answers_anew_moves_nothing(season: Callable[[int], Season]) -> None:
    six = season(6)
    for place, (start, end) in enumerate([(2, 3), (3, 3), (4, 4), (3, 2), (4, 4)]):
        six.answer(place, start, end)
    six.next_day()
    before = six.figures()
    with tenant(six.acme):
        AssessmentRating.objects.filter(assessment__enrolment=six.rows[0]).update(rating=5)
    six.next_day()
    assert six.figures() == before


@pytest.mark.slow
def test_not_yet_too_few_all_equal_and_nobody_read_the_same(
    season: Callable[[int], Season],
) -> None:
    """A mean of 5 over five people says what each of them answered."""
    five = season(5)
    nobody = five.figures()
    assert {figure.state for figure in nobody.values()} == {State.HIDDEN}
    for place in range(5):
        five.answer(place, 1 + place % 2, 5)
        assert five.figures() == nobody  # not yet
        five.next_day()
        assert five.figures() == nobody  # too few, and then all equal
    with tenant(five.acme):
        assert ReleasedStep.objects.get(key="competency_change").aside


@pytest.mark.slow
def test_the_end_of_a_cohort_releases_nothing_more(season: Callable[[int], Season]) -> None:
    six = season(6)
    for place, (start, end) in enumerate([(2, 3), (3, 3), (4, 4), (3, 2), (4, 4), (1, 1)]):
        six.answer(place, start, end)
        if place == 4:
            six.next_day()
    before = six.figures()
    with tenant(six.acme):
        Cohort.objects.update(phase=Cohort.Phase.CLOSED, moved_at=six.at)
    six.next_day()
    six.next_day()
    assert six.figures() == before


@pytest.mark.slow
def test_a_lowered_threshold_holds_for_cohorts_that_begin_later(
    season: Callable[[int], Season],
) -> None:
    four = season(4)
    for place, (start, end) in enumerate([(2, 3), (3, 3), (4, 4), (3, 2)]):
        four.answer(place, start, end)
    four.next_day()
    with tenant(four.acme):
        OrganisationSettings.objects.update(threshold=3)
        later = make_cohort(four.acme, "Autumn")
    four.next_day()
    assert {figure.state for figure in four.figures().values()} == {State.HIDDEN}
    with tenant(four.acme), clock.at(four.at):
        found = figures_of(
            list(Cohort.objects.for_list()), OrganisationSettings.objects.get(), four.at
        )
        # of facts as of answers: four people stay hidden here
        enrolled = {figure.key: figure for figure in found[four.cohort.pk]}["enrolled"]
        assert enrolled.state == State.HIDDEN
        kept = dict(ReleaseMark.objects.values_list("cohort", "threshold"))
    assert kept == {four.cohort.pk: 5, later.pk: 3}


def test_a_raised_threshold_hides_what_was_released(season: Callable[[int], Season]) -> None:
    five = season(5)
    for place, (start, end) in enumerate([(2, 3), (3, 3), (4, 4), (3, 2), (4, 4)]):
        five.answer(place, start, end)
    five.next_day()
    assert five.figures()[START].state == State.SHOWN
    with tenant(five.acme):
        OrganisationSettings.objects.update(threshold=6)
    assert five.figures()[START].state == State.HIDDEN
    assert five.means()[0][0].value is None


@pytest.mark.slow
def test_answers_are_looked_at_once_a_day_and_the_same_again(
    season: Callable[[int], Season],
) -> None:
    five = season(5)
    for place, (start, end) in enumerate([(2, 3), (3, 3), (4, 4), (3, 2)]):
        five.answer(place, start, end)
    five.next_day()
    five.answer(4, 4, 4)
    with tenant(five.acme), clock.at(five.at):
        assert release_answers(at=five.at) == 0
        assert released([five.cohort.pk])[five.cohort.pk] == {}
    five.next_day()
    with tenant(five.acme):
        steps = ReleasedStep.objects.count()
        assert steps == 3  # the competency, mood and progress
        release(five.acme, five.at)
        assert ReleasedStep.objects.count() == steps


def test_the_database_keeps_a_step_as_it_was_written(season: Callable[[int], Season]) -> None:
    five = season(5)
    for place, (start, end) in enumerate([(2, 3), (3, 3), (4, 4), (3, 2), (4, 4)]):
        five.answer(place, start, end)
    five.next_day()
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with tenant(five.acme), refused, transaction.atomic():
        ReleasedStep.objects.update(n=6)
    with tenant(five.acme):  # only those of an organisation that closed 30 days ago may go
        steps = ReleasedStep.objects.count()
        assert ReleasedStep.objects.all().delete()[0] == 0
        assert ReleasedStep.objects.count() == steps > 0


def test_steps_are_written_in_an_order_of_ours_however_rows_come(cast: Cast) -> None:
    written = []
    for name in ("one", "other"):
        cohort = make_cohort(cast.acme, name)
        rows = answers(1, 2, 3, 4, 5)[:: 1 if name == "one" else -1]
        parts = ("2", "1", "3") if name == "one" else ("3", "2", "1")
        readings = [Reading("mood", part, rows) for part in parts]
        with tenant(cast.acme):
            keep_thresholds(cohorts=Cohort.objects.filter(pk=cohort.pk), threshold=5)
            write_steps(cohort_id=cohort.pk, readings=readings, k=5, today=TODAY)
            written.append(rows_of(AS_WRITTEN, {"cohort": cohort.pk}))
    assert written[0] == written[1]
    assert [part for part, _units, _people in written[0]] == ["1", "2", "3"]


def test_a_threshold_is_of_its_organisation(cast: Cast, season: Callable[[int], Season]) -> None:
    five = season(5)
    set_threshold(cast.globex, 9)
    five.next_day()
    with tenant(five.acme):
        assert ReleaseMark.objects.get().threshold == 5
