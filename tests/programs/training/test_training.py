"""Lessons, paths, who has done what, and who is asked to: rules on real rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.common import clock
from core.notifications.models import Email
from core.tenancy.context import tenant
from programs.errors import (
    AlreadyOnPath,
    NoCheckAnswered,
    OnlyAGateRequires,
    StepNotForPart,
    VersionOvertaken,
)
from programs.models.programs import Enrolment
from programs.models.training import LessonProgress, LessonVersion, PathStep
from programs.operations import designs, enrolments
from programs.templates_catalog import TEMPLATES
from programs.training import operations, queries
from programs.training.catalog import KEYS
from tests.cast import make_member
from tests.programs.build import make_cohort, make_enrolment, make_program
from tests.programs.training.build import do, require


@pytest.fixture
def program(cast):
    return make_program(cast.acme)


@pytest.fixture
def cohort(program):
    return make_cohort(program)


def asked() -> list[tuple[str, list[str]]]:
    rows = Email.objects.filter(kind="programs.training", withdrawn_at=None).order_by("id")
    return [(row.member.given_name, row.context["lessons"]) for row in rows]


def test_every_organisation_has_our_lessons_and_writes_versions_of_its_own(cast):
    with tenant(cast.globex):
        theirs = queries.lessons()["listening"]
    with tenant(cast.acme):
        ours = queries.lessons()["listening"]
        assert (ours.version, list(queries.lessons())) == (0, list(KEYS))
        first = replace(ours, title="Listening at Acme")
        operations.write_lesson(lesson=first, after=0, by=cast.cora)
        operations.write_lesson(lesson=replace(first, minutes=6), after=1, by=cast.cora)
        with pytest.raises(VersionOvertaken):
            operations.write_lesson(lesson=first, after=1, by=cast.olga)
        now = queries.lessons()["listening"]
        assert (now.title, now.minutes, now.version) == ("Listening at Acme", 6, 2)
        assert [row.version for row in queries.versions_of("listening")] == [2, 1]
        new = operations.write_lesson(
            lesson=replace(ours, key="", title="Safety first"), after=None, by=cast.cora
        )
        assert (new.key, list(queries.lessons())[-1]) == ("safety-first", "safety-first")
    with tenant(cast.globex):
        assert queries.lessons()["listening"] == theirs
        assert not LessonVersion.objects.exists()


def test_a_lesson_is_done_once_all_answers_are_right(cast):
    with tenant(cast.acme):
        lesson = queries.lessons()["listening"]
        right = [check.right for check in lesson.checks]
        wrong = [*right[:-1], (right[-1] + 1) % 3]
        with pytest.raises(NoCheckAnswered):
            operations.do_lesson(lesson=lesson, answers=[None, 1], by=cast.petra)
        assert not operations.do_lesson(lesson=lesson, answers=wrong, by=cast.petra)
        assert not LessonProgress.objects.exists()
        assert operations.do_lesson(lesson=lesson, answers=right, by=cast.petra)
        row = LessonProgress.objects.get()
        assert (row.member, row.key, row.version) == (cast.petra, "listening", 0)
        with clock.at(clock.now() + timedelta(days=3)):
            operations.do_lesson(lesson=lesson, answers=right, by=cast.petra)
        assert LessonProgress.objects.get().done_at == row.done_at  # the first time counts


def test_a_path_is_of_parts_and_only_a_gate_requires(cast):
    program = make_program(cast.acme, template="mentor-and-mentee")
    with tenant(cast.acme):
        by = cast.cora
        step = operations.add_step(
            program=program, key="questions", when="matching", part="mentor", required=True, by=by
        )
        with pytest.raises(AlreadyOnPath):
            operations.add_step(
                program=program, key="questions", when="along", part="mentor", by=by
            )
        with pytest.raises(StepNotForPart):
            operations.add_step(program=program, key="conflict", when="along", part="peer", by=by)
        with pytest.raises(OnlyAGateRequires):
            operations.add_step(program=program, key="conflict", when="along", required=True, by=by)
    cohort = make_cohort(program)
    rows = [
        make_enrolment(cohort, make_member(cast.acme, part.title()), part)
        for part in ("mentor", "mentee", "both")
    ]
    with tenant(cast.acme):
        lacking = queries.untrained(Enrolment.objects.filter(cohort=cohort), "matching")
        assert {row.part for row in lacking} == {"mentor", "both"}
        assert [len(queries.paths_of(rows)[row.pk].before_matching) for row in rows] == [1, 0, 1]
        assert not queries.untrained(Enrolment.objects.filter(cohort=cohort), "lead").exists()
        copy = designs.duplicate_program(program=program, by=cast.cora)
        assert [s.key for s, _lesson in queries.steps_of(copy)] == ["questions"]
        operations.remove_step(step=step, by=cast.cora)
        assert not lacking.all().exists()
        operations.add_step(
            program=program, key="questions", when="along", part="mentor", by=cast.cora
        )  # free again
        assert PathStep.objects.filter(program=program).count() == 2


def test_a_lesson_of_the_template_is_required_and_offered_again(cast):
    program = make_program(cast.acme, as_designed=True)
    cohort = make_cohort(program)
    enrolment = make_enrolment(cohort, cast.petra)
    with tenant(cast.acme):
        rows = PathStep.objects.on_path().filter(program=program)
        before = [(step.key, step.when) for step, _lesson in queries.steps_of(program)]
        operations.require_step(step=rows.get(key="listening"), required=True, by=cast.cora)
        assert queries.missing_titles(enrolment, "matching") == [
            str(queries.lessons()["listening"])
        ]
        assert [(step.key, step.when) for step, _lesson in queries.steps_of(program)] == before
        with pytest.raises(OnlyAGateRequires):
            operations.require_step(step=rows.get(key="reflection"), required=True, by=cast.cora)
        for _twice in range(2):
            required = PathStep.objects.filter(program=program, key="listening", required=True)
            operations.require_step(step=required.get(), required=False, by=cast.cora)
        assert not queries.untrained(Enrolment.objects.filter(cohort=cohort), "matching").exists()
        assert required.get().removed_at  # who looks back sees that it was required once
        copy = designs.duplicate_program(program=program, by=cast.cora)
        assert [(step.key, step.when) for step, _lesson in queries.steps_of(copy)] == before


def test_who_is_let_off_passes_and_has_not_done_it(cast, cohort):
    require(cohort.program, cast.cora)
    enrolment = make_enrolment(cohort, cast.petra)
    make_enrolment(cohort, cast.pavel)
    do(cast.pavel)
    with tenant(cast.acme):
        assert queries.trained([cohort.pk]) == {cohort.pk: (1, 2)}
        assert operations.let_off(enrolment=enrolment, by=cast.cora) == 1
        assert operations.let_off(enrolment=enrolment, by=cast.cora) == 0
        row = LessonProgress.objects.get(member=cast.petra)
        assert (row.done_at, row.let_off_by) == (None, cast.cora)
        path = queries.paths_of([enrolment])[enrolment.pk]
        assert (path.before_matching, path.steps[0].let_off) == ([], True)
        assert queries.trained([cohort.pk]) == {cohort.pk: (1, 2)}


def test_people_are_asked_once_and_again_by_a_coordinator_after_a_week(cast, cohort):
    require(cohort.program, cast.cora)
    enrolment = make_enrolment(cohort, cast.petra)
    make_enrolment(cohort, cast.pavel)
    do(cast.pavel)
    now = clock.now()
    title = "Listening so that people think"
    with tenant(cast.acme):
        assert operations.ask_to_learn(at=now) == 0  # just accepted
        later = now + timedelta(days=4)
        with clock.at(later):
            assert operations.ask_to_learn(at=later) == 1
            assert operations.ask_to_learn(at=later) == 0
            assert asked() == [("Petra", [title])]
            assert operations.remind(cohort=cohort, by=cast.cora) == 0  # asked a moment ago
        with clock.at(later + timedelta(days=8)):
            assert operations.remind(cohort=cohort, by=cast.cora) == 1
            assert asked() == [("Petra", [title])] * 2
            do(cast.petra)
            assert asked() == []  # what has not left is taken back
            assert operations.remind(cohort=cohort, by=cast.cora) == 0
        enrolments.withdraw(enrolment=enrolment, by=cast.petra, reason="work")


def test_whoever_has_a_partner_is_asked_before_they_lead(cast, cohort):
    require(cohort.program, cast.cora, when="lead")
    make_enrolment(cohort, cast.petra)
    at = clock.now() + timedelta(days=4)
    with tenant(cast.acme), clock.at(at):
        assert operations.ask_to_learn(at=at) == 0
        Enrolment.objects.update(state="active", started_at=at)
        assert operations.ask_to_learn(at=at) == 1
        assert Email.objects.get(kind="programs.training").context["before_leading"]


def test_the_library_is_searched_by_words_tag_and_bookmark(cast):
    with tenant(cast.acme):
        found = queries.library(cast.petra, words="consent objection")
        assert [entry.lesson.key for entry in found] == ["deciding-by-consent"]
        assert not queries.library(cast.petra, words="blockchain")
        tagged = {entry.lesson.key for entry in queries.library(cast.petra, tag="before you lead")}
        assert tagged == {"facilitating", "rounds-and-quiet-voices"}
        operations.bookmark(key="conflict", kept=True, by=cast.petra)
        kept = queries.library(cast.petra, bookmarked=True)
        assert [entry.lesson.key for entry in kept] == ["conflict"]
        assert not queries.library(cast.pavel, bookmarked=True)
        operations.bookmark(key="conflict", kept=False, by=cast.petra)
        assert not queries.library(cast.petra, bookmarked=True)


def test_each_role_of_our_templates_has_its_lesson(cast):
    for template in TEMPLATES:
        program = make_program(cast.acme, name=template, template=template)
        with tenant(cast.acme):
            for role in program.meeting_roles.select_related("competency"):
                assert queries.lesson_for_role(role) is not None, role.key
