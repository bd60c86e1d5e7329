"""A partnership as a part sees it, with invented people and nobody's words."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.tenancy.context import tenant
from tests.cast import main_of, sign_in
from tests.programs.build import make_cohort, make_enrolment, make_program


def url(program, query: str = "") -> str:
    return reverse("pairing:seen_as", args=["acme", program.pk]) + query


@pytest.mark.parametrize(
    ("part", "mine", "other"), [("mentor", "Mentor", "Mentee"), ("mentee", "Mentee", "Mentor")]
)
def test_each_part_sees_the_other_and_what_is_expected_of_it(cast, part, mine, other):
    program = make_program(cast.acme, "Guides", "mentor-and-mentee")
    make_enrolment(make_cohort(program), cast.petra, part)
    page = main_of(sign_in(cast.cora).get(url(program, f"?part={part}")))
    assert f"Amara Nwosu ({mine})" in page
    assert f"{other} invented" in page
    with tenant(cast.acme):
        assert program.expectations_for(part).splitlines()[0] in page
    assert "Petra" not in page
    assert "mailto:" not in page


def test_a_circle_is_as_small_as_it_may_be(cast):
    program = make_program(cast.acme)
    page = main_of(sign_in(cast.cora).get(url(program, "?part=mentor")))
    assert page.count("invented</") == program.circle_min
    assert sign_in(cast.petra).get(url(program)).status_code == 403
    assert sign_in(cast.gina).get(url(program)).status_code == 404
