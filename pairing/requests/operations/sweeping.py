"""What happens to requests by itself: they lapse, become pointless, and the next wish is asked.

Each sweep may be run twice, by two workers, or not for a day: a guarded update decides whose
turn it was, and the database holds that one request has one successor.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core.common import clock
from core.common.rows import row_by_row
from core.members.models import Member
from pairing.errors import AlreadyAsked, RequestDecided
from pairing.models.requests import SEATABLE, PartnerRequest, Wish
from pairing.requests.operations import emails
from pairing.requests.operations.answering import decide
from pairing.requests.operations.asking import lock_people, next_wish, send
from pairing.requests.queries import (
    Taken,
    count_sent,
    has_room,
    is_open,
    parts,
    seats_taken,
    seeks,
)
from pairing.requests.suggestions import possible_partners
from programs.models.programs import Enrolment


def lapse_due_requests(*, at: datetime) -> int:
    """Let requests lapse whose days are over; return how many."""
    due = PartnerRequest.objects.undecided().filter(due_at__lte=at)
    return due.update(state=PartnerRequest.State.LAPSED, decided_at=at, changed_at=at)


def close_pointless_requests(*, at: datetime) -> int:
    """Close requests that nobody can say yes to any more; return how many.

    The asker has found a partner (by a yes, a run or by hand), the other has no place left, or
    one of the two is gone.
    """
    rows = list(PartnerRequest.objects.undecided().for_list().order_by("id"))
    people = {person for request in rows for person in (request.asker_id, request.asked_id)}
    taken = seats_taken(people)

    def close(request: PartnerRequest) -> bool:
        because = _pointless(request, taken)
        return bool(because) and _close(request, because)

    return row_by_row([request for request in rows if _pointless(request, taken)], close)


def _pointless(request: PartnerRequest, taken: Taken) -> str:
    asks, offers = parts(request.cohort)
    gone = [
        person
        for person in (request.asker, request.asked)
        if person.state not in SEATABLE or person.member.state == Member.State.LEFT
    ]
    if gone or not is_open(request.cohort):
        return PartnerRequest.Because.GONE
    if not seeks(request.asker, asks, taken):
        return PartnerRequest.Because.PARTNERED
    return "" if has_room(request.asked, offers, taken) else PartnerRequest.Because.FULL


@transaction.atomic
def _close(request: PartnerRequest, because: str) -> bool:
    if not lock_people([request.asker_id], wait=False):
        return False
    try:
        decide(request, PartnerRequest.State.CLOSED, because)
    except RequestDecided:
        return False
    if because != PartnerRequest.Because.FULL and request.asked.member.state != Member.State.LEFT:
        emails.of_no_need(request)
    return True


def follow_up_requests(*, at: datetime) -> int:
    """See once to what follows each request that came to nothing; return how many.

    The next wish is asked where one remains; the asker hears of both in one e-mail.  Where
    none remains and nothing else is under way, the coordinators are told.
    """
    over = PartnerRequest.objects.filter(
        state__in=PartnerRequest.UNANSWERED, followed_at=None
    ).order_by("decided_at", "id")
    return row_by_row(over.for_list(), _follow)


@transaction.atomic
def _follow(request: PartnerRequest) -> bool:
    wishes = Wish.objects.filter(enrolment=request.asker_id)
    wanted = {request.asker_id, *wishes.values_list("wished_id", flat=True)}
    people = lock_people(wanted, wait=False)
    if len(people) < len(wanted):
        return False
    now = clock.now()
    ours = PartnerRequest.objects.filter(pk=request.pk, followed_at=None)
    if not ours.update(followed_at=now, changed_at=now):
        return False
    asker = people[request.asker_id]
    left = asker.member.state == Member.State.LEFT
    if left or not is_open(request.cohort) or not seeks(asker, parts(request.cohort)[0]):
        return True
    then = _ask_next(request, asker)
    emails.of_an_end(request, then=then)
    if then is None and not count_sent(asker):
        emails.of_being_stuck(request)
    return True


def _ask_next(request: PartnerRequest, asker: Enrolment) -> PartnerRequest | None:
    asker.cohort = request.cohort
    if count_sent(asker) >= request.cohort.program.requests_asking:
        return None
    wishes = Wish.objects.filter(enrolment=asker).values_list("wished_id", flat=True)
    possible = possible_partners(asker, among=wishes)
    wished = next_wish(asker, possible)
    if wished is None:
        return None
    try:
        return send(asker=asker, partner=wished, possible=possible, follows=request)
    except AlreadyAsked:  # two workers at once: the other one asked
        return None
