"""Who may answer, who has, and whether that is enough."""

from __future__ import annotations

from dataclasses import dataclass

from agreements.decisions import counting
from agreements.decisions.models import Asked, Decision, Method, Remark, Vote, Wording
from core.members.models import Member
from pairing.models.partnerships import Seat
from pairing.partnerships.seats import open_seats


@dataclass(frozen=True)
class Turnout:
    """How the open ballot stands: who may answer, and the answers of those who still sit there."""

    method: counting.Method
    people: int
    needed: int
    answers: tuple[counting.Ballot, ...]
    options: int

    @property
    def answered(self) -> int:
        return len(self.answers)

    @property
    def quorate(self) -> bool:
        return self.answered >= self.needed

    def count(self) -> counting.Count:
        return counting.count(self.method, self.answers, options=self.options)


@dataclass(frozen=True)
class Voices:
    """How many sit at the table, and how many of them answered, asked or reacted."""

    partners: int
    took_part: int


def voters(decision: Decision) -> list[Seat]:
    """Return who may answer: everybody at the table; for advice those who were asked."""
    seats = open_seats(decision.partnership)
    if decision.method == Method.ADVICE:
        asked = set(Asked.objects.filter(decision=decision).values_list("seat", flat=True))
        seats = [seat for seat in seats if seat.pk in asked]
    return [seat for seat in seats if seat.enrolment.member.state != Member.State.LEFT]


def undecided(decision: Decision) -> list[Seat]:
    """Return who may answer in the open ballot and has not."""
    votes = Vote.objects.filter(decision=decision, ballot=decision.ballot)
    answered = set(votes.values_list("seat", flat=True))
    return [seat for seat in voters(decision) if seat.pk not in answered]


def turnout(decision: Decision) -> Turnout:
    """Return how the latest ballot of a decision stands.

    The answer of somebody who has left the table meanwhile is kept and does not count.
    """
    people = [seat.pk for seat in voters(decision)]
    votes = Vote.objects.filter(decision=decision, ballot=decision.ballot, seat__in=people)
    wording = Wording.objects.get(decision=decision, version=decision.version)
    return Turnout(
        method=counting.Method(decision.method),
        people=len(people),
        needed=counting.needed(counting.Quorum(decision.quorum), len(people)),
        answers=tuple(
            counting.Ballot(vote.answer, tuple(vote.marks)) for vote in votes.order_by("id")
        ),
        options=len(wording.options),
    )


def voices(decision: Decision) -> Voices:
    """Return how many of those at the table have taken part since it was proposed or reopened.

    To pass is to be heard, and no part taken.
    """
    since = decision.opened_at or decision.created_at
    seats = {seat.pk for seat in open_seats(decision.partnership)}
    voted = Vote.objects.filter(decision=decision, cast_at__gte=since)
    said = Remark.objects.filter(decision=decision, said_at__gte=since, passed=False)
    took_part = {*voted.values_list("seat", flat=True), *said.values_list("seat", flat=True)}
    return Voices(partners=len(seats), took_part=len(seats & took_part))
