"""Lessons that Northwind asks for, who has done them, a sponsor, and a workshop to come."""

from __future__ import annotations

from datetime import timedelta

from core.common import clock
from core.members.models import Member
from devtools.demo.history import Events, Life
from programs.models.programs import Cohort, Enrolment
from programs.models.training import PathStep
from programs.training import operations, workshops
from programs.training.catalog import lessons_of_ours

REQUIRED = ("peer-mentoring", "listening")
READ_BY_SOME = ("facilitating", "rounds-and-quiet-voices", "feedback", "reflection")
WORDS = (
    "When I led my first team I knew the subject and nothing about leading. Two colleagues met with"
    " me every month, and I still live on what I learned there. Lead here, make your mistakes here:"
    " nobody tells me what you say."
)


def lay_a_path(cohort: Cohort, by: Member) -> None:
    """Ask the people of a program to learn, before any of them is matched."""
    for step in PathStep.objects.on_path().filter(program=cohort.program_id, key__in=REQUIRED):
        operations.require_step(step=step, required=True, by=by)
    operations.set_sponsor(
        cohort=cohort, name="Dana Okafor", title="Chief Operating Officer", words=WORDS, by=by
    )


def learn(cohort: Cohort) -> None:
    """Let everybody do what is required, and some read on."""
    ours = lessons_of_ours()
    people = Enrolment.objects.in_place().filter(cohort=cohort).for_list().order_by("id")
    for number, enrolment in enumerate(people):
        for key in (*REQUIRED, *READ_BY_SOME):
            if key in REQUIRED or number % 5 > 2:
                lesson = ours[key]
                answers = [check.right for check in lesson.checks]
                operations.do_lesson(lesson=lesson, answers=answers, by=enrolment.member)


def plan_a_workshop(by: Member) -> Events:
    """A workshop of the circles, planned in the last days of the story; some sign up."""

    def plan(_life: Life) -> None:
        cohorts = Cohort.objects.filter(program__format="circles", phase=Cohort.Phase.RUNNING)
        for cohort in cohorts.for_list()[:1]:
            workshop = workshops.plan_workshop(
                cohort=cohort,
                title="Feedback that somebody can use",
                agenda=(
                    "- **Arrive** (10 min): one sentence each\n"
                    "- **Three steps** (20 min): what I saw, what it did, what I wish for\n"
                    "- **In threes** (45 min): give, take, watch; change places\n"
                    "- **Take along** (15 min): one thing each"
                ),
                place="Room Fjord, second floor",
                starts_at=clock.now().replace(hour=13, minute=0) + timedelta(days=12),
                minutes=90,
                places=8,
                by=by,
            )
            people = Enrolment.objects.in_place().filter(cohort=cohort).for_list().order_by("id")
            for enrolment in people[:10]:
                workshops.sign_up(workshop=workshop, by=enrolment.member)

    return {66: plan}
