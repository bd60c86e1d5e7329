"""An option that is renamed keeps its answers; one that goes takes them along, and says so."""

from __future__ import annotations

import pytest

from core.tenancy.context import tenant
from programs.models.parts import Answer, Question
from programs.queries.words import answer_words
from tests.cast import sign_in
from tests.programs.build import make_cohort, make_enrolment, make_program
from tests.programs.test_pages import read, url

OPTIONS = [{"key": "theatre", "name": "Theatre"}, {"key": "chess", "name": "Chess"}]
ANSWERS = {"skills": {"theatre": 4, "chess": 2}, "choice": "theatre", "choices": ["theatre"]}


@pytest.fixture
def cohort(cast):
    return make_cohort(make_program(cast.acme))


@pytest.fixture
def answered(cast, cohort):
    """One question of each kind with options, and one person's answers."""

    def make(kind: str) -> Answer:
        with tenant(cast.acme):
            Question.objects.create(
                program=cohort.program, key="fun", label="Besides work", kind=kind, options=OPTIONS
            )
        enrolment = make_enrolment(cohort, cast.petra, answers={"fun": ANSWERS[kind]})
        with tenant(cast.acme):
            return Answer.objects.select_related("question").get(enrolment=enrolment)

    return make


def send(cast, question: Question, lines: str, **became: str):
    typed = {"label": "Besides work", "kind": question.kind, "asked_of": "everyone"}
    return sign_in(cast.cora).post(
        url("edit_question", question.pk), typed | {"options": lines} | became
    )


@pytest.mark.parametrize("kind", ANSWERS)
def test_it_is_asked_what_became_of_an_option_that_was_answered(cast, answered, kind):
    question = answered(kind).question

    page = send(cast, question, "Theatre and film\nChess")

    assert page.status_code == 422
    assert "What became of “Theatre”?" in read(page)
    assert "It is gone: 1 answer is deleted" in read(page)
    with tenant(cast.acme):
        question.refresh_from_db()
    assert question.options == OPTIONS


@pytest.mark.parametrize("kind", ANSWERS)
def test_renamed_it_keeps_its_answers(cast, answered, kind):
    answer = answered(kind)

    page = send(cast, answer.question, "Theatre and film\nChess", became_theatre="Theatre and film")

    assert page.status_code == 302
    with tenant(cast.acme):
        answer = Answer.objects.select_related("question").get(pk=answer.pk)
    assert answer.value == ANSWERS[kind]
    assert "Theatre and film" in answer_words(answer.question, answer.value)


@pytest.mark.parametrize(
    ("kind", "left"), [("skills", {"chess": 2}), ("choice", None), ("choices", None)]
)
def test_gone_it_takes_its_answers_along(cast, answered, kind, left):
    answer = answered(kind)

    assert send(cast, answer.question, "Chess", became_theatre=" gone").status_code == 302

    with tenant(cast.acme):
        values = list(Answer.objects.filter(pk=answer.pk).values_list("value", flat=True))
    assert values == ([left] if left else [])


def test_what_nobody_chose_goes_without_a_question(cast, answered):
    question = answered("choice").question

    assert send(cast, question, "Theatre").status_code == 302


def test_two_old_options_cannot_become_one_new_one(cast, answered):
    question = answered("skills").question
    became = {"became_theatre": "Games", "became_chess": "Games"}

    page = send(cast, question, "Games", **became)

    assert page.status_code == 422
    assert "Only one option can become “Games”." in read(page)


def test_removing_a_part_asks_first(cast, cohort):
    cora = sign_in(cast.cora)
    with tenant(cast.acme):
        question = Question.objects.create(
            program=cohort.program, key="x", label="Extra", kind="scale"
        )
    address = url("remove_question", question.pk)

    assert "Remove “Extra” from the design?" in read(cora.get(address))
    with tenant(cast.acme):
        assert Question.objects.filter(pk=question.pk).exists()
    assert cora.post(address).status_code == 302
    with tenant(cast.acme):
        assert not Question.objects.filter(pk=question.pk).exists()


def test_two_people_who_change_the_design_lose_nothing_of_each_other(cast, cohort):
    cora, olga = sign_in(cast.cora), sign_in(cast.olga)
    address = url("design", cohort.program.pk)
    form = cora.get(address).context["form"]
    opened = {field.name: field.value() for field in form if field.value() not in (None, False)}

    assert olga.post(address, opened | {"purpose": "Olga's purpose"}).status_code == 302
    assert cora.post(address, opened | {"session_minutes": "75"}).status_code == 302

    with tenant(cast.acme):
        cohort.program.refresh_from_db()
    assert cohort.program.purpose == "Olga's purpose"
    assert cohort.program.session_minutes == 75
    told = cora.post(address, opened | {"purpose": "Cora's purpose"})
    assert told.status_code == 422
    assert "Olga&#x27;s purpose" in read(told)
    assert "Cora&#x27;s purpose" in read(told)
