"""People who choose each other: a program without rounds, with requests in every state."""

from __future__ import annotations

from datetime import datetime, timedelta

from mentoring.common import clock
from mentoring.demo.history import attempt
from mentoring.demo.people import Person
from mentoring.identity.models import Member, Organisation
from mentoring.identity.tenancy import tenant
from mentoring.notifications.dispatch import dispatch
from pairing import operations as pairing
from pairing.models import PartnerRequest, Partnership
from pairing.suggestions import possible_partners
from programs import operations as programs
from programs.models import Cohort, Enrolment

People = list[tuple[Member, Person]]
Part = Enrolment.Part

NOTES = (
    "I read what you wrote about meetings that end on time. May I learn that from you?",
    "We have never met, and that is what I would like to change.",
    "You moved from expert to team lead. I am about to.",
)


def choose_each_other(
    organisation: Organisation, by: Member, people: People, *, now: datetime
) -> None:
    """Open a rolling mentor program; the first of `people` chooses, and is asked as well."""
    begin = now - timedelta(weeks=5)
    with clock.at(begin), tenant(organisation):
        cohort = _open(by, begin)
        chooser, *rest = [
            programs.enrol_directly(
                cohort=cohort,
                member=member,
                part=Part.BOTH if not number else Part.MENTOR if number % 2 else Part.MENTEE,
                answers=person.answers(),
                capacity=1 + number % 2,
                by=by,
            )
            for number, (member, person) in enumerate(people)
        ]
    mentees = [each for each in rest if each.part == Part.MENTEE]
    for number, mentee in enumerate(mentees[:2]):
        with clock.at(begin + timedelta(days=1 + number)), tenant(organisation):
            _ask_and_accept(mentee, NOTES[number])
    with clock.at(now - timedelta(days=6)), tenant(organisation), attempt():
        _part(mentees[0])
    with clock.at(now - timedelta(days=5)), tenant(organisation):
        _wish_and_ask(chooser)
    with clock.at(now - timedelta(days=1)), tenant(organisation):
        _sweep()
        with attempt():
            pairing.ask_partner(
                asker=_again(mentees[2]),
                asked=_again(chooser),
                by=mentees[2].member,
                words=NOTES[2],
            )
    with clock.at(now):
        dispatch()


def _open(by: Member, begin: datetime) -> Cohort:
    program = programs.create_program(template="mentor-and-mentee", name="Open mentoring", by=by)
    programs.edit_program(program=program, by=by, self_match=True)
    cohort = programs.create_cohort(
        program=program,
        name="All year",
        starts_on=begin.date(),
        ends_on=(begin + timedelta(weeks=52)).date(),
        by=by,
    )
    for phase in (Cohort.Phase.ENROLLING, Cohort.Phase.MATCHING, Cohort.Phase.RUNNING):
        cohort = programs.move_cohort(cohort=cohort, to=phase, by=by)
    return cohort


def _again(enrolment: Enrolment) -> Enrolment:
    return Enrolment.objects.for_list().get(pk=enrolment.pk)


def _ask_and_accept(mentee: Enrolment, words: str) -> None:
    asker = _again(mentee)
    best = next(iter(possible_partners(asker).points))
    with attempt():
        request = pairing.ask_partner(
            asker=asker,
            asked=Enrolment.objects.for_list().get(pk=best),
            by=asker.member,
            words=words,
        )
        found = PartnerRequest.objects.for_list().get(pk=request.pk)
        pairing.accept_request(request=found, by=found.asked.member)


def _part(mentee: Enrolment) -> None:
    """The first of these partnerships finds no hours for it."""
    pair = Partnership.objects.select_related("organisation", "cohort__program").get(
        seats__enrolment=mentee
    )
    pairing.part_ways(partnership=pair, by=mentee.member, cause="time")


def _wish_and_ask(chooser: Enrolment) -> None:
    """Three wishes in the order of fit, and a request to the first."""
    asker = _again(chooser)
    wished = list(possible_partners(asker).points)[:3]
    rows = Enrolment.objects.for_list().in_bulk(wished)
    for each in wished:
        pairing.add_wish(enrolment=asker, wished=rows[each])
    with attempt():
        pairing.ask_partner(asker=asker, asked=rows[wished[0]], by=asker.member, words=NOTES[1])


def _sweep() -> None:
    pairing.lapse_due_requests(at=clock.now())
    pairing.close_pointless_requests()
    pairing.follow_up_requests()
