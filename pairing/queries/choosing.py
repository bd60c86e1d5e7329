"""Who may choose: whether it is open, who seeks, who has room, and what waits for whom."""

from __future__ import annotations

from pairing.models import PartnerRequest, Partnership, Seat
from programs.models import Cohort, Enrolment, Program

PHASES = (Cohort.Phase.MATCHING, Cohort.Phase.RUNNING)
SEATABLE = (Enrolment.State.ACCEPTED, Enrolment.State.ACTIVE)


def is_open(cohort: Cohort) -> bool:
    """Say whether this cohort's people may choose each other now."""
    return cohort.program.lets_people_ask and cohort.phase in PHASES


def parts(cohort: Cohort) -> tuple[str, str]:
    """Return the part of who asks, and of who is asked."""
    if cohort.program.format == Program.Format.MENTOR:
        return Enrolment.Part.MENTEE, Enrolment.Part.MENTOR
    return Enrolment.Part.PEER, Enrolment.Part.PEER


def seats_of(enrolment: Enrolment, part: str) -> int:
    """Return how many open partnerships this person has in that part."""
    return Seat.objects.filter(
        enrolment=enrolment, part=part, left_at=None, partnership__state__in=Partnership.OPEN
    ).count()


def seeks(enrolment: Enrolment, part: str) -> bool:
    """Say whether this person takes part, in a part that asks, and has no partner in it."""
    asks = enrolment.part in {part, Enrolment.Part.BOTH} and enrolment.state in SEATABLE
    return asks and not seats_of(enrolment, part)


def has_room(enrolment: Enrolment, part: str) -> bool:
    """Say whether this person takes part and has a place free in that part."""
    offers = enrolment.part in {part, Enrolment.Part.BOTH} and enrolment.state in SEATABLE
    places = enrolment.capacity if part == Enrolment.Part.MENTOR else 1
    return offers and seats_of(enrolment, part) < places


def asking(enrolment: Enrolment) -> int:
    """Return how many of this person's own requests wait for an answer."""
    return PartnerRequest.objects.undecided().filter(asker=enrolment).count()


def asked(enrolment: Enrolment) -> int:
    """Return how many requests wait for this person."""
    return PartnerRequest.objects.undecided().filter(asked=enrolment).count()
