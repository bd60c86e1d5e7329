"""The demo's cohort says who it is, writes to each other, and leaves a report to look at."""

from __future__ import annotations

import random

from core.tenancy.context import tenant
from devtools.demo.community import live_together
from devtools.demo.history import Life
from programs.models.community import Announcement, PostReport, Thread
from programs.models.profiles import ProfileEntry
from tests.cast import Cast, make_member
from tests.programs.build import make_cohort, make_enrolment, make_program


def test_each_page_of_a_community_has_something_to_show(cast: Cast):
    cohort = make_cohort(make_program(cast.acme))
    people = [cast.petra, cast.pavel, make_member(cast.acme, "Mia"), make_member(cast.acme, "Noor")]
    for member in people:
        make_enrolment(cohort, member)
    with tenant(cast.acme):
        for event in live_together(cohort, people, cast.cora).values():
            event(Life(random.Random(1)))
        assert Thread.objects.get().posts == 4
        assert PostReport.objects.open().count() == 1
        assert sorted(row.is_sent for row in Announcement.objects.all()) == [False, True]
        assert ProfileEntry.objects.values("member").distinct().count() == 3
