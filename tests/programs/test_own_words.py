"""A program's own words: chosen in its design, copied with it, and said wherever it is."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, ngettext, override, pgettext

from core.audit.models import AuditEvent
from core.common.own_words import choices_of, found, in_words, of_a_page, spoken, words_of
from core.notifications.words import in_words_of
from core.tenancy.context import tenant
from programs.interchange.reading import design_of, problems_of
from programs.models.programs import Program
from programs.operations import designs
from tests.cast import Cast, main_of, sign_in
from tests.programs.build import make_cohort, make_program
from tests.programs.test_set_up import typed

BUDDIES = (("mentor", "buddy"), ("mentee", "newcomer"), ("session", "meeting"))
LAZY = gettext_lazy("The mentor has not answered.")


def url(name: str, *args: object) -> str:
    return reverse(f"programs:{name}", args=["acme", *args])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["The buddy has not answered.", "2 meetings", "Buddy", "See your circle"]),
        (
            "de",
            [
                "Der oder die Pat:in hat nicht geantwortet.",
                "2 Treffen",
                "Pat:in",
                "Deinen Kreis ansehen",
            ],
        ),
        (
            "es",
            ["El acompañante no ha respondido.", "2 reuniones", "Acompañante", "Ver tu círculo"],
        ),
    ],
)
def test_whatever_is_translated_is_said_in_the_words(language: str, said: list[str]):
    with override(language):
        before = gettext("Mentor")
        with in_words(BUDDIES):
            assert [
                str(LAZY),
                ngettext("%(n)d session", "%(n)d sessions", 2) % {"n": 2},
                gettext("Mentor"),
                gettext("See your circle"),
            ] == said
        assert gettext("Mentor") == before


def test_a_message_with_a_context_that_is_in_no_catalog_is_turned_too():
    with override("en"), in_words(BUDDIES):
        assert pgettext("somewhere", "Your mentor") == "Your buddy"
        assert gettext("Open circle") == "Open circle"
        assert gettext("%(mentor)s is your mentor") == "%(mentor)s is your buddy"


def test_the_words_go_with_an_error():
    with suppress(ZeroDivisionError), in_words(BUDDIES):
        assert 1 / 0
    assert spoken() == ()


def test_only_what_is_not_ours_counts_and_what_nobody_offers_is_ours():
    chosen = {"mentor": "mentor", "mentee": "guru", "circle": "team", "session": "session"}
    assert words_of(chosen) == (("circle", "team"),)


def test_a_coordinator_chooses_words_in_the_design_and_reads_them_at_once(cast: Cast):
    program = make_program(cast.acme, template="mentor-and-mentee")
    browser, address = sign_in(cast.cora), url("design", program.pk)
    page = browser.get(address).text
    assert "coach · Coach:in · coach" in page
    assert "Your mentor plans a session with you." in page
    assert 'name="word_circle"' not in page
    sent = typed(page) | {"cadence_unit": "weeks", "word_mentor": "coach", "format": "mentor"}
    assert browser.post(address, sent).status_code == 302
    page = browser.get(address).text
    assert "Your coach plans a session with you." in page
    assert "Mentors are called" in page
    assert "Criteria for coaches" in page
    with tenant(cast.acme):
        act = AuditEvent.objects.get(verb="program.edited")
        assert "word_mentor" in str(act.details)


def test_a_copy_and_a_file_have_the_words_and_a_file_with_another_word_is_refused(cast: Cast):
    program = make_program(cast.acme, template="new-leader-buddies", as_designed=True)
    assert program.own_words == BUDDIES[:2]
    with tenant(cast.acme):
        copy = designs.duplicate_program(program=program, by=cast.cora)
        assert copy.own_words == program.own_words
        design = json.loads(json.dumps(design_of(program)))
        assert problems_of(design) == []
        for notion in ("mentor", "circle"):
            said = {**design["program"], f"word_{notion}": "<b>guru</b>"}
            (problem,) = {where for where, _words in problems_of({**design, "program": said})}
            assert problem == f"program.word_{notion}"


def test_what_is_changed_in_one_task_is_said_in_it_at_once(cast: Cast):
    program = make_program(cast.acme)
    with tenant(cast.acme), override("en"):
        with in_words_of(program.pk):
            assert gettext("See your circle") == "See your circle"
        designs.edit_program(program=program, by=cast.cora, word_circle="club")
        with in_words_of(program.pk):
            assert gettext("See your circle") == "See your club"
        with in_words_of(None):
            assert gettext("See your circle") == "See your circle"


def test_who_joins_reads_the_words(cast: Cast):
    program = make_program(cast.acme, template="new-leader-buddies")
    cohort = make_cohort(program, name="Mentor Smith")
    page = main_of(sign_in(cast.petra).get(url("join", cohort.pk)))
    assert "Buddy" in page
    assert "Newcomer" in page
    assert "Mentor Smith" in page
    assert "Mentee" not in page


def test_a_program_in_our_words_costs_nothing_and_one_with_its_own_no_statement_more(
    cast: Cast,
):
    program = make_program(cast.acme)
    browser, address = sign_in(cast.cora), url("program", program.pk)
    counts = []
    for words in ({}, {"word_circle": "team"}):
        with tenant(cast.acme):
            Program.objects.filter(pk=program.pk).update(**words)
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_each_word_is_shown_as_the_languages_say_it():
    assert dict(choices_of("session"))["meeting"] == "meeting · Treffen · reunión"
    assert dict(choices_of("circle"))["club"] == "club · Club · club"


def test_people_who_manage_each_other_are_of_no_program(cast: Cast):
    cast.petra.manager, cast.pavel.manager = cast.pavel, cast.petra
    with of_a_page([cast.petra.pk]):
        found(cast.petra)
        assert spoken() == ()
