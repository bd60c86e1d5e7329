"""What the demo says of the programs: a journal, quotes, and a review that is published."""

from __future__ import annotations

import random

from core.tenancy.context import tenant
from devtools.demo.history import Life
from devtools.demo.looking_back import look_back
from feedback.journal.queries import entries_of
from feedback.models.review import ProgramReview
from feedback.testimonials.queries import said_to_the_cohort
from programs.models.programs import Cohort
from tests.cast import Cast, make_member
from tests.feedback.build import enrol, make_cohort


def test_three_write_two_are_shown_and_one_review_is_read(cast: Cast) -> None:
    circles, pairs = make_cohort(cast.acme), make_cohort(cast.acme, "Pairs")
    for number in range(5):
        enrol(circles, make_member(cast.acme, f"Person {number}"))
    enrol(pairs, cast.petra)
    enrol(circles, cast.petra)
    with tenant(cast.acme):
        circles, pairs = (Cohort.objects.for_list().get(pk=row.pk) for row in (circles, pairs))
    events = look_back(cast.petra, circles, pairs, cast.cora)
    for day in sorted(events):
        with tenant(cast.acme):
            events[day](Life(random.Random(1)))
    with tenant(cast.acme, member=cast.petra.pk):
        assert entries_of(cast.petra).count() == 3
        assert said_to_the_cohort(circles, cast.petra).count() == 2
        published = ProgramReview.objects.visible_to(cast.petra)
        assert [row.cohort_id for row in published] == [pairs.pk]
