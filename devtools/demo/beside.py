"""A mentor beside a circle, and one who wants to be a mentor and whose manager has said yes."""

from __future__ import annotations

from core.members.models import Member
from devtools.demo.history import Events, Life, attempt
from pairing.companions.operations import put_beside
from pairing.models.partnerships import Partnership
from programs.models.programs import Cohort, Enrolment
from programs.operations import designs
from programs.selection import operations

CRITERIA = (
    "Two years in a leading role, here or elsewhere.\n"
    "Two hours a month, for half a year.\n"
    "Has been a mentee or a peer in one of our programs, or has read the lessons."
)
STATEMENT = (
    "I have led the support team for three years and was in Circle Birch last season. What I can"
    " give is time, and honest stories of what went wrong."
)


def stand_beside(member: Member, by: Member) -> Events:
    """One of the circles has somebody with experience beside it from the last weeks on."""

    def begin(_life: Life) -> None:
        circles = Partnership.objects.active().filter(cohort__program__format="circles")
        circle = circles.select_related("organisation", "cohort__program").order_by("id").first()
        if circle is not None:
            with attempt():
                put_beside(partnership=circle, member=member, by=by)

    return {62: begin}


def select_mentors(cohort: Cohort, by: Member) -> None:
    """Ask from now on for a manager's yes; who has applied last has it."""
    designs.edit_program(program=cohort.program, by=by, mentor_criteria=CRITERIA)
    rows = Enrolment.objects.filter(cohort=cohort, state=Enrolment.State.APPLIED, part="mentor")
    enrolment = rows.for_list().order_by("-id").first()
    if enrolment is not None:
        with attempt():
            candidacy = operations.ask_manager(
                enrolment=enrolment,
                statement=STATEMENT,
                manager_address="dana.okafor@northwind.example",
                by=enrolment.member,
            )
            operations.answer(candidacy=candidacy, answer="yes")
