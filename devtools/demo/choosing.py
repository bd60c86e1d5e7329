"""People who choose each other: a program without rounds, with requests in every state."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.common import clock
from core.members.models import Member
from core.tenancy.days import day_of
from devtools.demo.history import Events, attempt
from devtools.demo.people import Person
from pairing.models.partnerships import Partnership
from pairing.models.requests import PartnerRequest
from pairing.partnerships.operations import repairing
from pairing.requests.operations import answering, asking
from pairing.requests.suggestions import possible_partners
from programs.models.programs import Cohort, Enrolment
from programs.operations import cohorts, designs, enrolments

People = list[tuple[Member, Person]]
Part = Enrolment.Part

NOTES = (
    "I read what you wrote about meetings that end on time. May I learn that from you?",
    "We have never met, and that is what I would like to change.",
    "You moved from expert to team lead. I am about to.",
)


class OpenMentoring:
    """A rolling mentor program; the first of `people` chooses, and is asked as well."""

    def __init__(self, by: Member, people: People) -> None:
        self.by = by
        self.people = people
        self.chooser: Enrolment  # from `open` on
        self.mentees: list[Enrolment] = []

    def events(self) -> Events:
        """Return what happens, by the day it happens on."""
        return {
            34: lambda _life: self.open(),
            35: lambda _life: self.ask_and_accept(0),
            36: lambda _life: self.ask_and_accept(1),
            37: lambda _life: self.ask_and_accept(2),
            63: lambda _life: self.part(),
            64: lambda _life: self.wish_and_ask(),
            68: lambda _life: self.ask_the_chooser(),
        }

    def open(self) -> None:
        cohort = _open(self.by, clock.now())
        self.chooser, *rest = [
            enrolments.enrol_directly(
                cohort=cohort,
                member=member,
                part=Part.BOTH if not number else Part.MENTOR if number % 2 else Part.MENTEE,
                answers=person.answers(),
                capacity=1 + number % 2,
                by=self.by,
            )
            for number, (member, person) in enumerate(self.people)
        ]
        self.mentees = [enrolment for enrolment in rest if enrolment.part == Part.MENTEE]

    def ask_and_accept(self, number: int) -> None:
        """This mentee asks who fits best, who says yes."""
        asker = _again(self.mentees[number])
        best = next(iter(possible_partners(asker).points), None)
        if best is None:
            return
        with attempt():
            request = asking.ask_partner(
                asker=asker,
                partner=Enrolment.objects.for_list().get(pk=best),
                by=asker.member,
                words=NOTES[number],
            )
            request = PartnerRequest.objects.for_list().get(pk=request.pk)
            answering.accept_request(request=request, by=request.asked.member)

    def part(self) -> None:
        """The first of these partnerships finds no hours for it."""
        mentee = self.mentees[0]
        pairs = Partnership.objects.active().filter(seats__enrolment=mentee, seats__left_at=None)
        pair = pairs.select_related("organisation", "cohort__program").first()
        if pair is not None:
            with attempt():
                repairing.part_ways(partnership=pair, by=mentee.member, cause="time")

    def wish_and_ask(self) -> None:
        """Three wishes in the order of fit, and a request to the first."""
        asker = _again(self.chooser)
        wished = list(possible_partners(asker).points)[:3]
        rows = Enrolment.objects.for_list().in_bulk(wished)
        for key in wished:
            with attempt():
                asking.add_wish(enrolment=asker, wished=rows[key])
        for key in wished[:1]:
            with attempt():
                asking.ask_partner(asker=asker, partner=rows[key], by=asker.member, words=NOTES[1])

    def ask_the_chooser(self) -> None:
        with attempt():
            asker = _again(self.mentees[3])
            asking.ask_partner(
                asker=asker, partner=_again(self.chooser), by=asker.member, words=NOTES[2]
            )


def _open(by: Member, begin: datetime) -> Cohort:
    program = designs.create_program(template="mentor-and-mentee", name="Open mentoring", by=by)
    designs.edit_program(program=program, by=by, self_match=True)
    cohort = cohorts.create_cohort(
        program=program,
        name="All year",
        starts_on=day_of(begin),
        ends_on=day_of(begin + timedelta(weeks=52)),
        by=by,
    )
    for phase in (Cohort.Phase.ENROLLING, Cohort.Phase.MATCHING, Cohort.Phase.RUNNING):
        cohort = cohorts.move_cohort(cohort=cohort, to=phase, by=by, confirmed=True)
    return cohort


def _again(enrolment: Enrolment) -> Enrolment:
    return Enrolment.objects.for_list().get(pk=enrolment.pk)
