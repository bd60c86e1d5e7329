"""Twenty people reach for the last place at once: one has it, the others wait politely."""

from __future__ import annotations

from collections import Counter

import pytest

from core.tenancy.context import tenant
from programs.errors import AlreadyDecided
from programs.models.programs import Cohort, Enrolment
from programs.operations import enrolments
from tests.at_once import at_once
from tests.cast import make_cast, make_member
from tests.programs.build import make_application, make_cohort, make_program

MANY = 20


@pytest.fixture
def cohort(transactional_db):
    cast = make_cast()
    return make_cohort(make_program(cast.acme), places=1)


@pytest.fixture
def people(cohort):
    return [make_member(cohort.organisation, f"Person{at}") for at in range(MANY)]


@pytest.mark.django_db(transaction=True)
def test_the_last_place_is_accepted_once(cohort, people):
    waiting = [make_application(cohort, member) for member in people]

    def accept(enrolment):
        with tenant(cohort.organisation):
            return enrolments.accept(enrolment=enrolment, by=None).state

    states = at_once([lambda each=each: accept(each) for each in waiting])

    assert Counter(states) == {"accepted": 1, "waitlisted": MANY - 1}
    with tenant(cohort.organisation):
        assert Cohort.objects.get().places_taken == 1
        assert Enrolment.objects.filter(state="accepted").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_last_place_is_filled_once_by_coordinators_who_enrol_directly(cohort, people):
    def enrol(member):
        with tenant(cohort.organisation):
            return enrolments.enrol_directly(
                cohort=cohort, member=member, part="peer", by=None
            ).state

    states = at_once([lambda each=each: enrol(each) for each in people])

    assert Counter(states) == {"accepted": 1, "waitlisted": MANY - 1}
    with tenant(cohort.organisation):
        assert Cohort.objects.get().places_taken == 1


@pytest.mark.django_db(transaction=True)
def test_one_enrolment_withdrawn_twenty_times_frees_one_place(cohort, people):
    with tenant(cohort.organisation):
        Cohort.objects.update(places=3)
        rows = [
            enrolments.enrol_directly(cohort=cohort, member=member, part="peer", by=None)
            for member in people[:2]
        ]

    def leave():
        try:
            with tenant(cohort.organisation):
                return enrolments.withdraw(enrolment=rows[0], by=None).state
        except AlreadyDecided:
            return "refused"

    assert Counter(at_once([leave] * MANY)) == {"withdrawn": 1, "refused": MANY - 1}
    with tenant(cohort.organisation):
        assert Cohort.objects.get().places_taken == 1
