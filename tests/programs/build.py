"""Builders of programs, cohorts and enrolments: the parent comes first, operations make them."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from programs.models.programs import Cohort, Enrolment, Program
from programs.operations import cohorts, designs, enrolments

STARTS_ON, ENDS_ON = date(2027, 1, 11), date(2027, 6, 25)
TO_PHASE = ("draft", "enrolling", "matching", "running", "closing", "closed")


def make_program(
    organisation: Organisation, name: str = "Leading", template: str = "leadership-circles"
) -> Program:
    """Make a program from a template."""
    with tenant(organisation):
        return designs.create_program(template=template, name=name, by=None)


def make_cohort(
    program: Program,
    name: str = "Spring",
    *,
    phase: str = "enrolling",
    places: int | None = None,
) -> Cohort:
    """Open a cohort and take it to a phase, step by step."""
    with tenant(program.organisation):
        cohort = cohorts.create_cohort(
            program=program,
            name=name,
            starts_on=STARTS_ON,
            ends_on=ENDS_ON,
            places=places,
            by=None,
        )
        for step in TO_PHASE[1 : TO_PHASE.index(phase) + 1]:
            cohorts.move_cohort(cohort=cohort, to=step, by=None)
        return cohort


def make_application(cohort: Cohort, member: Member, part: str = "peer", **said: Any) -> Enrolment:
    """Let somebody apply."""
    with tenant(cohort.organisation):
        said = {"answers": {}, "accept_expectations": True} | said
        return enrolments.apply(cohort=cohort, member=member, part=part, **said)


def make_enrolment(cohort: Cohort, member: Member, part: str = "peer", **said: Any) -> Enrolment:
    """Enrol somebody directly."""
    with tenant(cohort.organisation):
        return enrolments.enrol_directly(cohort=cohort, member=member, part=part, by=None, **said)
