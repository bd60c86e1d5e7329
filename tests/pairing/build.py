"""Builders of cohorts, runs and partnerships: parent first, through operations."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from pairing import tasks as pairing_tasks
from pairing.models.partnerships import Partnership
from pairing.models.runs import MatchRun
from pairing.partnerships.operations import partnerships
from pairing.runs.operations import publishing, runs
from programs.models.programs import Cohort, Enrolment, Program
from programs.operations import cohorts, designs, enrolments
from tests.cast import make_member
from tests.programs.build import forget_emails

LEVELS = ("4", "5", "6", "7")
DEPARTMENTS = ("Engineering", "Sales", "Finance")
SKILLS = ("coaching", "delegation", "facilitation", "negotiation")


def make_cohort(
    organisation: Organisation,
    template: str = "mentor-and-mentee",
    *,
    name: str = "Autumn",
    starts_on: date | None = None,
    weeks: int = 26,
) -> Cohort:
    """Open a cohort of a new program, in the matching phase; it starts today."""
    with tenant(organisation):
        number = Program.objects.count() + 1  # a program's name is taken once
        program = designs.create_program(template=template, name=f"Program {number}", by=None)
        program.questions.update(required=False)  # these tests are about who is matched
        program.path_steps.all().delete()
        start = starts_on or clock.now().date()
        cohort = cohorts.create_cohort(
            program=program,
            name=name,
            starts_on=start,
            ends_on=start + timedelta(weeks=weeks),
            by=None,
        )
        for phase in (Cohort.Phase.ENROLLING, Cohort.Phase.MATCHING):
            cohort = cohorts.move_cohort(cohort=cohort, to=phase, by=None, confirmed=True)
    return cohort


def enrol(
    cohort: Cohort, member: Member, part: str, *, capacity: int = 1, **answers: Any
) -> Enrolment:
    """Accept somebody into a cohort who has accepted its expectations."""
    with tenant(cohort.organisation):
        enrolment = enrolments.enrol_directly(
            cohort=cohort, member=member, part=part, capacity=capacity, answers=answers, by=None
        )
        enrolment.expectations_accepted_at = clock.now()
        enrolment.save(update_fields=["expectations_accepted_at"])
        forget_emails(enrolment)
        return enrolment


def person(cohort: Cohort, given_name: str, part: str, **more: Any) -> Enrolment:
    """Make a member who speaks English, and accept them; `answers` and `capacity` as `enrol`."""
    answers, capacity = more.pop("answers", {}), more.pop("capacity", 1)
    more.setdefault("languages", ["en"])
    more.setdefault("time_zone", "Europe/Berlin")
    member = make_member(cohort.organisation, given_name, **more)
    return enrol(cohort, member, part, capacity=capacity, **answers)


def make_mentor_cohort(organisation: Organisation, *, mentees: int, mentors: int) -> Cohort:
    """Make a cohort with people who differ in level, department and skills, always the same."""
    cohort = make_cohort(organisation)
    for i in range(mentees):
        person(
            cohort,
            f"Mentee{i}",
            "mentee",
            level=LEVELS[i % 3],
            department=DEPARTMENTS[i % 3],
            answers={"skills_sought": {SKILLS[i % 4]: 2, SKILLS[(i + 1) % 4]: 3}},
        )
    for i in range(mentors):
        person(
            cohort,
            f"Mentor{i}",
            "mentor",
            level=LEVELS[1 + i % 3],
            department=DEPARTMENTS[(i + 1) % 3],
            answers={"skills_offered": {SKILLS[i % 4]: 4, SKILLS[(i + 2) % 4]: 2}},
        )
    return cohort


def make_circles_cohort(organisation: Organisation, *, peers: int) -> Cohort:
    """Make a circles cohort with peers who differ in level, department and skills."""
    cohort = make_cohort(organisation, "leadership-circles")
    for i in range(peers):
        person(
            cohort,
            f"Peer{i}",
            "peer",
            level=LEVELS[i % 4],
            department=DEPARTMENTS[i % 3],
            location=("Berlin", "Pune")[i % 2],
            answers={"skills_offered": {SKILLS[i % 4]: 3}},
        )
    return cohort


def start_run(cohort: Cohort, by: Member, **chosen: Any) -> MatchRun:
    """Ask for a matching; nobody has computed it yet."""
    with tenant(cohort.organisation):
        return runs.start_match_run(cohort=cohort, by=by, **chosen)


def compute(run: MatchRun) -> MatchRun:
    """Do what a worker does for the run's job."""
    pairing_tasks.compute_match_run(run.organisation_id, str(run.job_id))
    with tenant(run.organisation):
        return MatchRun.objects.select_related("organisation", "cohort__program").get(pk=run.pk)


def make_run(cohort: Cohort, by: Member, **chosen: Any) -> MatchRun:
    """Compute a matching: a draft, unless it failed."""
    return compute(start_run(cohort, by, **chosen))


def publish(run: MatchRun, by: Member) -> list[Partnership]:
    """Publish a draft."""
    with tenant(run.organisation):
        return publishing.publish_run(run=run, by=by)


def make_partnership(
    cohort: Cohort, *members: Member, name: str = "", by: Member | None = None
) -> Partnership:
    """Bring people together: peers in a circles cohort, else the first is the mentor.

    Whoever is not in the cohort yet is accepted into it; all of them become active.
    """
    circles = cohort.program.format == "circles"
    with tenant(cohort.organisation):
        people = []
        for index, member in enumerate(members):
            part = "peer" if circles else "mentee" if index else "mentor"
            found = Enrolment.objects.filter(cohort=cohort, member=member).first()
            people.append((found or enrol(cohort, member, part), part))
        enrolments.start_enrolments(
            cohort=cohort, at=clock.now(), enrolments=[each for each, _part in people]
        )
        return partnerships.make_partnership(cohort=cohort, people=people, name=name, by=by)
