"""Twenty at once, again and again: one accepts, one has the last place, one publishes, one seat.

`make slow` runs few rounds; RACE_ROUNDS=… runs so many, of which each has rows of its own.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core.members import limits
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from pairing.models.partnerships import Seat
from pairing.models.runs import MatchRun
from pairing.requests.operations import answering
from pairing.runs.operations import publishing
from programs.models.programs import Cohort, Enrolment
from programs.operations import enrolments
from tests.at_once import at_once, refusal
from tests.cast import Cast, make_cast, make_member
from tests.core.accounts.build import link_of, make_invitation
from tests.figures import Figure
from tests.pairing.build import make_mentor_cohort, make_run, person
from tests.pairing.requests.build import ask, make_self_match, mentee, mentor
from tests.programs.build import make_application, make_cohort, make_program

THREADS = 20
ROUNDS = int(os.environ.get("RACE_ROUNDS", "2"))
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def races(figure: Callable[[str], Figure], monkeypatch: pytest.MonkeyPatch) -> Figure:
    """Lend the count of acts that raced; nobody is refused for being too many."""
    for name in ("invite", "invitations", "bad_secret", "public"):
        monkeypatch.setitem(limits.LIMITS, name, limits.Limit(1_000_000, 60))
    return figure(f"races of {THREADS}")


def test_of_all_who_accept_one_invitation_one_gets_in(races: Figure) -> None:
    cast = make_cast()
    for number in range(ROUNDS):
        email = f"ines{number}@acme.example"
        link = link_of(make_invitation(cast.cora, email))
        answers = at_once([_accepting(link, n) for n in range(THREADS)])
        races.tried += len(answers)
        assert Counter(answers) == {302: 1, 404: THREADS - 1}
        with tenant(cast.acme):
            assert Member.objects.live().filter(email=email).count() == 1


def _accepting(link: str, number: int) -> Callable[[], int]:
    return lambda: Client().post(link, {"password": f"quince-orchard-{number}"}).status_code


def test_of_all_who_apply_one_has_the_last_place(races: Figure) -> None:
    cast = make_cast()
    program = make_program(cast.acme)
    people = [make_member(cast.acme, f"Person{n}") for n in range(THREADS)]
    for number in range(ROUNDS):
        cohort = make_cohort(program, f"Cohort {number}", places=1)
        waiting = [make_application(cohort, member) for member in people]
        states = at_once([_placing(cast.acme, row) for row in waiting])
        races.tried += len(states)
        assert Counter(states) == {"accepted": 1, "waitlisted": THREADS - 1}
        with tenant(cast.acme):
            assert Cohort.objects.get(pk=cohort.pk).places_taken == 1


def _placing(organisation: Organisation, row: Enrolment) -> Callable[[], str]:
    def place() -> str:
        with tenant(organisation):
            return str(enrolments.accept(enrolment=row, by=None).state)

    return place


def test_of_all_who_publish_one_does(races: Figure) -> None:
    cast = make_cast()
    for number in range(ROUNDS):
        cohort = make_mentor_cohort(cast.acme, mentees=0, mentors=0)
        for n in range(2):
            person(
                cohort, f"Seeks{number}n{n}", "mentee", answers={"skills_sought": {"coaching": 2}}
            )
            person(
                cohort, f"Offers{number}n{n}", "mentor", answers={"skills_offered": {"coaching": 4}}
            )
        run = make_run(cohort, cast.cora)
        codes = at_once([refusal(cast.acme, _publishing(cast, run)) for _n in range(THREADS)])
        races.tried += len(codes)
        assert Counter(codes) == {"": 1, "match_run_not_a_draft": THREADS - 1}
        with tenant(cast.acme):
            seats = Seat.objects.filter(partnership__cohort=cohort, left_at=None)
            assert seats.count() == seats.values("enrolment").distinct().count() == 4


def _publishing(cast: Cast, run: MatchRun) -> Callable[[], object]:
    return lambda: publishing.publish_run(run=MatchRun.objects.get(pk=run.pk), by=cast.cora)


def test_of_all_to_whom_a_mentor_says_yes_one_has_the_last_seat(races: Figure) -> None:
    cast = make_cast()
    for number in range(ROUNDS):
        cohort = make_self_match(cast.acme, requests_asking=5, requests_asked=THREADS)
        people = [mentee(cohort, f"Mentee{number}n{n}") for n in range(THREADS)]
        amara = mentor(cohort, f"Amara{number}")
        sent = [ask(row, amara) for row in people]
        codes = at_once([refusal(cast.acme, _saying_yes(each)) for each in sent])
        races.tried += len(codes)
        assert Counter(codes) == {"": 1, "no_room_left": THREADS - 1}
        with tenant(cast.acme):
            assert Seat.objects.filter(enrolment=amara, left_at=None).count() == 1


def _saying_yes(request: Any) -> Callable[[], object]:
    return lambda: answering.accept_request(request=request, by=request.asked.member)
