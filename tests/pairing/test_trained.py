"""Nobody gets a first partner before they have done what the program requires."""

from __future__ import annotations

import pytest

from core.tenancy.context import tenant
from pairing.inputs.collect import take_snapshot
from pairing.partnerships.operations.partnerships import make_partnership
from pairing.runs.operations import runs
from pairing.runs.queries import matching_stamp
from programs.errors import NobodyHasLearnt, NotTrainedToMatch
from programs.models.programs import Cohort, Enrolment
from programs.training import operations
from tests.cast import sign_in
from tests.pairing.build import make_mentor_cohort
from tests.programs.training.build import do, require


@pytest.fixture
def cohort(cast) -> Cohort:
    cohort = make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    require(cohort.program, cast.cora)
    return cohort


def people(cohort: Cohort) -> list[Enrolment]:
    return list(Enrolment.objects.filter(cohort=cohort).for_list().order_by("id"))


def test_a_run_leaves_out_who_has_a_lesson_to_do_and_counts_them(cast, cohort):
    with tenant(cast.acme):
        rows = people(cohort)
        before = matching_stamp(cohort)
        with pytest.raises(NobodyHasLearnt):
            runs.start_match_run(cohort=cohort, by=cast.cora)
    do(rows[0].member)
    with tenant(cast.acme):
        assert matching_stamp(cohort) != before
        snapshot = take_snapshot(cohort)
        sides = {*snapshot.seekers.enrolments, *snapshot.offerers.enrolments}
        assert (sides, snapshot.untrained) == ({str(rows[0].pk)}, 3)
        assert take_snapshot(cohort, unaccepted_too=True).untrained == 3  # nobody lifts this gate
        for row in rows[1:]:
            operations.let_off(enrolment=row, by=cast.cora)
        assert take_snapshot(cohort).untrained == 0


def test_by_hand_the_refusal_names_person_and_lesson(cast, cohort):
    with tenant(cast.acme):
        rows = people(cohort)
        mentee = next(row for row in rows if row.part == "mentee")
        mentor = next(row for row in rows if row.part == "mentor")
    do(mentor.member)
    with tenant(cast.acme):
        pair = [(mentee, "mentee"), (mentor, "mentor")]
        with pytest.raises(NotTrainedToMatch) as refused:
            make_partnership(cohort=cohort, people=pair, by=cast.cora)
        assert str(refused.value) == (
            f"{mentee.member.full_name} has required lessons to do before matching: "
            "Listening so that people think."
        )
    do(mentee.member)
    with tenant(cast.acme):
        partnership = make_partnership(cohort=cohort, people=pair, by=cast.cora)
    # a lesson that is required later keeps nobody out who has had a partner
    require(cohort.program, cast.cora, "conflict")
    with tenant(cast.acme):
        assert partnership.is_open
        assert take_snapshot(cohort).untrained == 2


def test_the_studio_says_how_many_and_leads_to_them(cast, cohort):
    page = sign_in(cast.cora).get(f"/o/acme/cohorts/{cohort.pk}/matching/").content.decode()
    assert "4 people have required lessons to do" in page
    assert f"/o/acme/cohorts/{cohort.pk}/training/" in page
