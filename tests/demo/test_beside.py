"""What the story tells of mentors: one is selected, and one stands beside a circle."""

from __future__ import annotations

from typing import Any

from core.tenancy.context import tenant
from devtools.demo.beside import select_mentors, stand_beside
from pairing.companions.queries import accompanied_by
from programs.models.selection import Candidacy
from tests.cast import Cast, make_member
from tests.pairing.build import make_circles_cohort, make_partnership
from tests.programs.build import make_application, make_cohort, make_program


def test_one_is_selected_and_one_stands_beside_a_circle(cast: Cast) -> None:
    mentors = make_cohort(make_program(cast.acme, "Guides", "mentor-and-mentee"))
    make_application(mentors, cast.petra, "mentor")
    people = [make_member(cast.acme, name) for name in ("Ada", "Bo", "Cy")]
    make_partnership(make_circles_cohort(cast.acme, peers=0), *people, by=cast.cora)
    life: Any = None
    with tenant(cast.acme):
        select_mentors(mentors, cast.cora)
        assert Candidacy.objects.get().answer == "yes"
        for begin in stand_beside(cast.pavel, cast.cora).values():
            begin(life)
        assert len(accompanied_by(cast.pavel)) == 1
