"""Answers: yes makes the partnership, no closes kindly, a question stops the clock once.

Whatever the click, one guarded update decides who was first.  People are locked before the
request, always: see `lock_people`.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from core.audit.operations import record
from core.common import clock
from core.members.models import Member
from core.notifications.operations import withdraw as withdraw_emails
from core.tenancy import due
from pairing.errors import (
    AlreadyPartnered,
    CannotBeAsked,
    NoRoomLeft,
    QuestionAlreadyAsked,
    RequestDecided,
    SelfMatchClosed,
    WordsNeeded,
)
from pairing.models.partnerships import Partnership
from pairing.models.requests import PartnerRequest
from pairing.partnerships.operations.partnerships import make_partnership
from pairing.requests.operations import emails
from pairing.requests.operations.asking import keep_words, lock_people
from pairing.requests.queries import has_room, is_open, parts, seeks
from pairing.requests.suggestions import possible_partners
from programs.operations import enrolments


@transaction.atomic
def accept_request(*, request: PartnerRequest, by: Member, words: str = "") -> Partnership:
    """Say yes: make the partnership, close what it makes pointless, and write to both.

    Of many who say yes at once for a last place exactly one gets through; the others raise
    NoRoomLeft or AlreadyPartnered.  Raises RequestDecided, SelfMatchClosed, CannotBeAsked if a
    rule forbids it by now; ValueError if it is not `by` who was asked.
    """
    _own(request, request.asked.member_id, by)
    partnership = seat_both(request, by)
    keep_words(request, "reply", by, words)
    return partnership


def seat_both(request: PartnerRequest, by: Member) -> Partnership:
    """Make the partnership of a request that is still undecided; who may is asked elsewhere."""
    cohort = request.cohort
    people = lock_people([request.asker_id, request.asked_id])
    asker, partner = people[request.asker_id], people[request.asked_id]
    asks, offers = parts(cohort)
    decide(request, PartnerRequest.State.ACCEPTED)
    if not is_open(cohort):
        raise SelfMatchClosed
    if not seeks(asker, asks):
        raise AlreadyPartnered
    if not has_room(partner, offers):
        raise NoRoomLeft
    if request.asked_id not in possible_partners(asker, among=[partner.pk]).points:
        raise CannotBeAsked
    partnership = make_partnership(cohort=cohort, people=[(asker, asks), (partner, offers)], by=by)
    Partnership.objects.filter(pk=partnership.pk).update(
        reasons=request.reasons, score=request.score
    )
    PartnerRequest.objects.filter(pk=request.pk).update(partnership=partnership)
    enrolments.start_enrolments(cohort=cohort, at=clock.now(), enrolments=[asker, partner], by=by)
    record(by=by, verb="partner_request.accepted", target=request)
    emails.of_a_yes(request, partnership)
    request.refresh_from_db()
    return partnership


@transaction.atomic
def decline_request(*, request: PartnerRequest, by: Member, words: str = "") -> PartnerRequest:
    """Say no, with a few words or none; the sweep asks the next wish.  Raises RequestDecided."""
    _own(request, request.asked.member_id, by)
    lock_people([request.asker_id])
    decide(request, PartnerRequest.State.DECLINED)
    keep_words(request, "reply", by, words)
    record(by=by, verb="partner_request.declined", target=request)
    return request


@transaction.atomic
def ask_for_more(*, request: PartnerRequest, by: Member, words: str) -> PartnerRequest:
    """Ask something back before deciding, once: the days now run for the asker.

    Raises WordsNeeded without a question, QuestionAlreadyAsked, or RequestDecided.
    """
    _own(request, request.asked.member_id, by)
    if not words.strip():
        raise WordsNeeded
    now = clock.now()
    questioned = PartnerRequest.objects.filter(
        pk=request.pk, state=PartnerRequest.State.OPEN, questioned_at=None, due_at__gt=now
    ).update(
        state=PartnerRequest.State.QUESTION,
        questioned_at=now,
        due_at=now + _days(request),
        changed_at=now,
    )
    request.refresh_from_db()
    if not questioned:
        raise QuestionAlreadyAsked if request.state == PartnerRequest.State.OPEN else RequestDecided
    due.mark(at=request.due_at)
    withdraw_emails(about=request.pk)
    keep_words(request, "question", by, words)
    emails.of_a_question(request)
    return request


@transaction.atomic
def answer_question(*, request: PartnerRequest, by: Member, words: str) -> PartnerRequest:
    """Answer what the other asked back: they have the full days again.

    Raises WordsNeeded without an answer, RequestDecided if none is wanted any more.
    """
    _own(request, request.asker.member_id, by)
    if not words.strip():
        raise WordsNeeded
    now = clock.now()
    answered = PartnerRequest.objects.filter(
        pk=request.pk, state=PartnerRequest.State.QUESTION, due_at__gt=now
    ).update(state=PartnerRequest.State.OPEN, due_at=now + _days(request), changed_at=now)
    request.refresh_from_db()
    if not answered:
        raise RequestDecided
    due.mark(at=request.due_at)
    withdraw_emails(about=request.pk)
    keep_words(request, "answer", by, words)
    emails.of_an_answer(request)
    return request


@transaction.atomic
def withdraw_request(*, request: PartnerRequest, by: Member) -> PartnerRequest:
    """Take one's own request back; nothing follows by itself.  Raises RequestDecided."""
    _own(request, request.asker.member_id, by)
    lock_people([request.asker_id])
    decide(request, PartnerRequest.State.WITHDRAWN)
    record(by=by, verb="partner_request.withdrawn", target=request)
    return request


