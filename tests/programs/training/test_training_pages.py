"""The pages of training: who may, what is asked, and that a refusal stands where the person was."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from core.tenancy.context import tenant
from programs.models.training import LessonFile, LessonProgress, LessonVersion, PathStep
from programs.training import queries
from tests.cast import sign_in
from tests.programs.build import make_cohort, make_enrolment, make_program
from tests.programs.training.build import do, require

TITLE = "Listening so that people think"


def url(name: str, *args: object) -> str:
    return reverse(f"programs:{name}", args=["acme", *args])


@pytest.fixture
def cohort(cast):
    return make_cohort(make_program(cast.acme))


def answers(key: str, wrong: bool = False) -> dict[str, int]:
    checks = queries.lessons()[key].checks
    said = {f"c{n}": check.right for n, check in enumerate(checks)}
    return said | ({"c0": (said["c0"] + 1) % 3} if wrong else {})


@pytest.mark.slow
def test_a_person_reads_answers_and_is_done(cast, cohort):
    make_enrolment(cohort, cast.petra)
    require(cohort.program, cast.cora)
    client = sign_in(cast.petra)
    home = client.get("/o/acme/").content.decode()
    assert "Lessons for you" in home
    assert f"Next: {TITLE}, 4 min." in " ".join(home.split())
    learn = client.get(url("learn")).content.decode()
    assert "You get a partner once you have done these:" in learn
    join = client.get(url("join", cohort.pk)).content.decode()
    assert "Before you get a partner, do these lessons:" in join
    page = url("lesson", "listening")
    with tenant(cast.acme):
        wrong, right = answers("listening", wrong=True), answers("listening")
    nothing = client.post(page, {"c1": 1})
    assert nothing.status_code == 422
    assert "Choose an answer." in nothing.content.decode()
    told = client.post(page, wrong).content.decode()
    assert "Not quite" in told
    assert "Try again" in told
    done = client.post(page, right).content.decode()
    assert f"Lesson done: {TITLE}." in done
    with tenant(cast.acme):
        assert LessonProgress.objects.get().done_at is not None
    assert "Lessons for you" not in client.get("/o/acme/").content.decode()


def test_a_bookmark_is_kept_and_removed(cast):
    client = sign_in(cast.petra)
    for kept, found in (("yes", True), ("no", False)):
        client.post(url("bookmark_lesson", "conflict"), {"kept": kept})
        page = client.get(url("learn"), {"kept": "on"}).content.decode()
        assert ("When it becomes difficult" in page) is found


def test_coordinators_write_lessons_and_nobody_else(cast):
    coordinator, person = sign_in(cast.cora), sign_in(cast.petra)
    page = url("edit_lesson", "listening")
    assert person.get(page).status_code == 403
    assert "Roundtable’s text, unchanged." in coordinator.get(page).content.decode()
    said = {
        "after": "0",
        "title": "Listening at Acme",
        "summary": "Ours.",
        "minutes": "3",
        "tags": "Listening, ours, ours",
        "body": "## Hear\n\n**Wait.** [A video](https://video.example/1)",
        "practice": "Wait for five seconds.",
        "question_1": "What?",
    }
    refused = coordinator.post(page, said)
    assert refused.status_code == 422
    assert refused.content.decode().count("A question needs this too.") >= 3
    said |= {"right_1": "Wait", "wrong_1": "Talk\nLeave", "why_1": "Because."}
    coordinator.post(page, said)
    again = coordinator.post(page, said)
    assert again.status_code == 422
    assert "Somebody has saved another version meanwhile." in again.content.decode()
    with tenant(cast.acme):
        row = LessonVersion.objects.get()
        assert (row.tags, row.version) == (["listening", "ours"], 1)
        check = queries.lessons()["listening"].checks[0]
        assert check.options[check.right] == "Wait"
    read = person.get(url("lesson", "listening")).content.decode()
    assert '<a href="https://video.example/1" rel="noopener noreferrer">A video</a>' in read
    assert person.get(url("lesson", "nothing-of-ours")).status_code == 404
    new = coordinator.post(url("new_lesson"), said | {"title": "Safety first"})
    assert new["Location"] == url("lesson", "safety-first")


def picture() -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (4000, 100), "red").save(drawn, "JPEG")
    return drawn.getvalue()


def test_a_picture_is_drawn_anew_and_a_pdf_is_a_download(cast):
    client, page = sign_in(cast.cora), url("add_lesson_file", "listening")
    for name, content in (("table.jpg", picture()), ("sheet.pdf", b"%PDF-1.7 ...")):
        answer = client.post(page, {"file": SimpleUploadedFile(name, content)})
        assert answer["Location"] == url("edit_lesson", "listening")
    for name, content in (("a.png", b"<svg onload=x>"), ("b.pdf", b"MZ"), ("c.gif", b"GIF89a")):
        answer = client.post(page, {"file": SimpleUploadedFile(name, content)})
        assert answer.status_code == 422
        assert "This is no picture and no PDF that we can read." in answer.content.decode()
    with tenant(cast.acme):
        drawn, sheet = LessonFile.objects.order_by("id")
    shown = sign_in(cast.petra).get(drawn.get_absolute_url())
    assert (shown["Content-Type"], shown["Content-Security-Policy"]) == (
        "image/png",
        "default-src 'none'; sandbox",
    )
    with Image.open(BytesIO(shown.content)) as image:
        assert image.size == (1600, 40)
    assert "attachment" in sign_in(cast.petra).get(sheet.get_absolute_url())["Content-Disposition"]
    assert sign_in(cast.greta).get(sheet.get_absolute_url()).status_code == 404
    client.post(url("remove_lesson_file", sheet.pk))
    assert sign_in(cast.petra).get(sheet.get_absolute_url()).status_code == 404


def test_a_path_is_laid_and_a_refusal_stands_at_the_form(cast, cohort):
    client, page = sign_in(cast.cora), url("program_training", cohort.program_id)
    said = {"key": "listening", "when": "matching", "required": "on"}
    assert client.post(page, said)["Location"] == page
    again = client.post(page, said)
    assert again.status_code == 422
    assert "This lesson is on the path already" in again.content.decode()
    late = client.post(page, {"key": "conflict", "when": "along", "required": "on"})
    assert late.status_code == 422
    assert "Only what comes before matching" in late.content.decode()
    assert sign_in(cast.petra).get(page).status_code == 403
    with tenant(cast.acme):
        step = PathStep.objects.get()
    client.post(url("require_step", step.pk))
    shown = client.get(page).text
    assert (f"Only offer {TITLE}" in shown, f"Require {TITLE}" in shown) == (False, True)
    assert client.post(url("require_step", step.pk)).status_code == 404  # it is another row now
    with tenant(cast.acme):
        step = PathStep.objects.on_path().get()
    client.post(url("require_step", step.pk), {"required": "yes"})
    assert f"Only offer {TITLE}" in client.get(page).text
    with tenant(cast.acme):
        step = PathStep.objects.on_path().get()
    client.post(url("remove_step", step.pk))
    assert "No lesson on the path yet" in client.get(page).content.decode()


def test_a_cohorts_page_says_who_lacks_what_reminds_and_lets_off(cast, cohort):
    client, page = sign_in(cast.cora), url("cohort_training", cohort.pk)
    assert "This program asks nobody to learn anything" in client.get(page).content.decode()
    require(cohort.program, cast.cora)
    enrolment = make_enrolment(cohort, cast.petra)
    make_enrolment(cohort, cast.pavel)
    do(cast.pavel)
    read = client.get(page).content.decode()
    assert "1 of 2 people has required lessons to do" in read
    assert "1 of 2" in read
    sent = client.post(page, follow=True).content.decode()
    assert "1 person is reminded." in sent
    again = client.post(page, follow=True).content.decode()
    assert "Nobody is reminded" in again
    off = url("let_off", enrolment.pk)
    asked = client.get(off).content.decode()
    assert "Let off 1 lesson" in asked
    assert TITLE in asked
    done = client.post(off, follow=True).content.decode()
    assert "Everybody has done what is required" in done
    assert sign_in(cast.petra).get(page).status_code == 403


def test_a_sponsors_words_stand_where_people_join(cast, cohort):
    client = sign_in(cast.cora)
    page = url("edit_sponsor", cohort.pk)
    refused = client.post(page, {"words": "Join us."})
    assert refused.status_code == 422
    assert "Say whose words these are." in refused.content.decode()
    client.post(page, {"name": "Dana Okafor", "title": "COO", "words": "You will lead here."})
    for who, name in ((cast.petra, "join"), (cast.cora, "cohort")):
        address = url(name, cohort.pk)
        read = sign_in(who).get(address).content.decode()
        assert "You will lead here." in read
        assert "Dana Okafor" in read
    guide = sign_in(cast.petra).get(url("guide_for_sponsors")).content.decode()
    assert "Why leaders endorse this" in guide


def test_each_role_has_a_kit_with_its_lesson(cast, cohort):
    with tenant(cast.acme):
        role = cohort.program.meeting_roles.get(leads=True)
    make_enrolment(cohort, cast.petra)
    client = sign_in(cast.petra)
    whole = client.get(url("role_lesson", role.pk)).content.decode()
    assert "How to be Facilitator" in whole
    assert "Practice for your next session" in whole
    part = client.get(url("role_lesson", role.pk), headers={"HX-Request": "true"}).content.decode()
    assert "Facilitating a session" in part
    assert "<html" not in part
