"""The guided set-up: good practice in few clicks, and beside each step what people will see."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from core.audit.models import AuditEvent
from core.tenancy.context import tenant
from programs.errors import QuestionFollowed
from programs.models.parts import Answer
from programs.models.programs import Cohort, Program
from programs.operations import parts
from programs.training.catalog import lessons_of_ours
from programs.training.queries import steps_of
from programs.views.setup import STEPS
from tests.cast import main_of, sign_in
from tests.programs.build import make_cohort, make_program, run_only


def url(name: str, *args: object) -> str:
    return reverse(f"programs:{name}", args=["acme", *args])


def typed(page: str) -> dict[str, str]:
    """Return what a form on a page would send if nobody changed anything."""
    main = page.partition("<main")[2]
    values = {
        name: value
        for name, value in re.findall(r'<input[^>]*?name="(\w+)"[^>]*?value="([^"]*)"', main)
        if name != "csrfmiddlewaretoken"
    }
    fields = re.findall(r'<textarea[^>]*?name="(\w+)"[^>]*>\r?\n?([^<]*)</textarea>', main)
    chosen = re.findall(r'name="(\w+)" value="([^"]*)"[^>]*? checked', main)
    return values | dict(fields) | dict(chosen)


def test_from_an_empty_organisation_to_an_open_enrolment_in_a_few_clicks(cast):
    """Count what is pressed: a page is opened by the press before it."""
    cora, clicks = sign_in(cast.cora), 0
    made = cora.post(url("new_program"), {"template": "new-leader-buddies", "name": "Buddies"})
    clicks += 2  # Programs: "Make a program"; the form: its button
    address = made["Location"]
    for step in STEPS:
        page = cora.get(address).text
        assert "What people will see" in page
        if step == "review":
            break
        if step == "training":
            assert "What they learn" in page
            address = address.replace("training", "review")
            assert f'href="{address}"' in page
            clicks += 1
            continue
        saved = cora.post(address, typed(page) | {"cadence_unit": "weeks"})
        clicks += 1
        assert saved.status_code == 302, step
        address = saved["Location"]
    with tenant(cast.acme):
        program = Program.objects.get()
        before = AuditEvent.objects.filter(verb="program.edited").count()
    assert before == 0  # who goes on without a change has changed nothing
    dates = {"name": "First", "starts_on": "2027-01-11", "ends_on": "2027-04-12"}
    form = typed(cora.get(url("new_cohort", program.pk)).text)
    opened = cora.post(url("new_cohort", program.pk), form | dates | {"entry": "application"})
    clicks += 2  # "Open a cohort", and its button
    assert opened.status_code == 302
    with tenant(cast.acme):
        cohort = Cohort.objects.get()
    assert (
        cora.post(url("move_cohort", cohort.pk), {"to": "enrolling", "confirmed": "on"}).status_code
        == 302
    )
    clicks += 2  # the step, and its confirmation
    with tenant(cast.acme):
        assert Cohort.objects.get().phase == "enrolling"
    assert clicks == 12
    assert "Buddies" in sign_in(cast.petra).get("/o/acme/").text


def test_a_step_saves_its_fields_alone_and_keeps_what_is_wrong(cast):
    program = make_program(cast.acme)
    cora = sign_in(cast.cora)
    wrong = cora.post(
        url("set_up_pairing", program.pk), {"circle_min": 9, "circle_max": 8, "second_person": "on"}
    )
    assert wrong.status_code == 422
    assert "This is smaller than the smallest circle." in wrong.text
    assert "People may say whom they would like to sit with" in wrong.text
    said = {"circle_min": 5, "circle_max": 7, "second_person": "on", "self_match": "on"}
    right = cora.post(url("set_up_pairing", program.pk), said)
    assert right["Location"] == url("set_up_feedback", program.pk)
    with tenant(cast.acme):
        program.refresh_from_db()
        assert (program.circle_min, program.circle_max, program.second_person) == (5, 7, True)
        assert program.lets_people_wish
        assert not program.lets_people_ask
        assert program.purpose
    make_program(cast.acme, "Taken")
    taken = cora.post(url("set_up_purpose", program.pk), {"name": "Taken", "purpose": "x"})
    assert taken.status_code == 422


def test_lessons_are_put_on_the_path_in_the_set_up(cast):
    program = make_program(cast.acme)
    cora, page = sign_in(cast.cora), url("set_up_training", program.pk)
    with tenant(cast.acme):
        before = [lesson.key for _step, lesson in steps_of(program)]
    key = next(key for key in lessons_of_ours() if key not in before)
    chosen = {"key": key, "when": "matching", "required": "on"}
    assert cora.post(page, chosen)["Location"] == page
    seen = cora.get(page).text.partition("What they learn")[2]
    assert lessons_of_ours()[key].title in seen
    with tenant(cast.acme):
        assert {lesson.key for _step, lesson in steps_of(program)} == {*before, key}
    again = cora.post(page, chosen)
    assert again.status_code == 422
    wrong = cora.post(page, {"key": "no-such", "when": "matching"})
    assert wrong.status_code == 422
    assert sign_in(cast.petra).get(page).status_code == 403


def test_a_question_goes_where_it_was_dropped(cast):
    program = make_program(cast.acme)
    cora = sign_in(cast.cora)
    with tenant(cast.acme):
        first, *others = program.questions.all()
        assert len(others) > 1
    where = cora.post(url("move_question_to", first.pk), {"places": 2})
    assert where["Location"] == url("design", program.pk) + "#questions"
    with tenant(cast.acme):
        assert list(program.questions.all()) == [*others[:2], first, *others[2:]]
    for places in ("", "far", "1e3", 10_000):
        assert cora.post(url("move_question_to", first.pk), {"places": places}).status_code == 400
    assert sign_in(cast.petra).post(url("move_question_to", first.pk)).status_code == 403


def test_the_preview_is_the_form_of_the_part_and_sends_nothing(cast):
    program = make_program(cast.acme, "Guides", "mentor-and-mentee")
    cora = sign_in(cast.cora)
    address = url("preview_enrolment", program.pk)
    mentor, mentee = (cora.get(f"{address}?part={part}") for part in ("mentor", "mentee"))
    assert 'name="q_skills_offered' in mentor.text
    assert 'name="q_skills_sought' not in mentor.text
    assert 'name="q_skills_sought' in mentee.text
    assert "Nothing you enter here is sent." in mentor.text
    assert "q_skills" in cora.get(f"{address}?part=nobody").text
    assert 'method="post"' not in main_of(mentor)
    assert cora.post(address).status_code == 405


@pytest.mark.parametrize(("way", "expected"), [("up", [1, 0, 2]), ("down", [0, 2, 1])])
def test_questions_are_asked_in_the_order_set(cast, way, expected):
    program = make_program(cast.acme)
    with tenant(cast.acme):
        questions = list(program.questions.all())
    cora = sign_in(cast.cora)
    assert cora.post(url(f"move_question_{way}", questions[1].pk)).status_code == 302
    with tenant(cast.acme):
        now = list(program.questions.all())
        assert now[:3] == [questions[place] for place in expected]
        assert now[3:] == questions[3:]
        first = now[0]
        assert parts.move_question(question=first, by=cast.cora, places=-1) == now
        assert AuditEvent.objects.filter(verb="question.moved").count() == 1
    assert sign_in(cast.petra).post(url("move_question_up", first.pk)).status_code == 403
    assert sign_in(cast.gina).post(url("move_question_up", first.pk)).status_code == 404


def test_a_question_of_another_program_one_sees_is_copied_once(cast):
    mine = make_program(cast.acme, "Mine")
    other = make_program(cast.acme, "Other", "mentor-and-mentee")
    foreign = make_program(cast.globex, "Foreign", "mentor-and-mentee")
    with tenant(cast.acme):
        wanted = other.questions.get(key="topics_offered")
    with tenant(cast.globex):
        theirs = foreign.questions.get(key="topics_offered")
    cora, address = sign_in(cast.cora), url("question_bank", mine.pk)
    assert cora.get(address).text.count('name="question"') == 1
    assert cora.post(address, {"question": str(theirs.pk)}).status_code == 404
    assert "is copied." in cora.post(address, {"question": str(wanted.pk)}, follow=True).text
    with tenant(cast.acme):
        copied = mine.questions.get(label=wanted.label)
        assert (copied.kind, copied.options) == (wanted.kind, wanted.options)
        assert mine.questions.last() == copied
    assert cora.post(address, {"question": str(wanted.pk)}).status_code == 404
    with tenant(cast.acme):
        run_only(cast.cora, mine)
        mine.questions.filter(pk=copied.pk).delete()
    assert 'name="question"' not in cora.get(address).text


def test_a_question_is_asked_only_after_the_answer_it_follows(cast):
    program = make_program(cast.acme)
    said = {"program": program, "by": cast.cora}
    yes_no = [{"key": "yes", "name": "Yes"}, {"key": "no", "name": "No"}]
    with tenant(cast.acme):
        travels = parts.save_question(kind="choice", label="Do you travel?", options=yes_no, **said)
        where = {"kind": "short_text", "label": "Where to?", "required": True}
        follower = parts.save_question(only_if=f"{travels.key}=yes", **where, **said)
        for change in ({"options": yes_no[1:]}, {"kind": "choices", "options": yes_no}):
            same = {"kind": "choice", "label": "Do you travel?", **change}
            with pytest.raises(QuestionFollowed):
                parts.save_question(question=travels, **same, **said)
        with pytest.raises(QuestionFollowed):
            parts.remove_part(row=travels, by=cast.cora)
    cohort = make_cohort(program)
    petra, join = sign_in(cast.petra), url("join", cohort.pk)
    page = petra.get(join).text
    assert "Only if you chose “Yes” at “Do you travel?”." in page
    assert f'data-only-if="q_{travels.key}" data-answer="yes"' in page
    answers = {"part": "peer", "expectations": "on", f"q_{follower.key}": ""}
    refused = petra.post(join, answers | {f"q_{travels.key}": "yes"})
    assert (refused.status_code, "This has to be answered." in refused.text) == (422, True)
    late = {f"q_{travels.key}": "no", f"q_{follower.key}": "Pune"}  # hidden since
    assert petra.post(join, answers | late).status_code == 302
    with tenant(cast.acme):
        kept = dict(Answer.objects.values_list("question__key", "value"))
        assert kept == {travels.key: "no"}
    form = sign_in(cast.cora).get(url("edit_question", follower.pk)).text
    assert f'value="{travels.key}=yes" selected' in form
    assert f'value="{follower.key}=' not in form