@transaction.atomic
def say_with_request(*, request: PartnerRequest, by: Member, words: str) -> PartnerRequest:
    """Add or change the note while nobody has answered.  Raises RequestDecided."""
    _own(request, request.asker.member_id, by)
    still = PartnerRequest.objects.undecided().filter(pk=request.pk)
    if not still.update(changed_at=clock.now()):
        raise RequestDecided
    keep_words(request, "note", by, words)
    return request


def decide(request: PartnerRequest, state: str, because: str = "") -> None:
    """End an undecided request, whoever is first; raises RequestDecided for the others.

    What its day has passed is over, swept or not: nobody says yes to it.
    """
    now = clock.now()
    still = PartnerRequest.objects.undecided().filter(pk=request.pk)
    if state in {PartnerRequest.State.ACCEPTED, PartnerRequest.State.DECLINED}:
        still = still.filter(due_at__gt=now)
    if not still.update(state=state, because=because, decided_at=now, changed_at=now):
        request.refresh_from_db()
        raise RequestDecided
    withdraw_emails(about=request.pk)
    request.refresh_from_db(fields=["state", "because", "decided_at", "changed_at"])


def _own(request: PartnerRequest, member_id: object, by: Member) -> None:
    if member_id != by.pk:
        raise ValueError("not this person's to answer")


def _days(request: PartnerRequest) -> timedelta:
    return timedelta(days=request.cohort.program.request_days)


@transaction.atomic
def accept_on_behalf(*, request: PartnerRequest, by: Member) -> Partnership:
    """Bring the two together without waiting for an answer; refused as `accept_request` is."""
    partnership = seat_both(request, by)
    record(by=by, verb="partner_request.accepted_on_behalf", target=request)
    return partnership


@transaction.atomic
def close_request(*, request: PartnerRequest, by: Member) -> PartnerRequest:
    """Close it for both; the sweep asks the next wish and writes to the asker.

    Raises RequestDecided.
    """
    lock_people([request.asker_id])
    decide(request, PartnerRequest.State.CLOSED, PartnerRequest.Because.COORDINATOR)
    record(by=by, verb="partner_request.closed", target=request)
    return request
