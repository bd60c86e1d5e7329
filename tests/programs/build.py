"""Builders of programs, cohorts and enrolments: the parent comes first, operations make them."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.members.models import Member
from core.notifications.models import Email, Envelope
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from programs.models.programs import Cohort, Enrolment, Program, ProgramStaff
from programs.operations import cohorts, designs, enrolments

STARTS_ON, ENDS_ON = date(2027, 1, 11), date(2027, 6, 25)
TO_PHASE = ("draft", "enrolling", "matching", "running", "closing", "closed")


def make_program(
    organisation: Organisation,
    name: str = "Leading",
    template: str = "leadership-circles",
    *,
    as_designed: bool = False,
) -> Program:
    """Make a program from a template; nothing is asked or learnt unless `as_designed`."""
    with tenant(organisation):
        program = designs.create_program(template=template, name=name, by=None)
        if not as_designed:
            program.questions.update(required=False)
            program.path_steps.all().delete()
        return program


def run_only(member: Member, program: Program) -> None:
    """Let a coordinator run this program alone; wants the tenant open."""
    Member.objects.filter(pk=member.pk).update(runs_all=False)
    member.runs_all = False
    ProgramStaff.objects.create(program=program, member=member)


def make_cohort(
    program: Program,
    name: str = "Spring",
    *,
    phase: str = "enrolling",
    places: int | None = None,
    **more: Any,
) -> Cohort:
    """Open a cohort and take it to a phase, step by step."""
    with tenant(program.organisation):
        cohort = cohorts.create_cohort(
            program=program,
            name=name,
            **{"starts_on": STARTS_ON, "ends_on": ENDS_ON, "places": places} | more,
            by=None,
        )
        steps = (
            ("called_off",) if phase == "called_off" else TO_PHASE[1 : TO_PHASE.index(phase) + 1]
        )
        for step in steps:
            cohorts.move_cohort(cohort=cohort, to=step, by=None, confirmed=True, words="No room.")
        return cohort


def forget_emails(*enrolments: Enrolment) -> None:
    """Take away what was written about these enrolments: a test is about what comes then."""
    for enrolment in enrolments:
        emails = Email.objects.filter(about_id=enrolment.pk)
        Envelope.objects.filter(
            organisation_id=enrolment.organisation_id,
            email_id__in=list(emails.values_list("pk", flat=True)),
        ).delete()
        emails.delete()


def make_application(cohort: Cohort, member: Member, part: str = "peer", **said: Any) -> Enrolment:
    """Let somebody apply."""
    with tenant(cohort.organisation):
        said = {"answers": {}, "accept_expectations": True} | said
        enrolment = enrolments.apply(cohort=cohort, member=member, part=part, **said)
        forget_emails(enrolment)
        return enrolment


def make_enrolment(cohort: Cohort, member: Member, part: str = "peer", **said: Any) -> Enrolment:
    """Enrol somebody directly."""
    with tenant(cohort.organisation):
        enrolment = enrolments.enrol_directly(
            cohort=cohort, member=member, part=part, by=None, **said
        )
        forget_emails(enrolment)
        return enrolment
