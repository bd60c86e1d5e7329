"""A rule's refusal is shown on the page where the person was, with what they had typed."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.tenancy.context import tenant
from tests.cast import sign_in
from tests.programs.build import make_cohort, make_program

HOST = "http://testserver"


@pytest.fixture
def running(cast):
    program = make_program(cast.acme)
    make_cohort(program, phase="running")
    return program


def archive(cast, program, came_from: str | None, **headers: str):
    address = reverse("programs:archive_program", args=["acme", program.pk])
    headers |= {"Referer": came_from} if came_from else {}
    return sign_in(cast.cora).post(address, headers=headers)


def test_it_is_shown_on_the_page_that_the_form_was_on(cast, running):
    page = reverse("programs:program", args=["acme", running.pk])

    answer = archive(cast, running, HOST + page + "?tab=1")

    assert answer.status_code == 409
    html = answer.content.decode()
    assert html.count('id="refused"') == 1
    assert running.name in html
    assert 'aria-label="Main"' in html  # the organisation's navigation is there


@pytest.mark.parametrize(
    "came_from",
    [
        None,
        "https://elsewhere.example/o/acme/",
        HOST + "/o/globex/",
        HOST + "/no/such/page/",
        HOST + "/livez",
        HOST + "/account/login/",
    ],
)
def test_where_that_page_is_not_ours_to_show_the_sentence_has_a_page_of_its_own(
    cast, running, came_from
):
    answer = archive(cast, running, came_from)

    assert answer.status_code == 409
    assert b'id="refused"' not in answer.content
    assert b"That was not done" in answer.content


def test_a_page_that_only_takes_forms_is_not_shown(cast, running):
    address = reverse("programs:archive_program", args=["acme", running.pk])

    assert b'id="refused"' not in archive(cast, running, HOST + address).content


def test_nothing_of_what_was_refused_is_written(cast, running):
    archive(cast, running, HOST + reverse("programs:programs", args=["acme"]))

    with tenant(cast.acme):
        running.refresh_from_db()
    assert running.archived_at is None
