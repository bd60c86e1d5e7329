"""The review of a program: a draft by theme, published once with one e-mail, and carried on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from core.common import clock
from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.context import tenant
from feedback.models import testimonials as consents
from feedback.models.built import SurveyResult
from feedback.models.review import ProgramReview, ReviewChange, ReviewQuote
from feedback.models.surveys import SurveyResponse
from feedback.review import errors, operations, queries
from feedback.surveys.closing import CLOSING
from feedback.surveys.items import answer_survey
from feedback.testimonials import operations as testimonials
from programs.models.programs import Cohort, Enrolment, Program
from programs.operations import designs
from tests.cast import Cast, make_member, sign_in
from tests.feedback.build import OPENS, enrol, make_cohort, noon
from tests.work import catch_up

SHORT = [f"Too short, {number}." for number in range(6)]
LATE = [f"Met too late, {number}." for number in range(3)]
CHANGE = "Sessions last two hours."
QUOTE = "canary: nobody had listened to me like that."


@pytest.fixture
def cohort(cast: Cast) -> Cohort:
    """Petra, Pavel and Mia took part; the closing survey has closed with ten answers."""
    with time_machine.travel(noon(OPENS), tick=False):
        cohort = make_cohort(cast.acme)
        for member in (cast.petra, cast.pavel, make_member(cast.acme, "Mia")):
            enrol(cohort, member)
        with tenant(cast.acme):
            SurveyResult.objects.create(
                survey="closing",
                cohort=cohort,
                occasion="end",
                items={
                    "worth": {"n": 10, "total": 38},
                    "change": {"n": 9, "words": sorted([*SHORT, *LATE])},
                },
            )
            yield Cohort.objects.for_list().get(pk=cohort.pk)


def page(cohort: Cohort, part: str = "") -> str:
    return f"/o/acme/cohorts/{cohort.pk}/review/{part}"


def draft(cast: Cast, cohort: Cohort) -> None:
    with tenant(cast.acme):
        operations.keep_changes(
            cohort=cohort, by=cast.cora, changes=[("Ninety minutes are too short.", CHANGE)]
        )


def publish(cast: Cast, cohort: Cohort) -> ProgramReview:
    draft(cast, cohort)
    with tenant(cast.acme):
        return operations.publish_review(cohort=cohort, by=cast.cora)


def told() -> list[str]:
    rows = Email.objects.filter(kind="feedback.review", withdrawn_at=None)
    return sorted(rows.values_list("member__given_name", flat=True))


def test_from_comments_to_a_published_review_with_one_email(cast: Cast, cohort: Cohort):
    desk = sign_in(cast.cora)
    assert SHORT[0] in desk.get(page(cohort)).text
    desk.post(page(cohort, "themes/"), {"name": "Length"})
    desk.post(page(cohort, "themes/"), {"name": "The start"})
    themes = {queries.digest_of("change", text): "Length" for text in SHORT}
    themes |= {queries.digest_of("change", text): "The start" for text in LATE}
    desk.post(page(cohort, "comments/"), themes)
    text = desk.get(page(cohort)).text
    assert "6 comments" in text
    assert "too few comments for a number" in text  # three of them
    sent = {"said_1": "Ninety minutes are too short.", "change_1": CHANGE}
    desk.post(page(cohort, "changes/"), sent)
    for member in (cast.petra, cast.hugo):
        assert sign_in(member).get(page(cohort)).status_code == 404
    asked = desk.get(page(cohort, "publish/")).text
    assert "3 people who took part get an e-mail" in " ".join(asked.split())
    answer = desk.post(page(cohort, "publish/"), follow=True)
    assert "Published: 3 people are told." in answer.text
    read = sign_in(cast.petra).get(page(cohort)).text
    for words in (CHANGE, "3.8 of 5 on average, n = 10", "6 comments", "a few comments"):
        assert words in " ".join(read.split()), words
    assert SHORT[0] not in read  # comments themselves are for who runs the program
    assert sign_in(cast.hugo).get(page(cohort)).status_code == 404
    with tenant(cast.acme):
        assert told() == ["Mia", "Pavel", "Petra"]
        email = Email.objects.filter(kind="feedback.review").first()
        assert email
        assert email.context["changes"] == [{"said": sent["said_1"], "change": CHANGE}]


def test_the_audit_trail_says_that_it_was_published(cast: Cast, cohort: Cohort):
    publish(cast, cohort)
    trail = sign_in(cast.olga).get("/o/acme/settings/audit/").content.decode()
    assert "published the review" in trail


def test_a_theme_has_one_name_and_there_are_eight(cast: Cast, cohort: Cohort):
    desk = sign_in(cast.cora)
    for number in range(8):
        desk.post(page(cohort, "themes/"), {"name": f"Theme {number}"})
    desk.post(page(cohort, "comments/"), {queries.digest_of("change", SHORT[0]): "Theme 1"})
    for name, words in [("theme 1", "a theme with this name"), ("Ninth", "Eight themes")]:
        answer = desk.post(page(cohort, "themes/"), {"name": name})
        assert answer.status_code == 422
        assert words in answer.text
        assert f'value="{name}"' in answer.text
    desk.post(page(cohort, "themes/remove/"), {"name": "Theme 1"})
    with tenant(cast.acme):
        review = ProgramReview.objects.get()
    assert len(review.themes) == 7
    assert queries.theme_of(review) == {}


@pytest.mark.parametrize("sent", [{"said_1": "Only this."}, {"change_2": "Only that."}])
def test_what_was_said_and_what_changes_belong_together(
    cast: Cast, cohort: Cohort, sent: dict[str, str]
):
    answer = sign_in(cast.cora).post(page(cohort, "changes/"), sent)
    assert answer.status_code == 422
    assert "Both belong together" in answer.text
    assert next(iter(sent.values())) in answer.text


def test_nothing_is_published_without_a_change_and_nothing_changed_after(
    cast: Cast, cohort: Cohort
):
    desk = sign_in(cast.cora)
    answer = desk.post(page(cohort, "publish/"))
    assert answer.status_code == 422
    assert "at least one thing that changes" in answer.text
    publish(cast, cohort)
    with tenant(cast.acme), pytest.raises(errors.ReviewPublished):
        operations.keep_changes(cohort=cohort, by=cast.cora, changes=[])
    answer = desk.post(page(cohort, "changes/"), {"said_1": "a", "change_1": "b"})
    assert answer.status_code == 422
    assert "Undo the publication first" in answer.text


def test_a_quote_stands_beside_its_figure_as_long_as_its_author_lets_it(cast: Cast, cohort: Cohort):
    with tenant(cast.acme):
        row = testimonials.give_testimonial(
            cohort=cohort, by=cast.petra, text=QUOTE, places=["community"], signed="nobody"
        )
        report = testimonials.give_testimonial(
            cohort=cohort, by=cast.pavel, text="Only there.", places=["report"], signed="full"
        )
        with pytest.raises(errors.QuoteGone):
            operations.quote(cohort=cohort, by=cast.cora, testimonial=report, item="worth")
    desk = sign_in(cast.cora)
    assert "Only there." not in desk.get(page(cohort)).text
    desk.post(page(cohort, "quotes/"), {"testimonial": str(row.pk), "item": "worth"})
    publish(cast, cohort)
    mia = sign_in(Member.objects.get(given_name="Mia"))
    text = mia.get(page(cohort)).text
    assert QUOTE in text
    assert ">A peer</figcaption>" in text
    desk.post(f"/o/acme/cohorts/{cohort.pk}/testimonials/{row.pk}/unpick/")
    assert QUOTE not in mia.get(page(cohort)).text
    desk.post(f"/o/acme/cohorts/{cohort.pk}/testimonials/{row.pk}/pick/")
    assert QUOTE in mia.get(page(cohort)).text
    with tenant(cast.acme):
        own = consents.Testimonial.objects.for_list().get(pk=row.pk)
        testimonials.revoke_testimonial(testimonial=own, by=cast.petra)
    assert QUOTE not in mia.get(page(cohort)).text
    assert QUOTE not in desk.get(page(cohort)).text


def test_a_quote_is_taken_away(cast: Cast, cohort: Cohort):
    with tenant(cast.acme):
        row = testimonials.give_testimonial(
            cohort=cohort, by=cast.petra, text=QUOTE, places=["community"], signed="first"
        )
        operations.quote(cohort=cohort, by=cast.cora, testimonial=row, item="worth")
        quote = ReviewQuote.objects.get()
    sign_in(cast.cora).post(page(cohort, f"quotes/{quote.pk}/remove/"))
    with tenant(cast.acme):
        assert not ReviewQuote.objects.exists()


def test_the_publication_is_undone_for_a_day_and_nobody_hears_of_it_twice(
    cast: Cast, cohort: Cohort
):
    review = publish(cast, cohort)
    with tenant(cast.acme):
        sent = Email.objects.filter(kind="feedback.review", member=cast.petra)
        sent.update(sent_at=clock.now())
    desk = sign_in(cast.cora)
    desk.post(page(cohort, "undo/"))
    assert sign_in(cast.petra).get(page(cohort)).status_code == 404
    with tenant(cast.acme):
        assert told() == ["Petra"]
        with clock.at(noon(OPENS) + timedelta(minutes=5)):
            operations.publish_review(cohort=cohort, by=cast.cora)
        assert told() == ["Mia", "Pavel", "Petra"]
        ProgramReview.objects.filter(pk=review.pk).update(
            published_at=noon(OPENS) - timedelta(days=1)
        )
    answer = desk.post(page(cohort, "undo/"), follow=True)
    assert "That day is over" in answer.text
    assert "Undo the publication" not in answer.text


def test_who_has_left_or_withdrew_is_not_told(cast: Cast, cohort: Cohort):
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.pavel.pk).update(state="left")
        Enrolment.objects.filter(member=cast.petra).update(
            state="withdrawn", ended_at=clock.now(), end_reason="work", ended_by="person"
        )
    publish(cast, cohort)
    with tenant(cast.acme):
        assert told() == ["Mia"]
    assert sign_in(cast.petra).get(page(cohort)).status_code == 404


def carried(cast: Cast, program: Program) -> list[Any]:
    with tenant(cast.acme):
        return [row.change for row in queries.carried_to(program, cast.cora)]


def test_what_changes_is_carried_into_the_next_design_and_ticked_off_there(
    cast: Cast, cohort: Cohort
):
    draft(cast, cohort)
    assert carried(cast, cohort.program) == []  # a draft promises nothing
    with tenant(cast.acme):
        operations.publish_review(cohort=cohort, by=cast.cora)
        copy = designs.duplicate_program(program=cohort.program, by=cast.cora)
        change = ReviewChange.objects.get()
    assert carried(cast, cohort.program) == carried(cast, copy) == [CHANGE]
    desk, here = sign_in(cast.cora), f"/o/acme/programs/{copy.pk}/changes/"
    for path in ("design/", "cohorts/new/", ""):
        assert here in desk.get(f"/o/acme/programs/{copy.pk}/{path}").text, path
    fragment = desk.get(here, headers={"HX-Request": "true"}).text
    assert CHANGE in fragment
    assert "<html" not in fragment
    desk.post(f"{here}{change.pk}/")
    assert "done in the design" in desk.get(here).text
    assert carried(cast, copy) == [CHANGE]
    assert carried(cast, cohort.program) == []  # the design that has it is another one
    desk.post(f"{here}{change.pk}/")
    assert carried(cast, cohort.program) == [CHANGE]
    assert sign_in(cast.petra).get(here).status_code == 403


@pytest.mark.slow
def test_a_survey_that_has_closed_reaches_the_review_by_itself(cast: Cast):
    cohort = make_cohort(cast.acme)
    for number in range(9):
        enrol(cohort, make_member(cast.acme, f"Person {number}"))
    ends = noon(cohort.ends_on)
    with clock.at(ends):
        catch_up()
        with tenant(cast.acme):
            for number, row in enumerate(SurveyResponse.objects.for_list().order_by("pk")):
                answer_survey(
                    questionnaire=CLOSING,
                    response=row,
                    by=row.enrolment.member,
                    answers={
                        "worth": 1 + number % 5,
                        "learned": 3,
                        "again": "yes",
                        "change": f"Words {number}",
                    },
                )
    with clock.at(ends + timedelta(days=29)):
        catch_up()
        with tenant(cast.acme):
            (group,) = queries.comments(cohort)
            assert [row.text for row in group.comments] == [f"Words {n}" for n in range(9)]
            (figure,) = queries.figures_of(cohort, None, cast.cora)
    assert figure.item == "worth"
