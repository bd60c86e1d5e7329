"""Training done, against a count by hand."""

from __future__ import annotations

from decimal import Decimal

from core.common import clock
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from metrics.definitions.shapes import Figure
from metrics.figures import figures_of
from programs.models.programs import Cohort
from programs.training import operations
from tests.cast import make_member
from tests.programs.build import make_cohort, make_enrolment, make_program
from tests.programs.training.build import do, require


def figure(cohort: Cohort) -> Figure:
    with tenant(cohort.organisation):
        row = Cohort.objects.for_list().get(pk=cohort.pk)
        found = figures_of([row], OrganisationSettings.objects.get(), clock.now())
    return next(one for one in found[cohort.pk] if one.key == "training_done")


def test_training_done_counts_who_did_all_that_is_required(cast):
    cohort = make_cohort(make_program(cast.acme))
    people = [make_member(cast.acme, f"P{n}") for n in range(8)]
    rows = [make_enrolment(cohort, person) for person in people]
    assert (figure(cohort).value, figure(cohort).denominator) == (None, 0)  # nothing is required
    require(cohort.program, cast.cora, "listening", "matching")
    require(cohort.program, cast.cora, "facilitating", "lead")
    for person in people[:5]:
        do(person, "listening", "facilitating", "conflict")
    do(people[5], "listening")  # one of two
    with tenant(cast.acme):
        operations.let_off(enrolment=rows[6], by=cast.cora)  # let off is not done
    found = figure(cohort)
    assert (found.numerator, found.denominator, found.n) == (5, 8, 8)
    assert found.value == Decimal("0.6250")
