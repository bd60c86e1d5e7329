"""Building a survey by its pages: questions, order, versions, two editors, copies."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from core.audit.models import AuditEvent
from core.common import clock
from core.tenancy.context import tenant
from feedback.builder import operations
from feedback.errors import (
    AnonymousSettled,
    AskedOnlyLater,
    NeededLater,
    NothingToAsk,
    TooManyQuestions,
)
from feedback.models.built import BuiltSurvey, SurveyVersion
from feedback.models.surveys import SurveyResponse, SurveyWords
from feedback.surveys.base import open_due
from feedback.surveys.built import BUILT
from programs.models.programs import Program
from tests.cast import Cast, sign_in
from tests.feedback.build import AFTER_ONE_PERIOD, enrol, link, make_cohort, make_survey

FRAME = {"title": "Halfway", "moments": ["mid"], "sessions": "", "days": "30 60"}
SCALE = {"kind": "scale", "question": "How useful?", "choices": "Not\nPartly\nFully"}


@pytest.fixture
def program(cast: Cast) -> Program:
    return make_cohort(cast.acme).program


@pytest.fixture
def owner(cast: Cast) -> Client:
    return sign_in(cast.olga)


def post(client: Client, path: str, data: dict[str, Any]) -> Any:
    return client.post(path, data)


def add(client: Client, survey: str, **item: Any) -> Any:
    return client.post(f"{survey}questions/new/", {**SCALE, **item})


def items_of(cast: Cast, number: int = 1) -> list[dict[str, Any]]:
    with tenant(cast.acme):
        items: list[dict[str, Any]] = SurveyVersion.objects.get(number=number).items
        return items


def test_a_survey_is_built_previewed_and_started(
    cast: Cast, owner: Client, program: Program
) -> None:
    listed = f"/o/acme/programs/{program.pk}/surveys/"
    assert "No survey yet" in owner.get(listed).text
    made = post(owner, f"{listed}new/", FRAME)
    survey = made["Location"]
    assert add(owner, survey, required="on").status_code == 302
    add(owner, survey, kind="choice", question="Go on?", choices="Yes\nNo", required="on")
    add(owner, survey, kind="text", question="What else?", choices="", only_if="q2=2")
    add(owner, survey, kind="choices", question="What with?", choices="Books\nTalks")
    add(owner, survey, kind="matrix", question="How was", rows="the room\nthe time")
    kinds = [(item["key"], item["kind"], item["only_if"]) for item in items_of(cast)]
    assert kinds == [
        ("q1", "scale", ""),
        ("q2", "choice", ""),
        ("q3", "text", "q2=2"),
        ("q4", "choices", ""),
        ("q5", "matrix", ""),
    ]
    page = owner.get(survey).text
    assert "At the midpoint, On day 30, On day 60" in page
    preview = owner.get(f"{survey}preview/").text
    assert "Only if you answered “No” to “Go on?”." in preview
    assert "How was the room" in preview
    assert "How was the time" in preview
    post(owner, f"{survey}questions/q5/move/", {"places": "-4"})
    assert [item["key"] for item in items_of(cast)] == ["q5", "q1", "q2", "q3", "q4"]
    assert "Nobody is asked today." in owner.get(f"{survey}start/").text
    post(owner, f"{survey}start/", {"asking": "on"})
    with tenant(cast.acme):
        assert BuiltSurvey.objects.get().asking
    assert "asked" in owner.get(listed).text


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"choices": "One"}, "choices"),
        ({"choices": "\n".join("abcdefgh")}, "choices"),
        ({"kind": "matrix", "rows": ""}, "rows"),
        ({"question": ""}, "question"),
        ({"only_if": "q9=1"}, "only_if"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    cast: Cast, owner: Client, program: Program, item: dict[str, str], field: str
) -> None:
    survey = make_survey(program).survey.get_absolute_url()
    answer = add(owner, survey, **{"question": "Kept words?", **item})
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {field})
    assert item.get("question", "Kept words?") in answer.text
    frame = post(owner, f"{survey}edit/", {**FRAME, "days": "soon", "title": "Kept title"})
    assert (frame.status_code, "days" in frame.context["form"].errors) == (422, True)
    assert "Kept title" in frame.text


def test_of_two_editors_neither_writes_over_the_other(
    cast: Cast, owner: Client, program: Program
) -> None:
    survey = make_survey(program, asking=False).survey.get_absolute_url()
    address = f"{survey}questions/q1/"
    mine = owner.get(address).context["form"]
    sent = {"version": mine["version"].value(), **SCALE, "required": "on"}
    theirs = post(owner, address, {**sent, "question": "Theirs?", "choices": "Not\nPartly\nFully"})
    assert theirs.status_code == 302
    refused = post(owner, address, {**sent, "question": "Mine?"})
    assert refused.status_code == 422
    assert "Theirs?" in str(refused.context["form"].errors["question"])
    assert "Mine?" in refused.text
    assert items_of(cast)[0]["question"] == "Theirs?"


def test_a_change_after_somebody_was_asked_is_a_new_version_for_later_rounds(
    cast: Cast, program: Program
) -> None:
    version = make_survey(program, moments=["d14", "d20"])
    survey = version.survey
    with tenant(cast.acme):
        cohort = program.cohorts.get()
    first = enrol(cohort, cast.petra)
    with clock.at(AFTER_ONE_PERIOD), tenant(cast.acme):
        assert open_due(BUILT.survey, at=clock.now()) == 1
        item = {**version.items[0], "question": "Other words?"}
        operations.save_item(survey=survey, by=cast.olga, item=item, key="q1")
        operations.save_item(survey=survey, by=cast.olga, item=item, key="q1")
        numbers = SurveyVersion.objects.order_by("number").values_list("number", flat=True)
        assert list(numbers) == [1, 2]
        enrol(cohort, cast.pavel)
        assert open_due(BUILT.survey, at=clock.now()) == 1  # the same round, the same questions
        with pytest.raises(AnonymousSettled):
            operations.edit_survey(
                survey=survey,
                by=cast.olga,
                title="T",
                intro="",
                moments=["d14"],
                mandatory=False,
                anonymous=True,
            )
    later = AFTER_ONE_PERIOD + (AFTER_ONE_PERIOD - first.applied_at) / 2
    with clock.at(later), tenant(cast.acme):
        assert open_due(BUILT.survey, at=clock.now()) == 2
        by_round = SurveyResponse.objects.values_list("occasion", "version__number")
        assert sorted((code.split(":")[1], number) for code, number in by_round) == [
            ("d14", 1),
            ("d14", 1),
            ("d20", 2),
            ("d20", 2),
        ]


def test_what_depends_on_an_answer_keeps_its_place(cast: Cast, program: Program) -> None:
    version = make_survey(program, [{}, {"only_if": "q1=3"}])
    survey, by = version.survey, cast.olga
    with tenant(cast.acme):
        with pytest.raises(AskedOnlyLater):
            operations.move_item(survey=survey, by=by, key="q2", places=-1)
        with pytest.raises(NeededLater):
            operations.remove_item(survey=survey, by=by, key="q1")
        item = {**version.items[0], "choices": ["Yes", "No"]}
        with pytest.raises(NeededLater):
            operations.save_item(survey=survey, by=by, item=item, key="q1")
        operations.remove_item(survey=survey, by=by, key="q2")
        with pytest.raises(NothingToAsk):
            operations.remove_item(survey=survey, by=by, key="q1")
    answer = sign_in(cast.olga).post(f"{survey.get_absolute_url()}questions/q1/remove/")
    assert answer.status_code == 422
    assert "at least one question" in answer.text


def test_a_survey_and_a_question_are_copied_from_any_program_one_may_see(
    cast: Cast, owner: Client, program: Program
) -> None:
    elsewhere = make_cohort(cast.acme, "Autumn").program
    source = make_survey(elsewhere, [{"question": "From elsewhere?"}]).survey
    listed = f"/o/acme/programs/{program.pk}/surveys/"
    assert "How is it?" in owner.get(listed).text
    copy = post(owner, f"{listed}copy/", {"survey": str(source.pk)})["Location"]
    assert "From elsewhere?" in owner.get(copy).text
    assert "From elsewhere?" in owner.get(f"{copy}bank/").text
    post(owner, f"{copy}bank/", {"survey": str(source.pk), "item": "q1"})
    with tenant(cast.acme):
        copied = BuiltSurvey.objects.get(program=program)
        assert not copied.asking
        keys = [item["key"] for item in copied.versions.get().items]
    assert keys == ["q1", "q2"]
    assert sign_in(cast.petra).get(listed).status_code in {403, 404}


def test_an_answer_is_given_by_link_and_what_is_not_asked_is_not_kept(
    cast: Cast, program: Program
) -> None:
    make_survey(
        program,
        [
            {"kind": "choice", "choices": ["Yes", "No"]},
            {"kind": "text", "question": "Why not?", "choices": [], "only_if": "q1=2"},
            {"kind": "choices", "choices": ["A", "B", "C"], "required": False},
            {"kind": "matrix", "rows": ["x", "y"]},
        ],
    )
    with tenant(cast.acme):
        enrol(program.cohorts.get(), cast.petra)
    with clock.at(AFTER_ONE_PERIOD):
        with tenant(cast.acme):
            open_due(BUILT.survey, at=clock.now())
            response = SurveyResponse.objects.get()
        path, client = link("built", cast.petra, response.pk), Client()
        assert "Your coordinator reads what you write here" in client.get(path).text
        sent = {"q3": ["3", "1"], "q4_1": "2", "q4_2": "3"}
        refused = client.post(path, {**sent, "q1": "2"})
        assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"q2"})
        assert client.post(path, {**sent, "q1": "1", "q2": "not asked"}).status_code == 302
        with tenant(cast.acme, member=cast.petra.pk):
            answers = SurveyResponse.objects.get().answers
            assert answers == {"q1": "1", "q3": ["3", "1"], "q4_1": 2, "q4_2": 3}
            assert not SurveyWords.objects.exists()
        client.post(f"{path}?change=yes", {**sent, "q1": "2", "q2": "because"})
        with tenant(cast.acme, member=cast.cora.pk):
            assert [row.text for row in SurveyWords.objects.all()] == ["because"]


def frame(survey: BuiltSurvey, **changes: Any) -> dict[str, Any]:
    names = ("title", "intro", "moments", "mandatory", "anonymous")
    return {name: getattr(survey, name) for name in names} | changes


def edits(survey: BuiltSurvey) -> int:
    return AuditEvent.objects.filter(target_id=survey.pk).count()


def test_a_changed_frame_is_kept_and_said_once(cast: Cast, owner: Client, program: Program) -> None:
    survey = make_survey(program, moments=["mid"]).survey
    page = f"{survey.get_absolute_url()}edit/"
    assert post(owner, page, {**FRAME, "title": "Half of it"}).status_code == 302
    with tenant(cast.acme):
        survey.refresh_from_db()
        assert (survey.title, survey.moments) == ("Half of it", ["mid", "d30", "d60"])
        assert edits(survey) == 1
        operations.edit_survey(survey=survey, by=cast.olga, **frame(survey))
        assert edits(survey) == 1


def test_what_is_asked_keeps_a_time_and_begins_with_one(cast: Cast, program: Program) -> None:
    asked = make_survey(program).survey
    unready = [
        make_survey(program, asking=False, moments=[]).survey,
        make_survey(program, asking=False, title="Empty"),
    ]
    with tenant(cast.acme):
        with pytest.raises(NothingToAsk):
            operations.edit_survey(survey=asked, by=cast.olga, **frame(asked, moments=[]))
        empty = unready[1].survey
        operations.remove_item(survey=empty, by=cast.olga, key="q1")
        for survey in (unready[0], empty):
            with pytest.raises(NothingToAsk):
                operations.set_asking(survey=survey, by=cast.olga, asking=True)
        assert [row.asking for row in BuiltSurvey.objects.order_by("id")] == [True, False, False]
        before = edits(asked)
        assert operations.set_asking(survey=asked, by=cast.olga, asking=True).asking
        assert edits(asked) == before
        assert not operations.set_asking(survey=asked, by=cast.olga, asking=False).asking
        assert edits(asked) == before + 1


def test_a_question_that_is_gone_is_not_moved(cast: Cast, owner: Client, program: Program) -> None:
    version = make_survey(program, [{}, {}])
    moved = post(owner, f"{version.survey.get_absolute_url()}questions/q9/move/", {"places": "1"})
    assert moved.status_code == 302
    assert items_of(cast) == version.items


def test_a_survey_has_forty_questions_and_no_more(
    cast: Cast, owner: Client, program: Program
) -> None:
    survey = make_survey(program, [{}] * 39, asking=False).survey.get_absolute_url()
    assert add(owner, survey, question="The fortieth?").status_code == 302
    refused = add(owner, survey, question="Kept words?")
    assert (refused.status_code, str(TooManyQuestions()) in refused.text) == (422, True)
    assert "Kept words?" in refused.text
    assert len(items_of(cast)) == 40


def test_an_anonymous_survey_follows_no_session(
    cast: Cast, owner: Client, program: Program
) -> None:
    sent = {**FRAME, "sessions": "2", "anonymous": "on"}
    listed = f"/o/acme/programs/{program.pk}/surveys/"
    refused = post(owner, f"{listed}new/", sent)
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"anonymous"})
    survey = make_survey(program, asking=False).survey
    assert post(owner, f"{survey.get_absolute_url()}edit/", sent).status_code == 422
    with tenant(cast.acme):
        assert list(BuiltSurvey.objects.all()) == [survey]
        assert not BuiltSurvey.objects.get().anonymous
