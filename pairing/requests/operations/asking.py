"""Asking: by hand, or by itself when the wish before came to nothing."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.members.models import Member
from core.tenancy import due
from pairing.errors import (
    AlreadyAsked,
    AlreadyPartnered,
    AskedTooMany,
    CannotBeAsked,
    SelfMatchClosed,
    TooManyWait,
)
from pairing.models.requests import PartnerRequest, Wish
from pairing.requests.operations import emails
from pairing.requests.operations.people import lock_people
from pairing.requests.operations.words import keep_words
from pairing.requests.queries import asked as waiting_for
from pairing.requests.queries import asking, has_room, is_open, parts, seeks
from pairing.requests.suggestions import Possible, possible_partners
from programs.models.programs import Enrolment


@transaction.atomic
def ask_partner(
    *, asker: Enrolment, asked: Enrolment, by: Member, words: str = ""
) -> PartnerRequest:
    """Ask somebody to become a partner; they have the program's days to answer.

    `words` are for the person asked alone.  Raises SelfMatchClosed, AlreadyPartnered,
    AskedTooMany or TooManyWait (the caps), AlreadyAsked, or CannotBeAsked when a rule, a place
    or a no of before stands between the two.  ValueError if it is not `by`'s own to send.
    """
    if asker.member_id != by.pk:
        raise ValueError("only one's own request can be sent")
    if not is_open(asker.cohort):
        raise SelfMatchClosed
    people = lock_people([asker.pk, asked.pk])
    if not seeks(people[asker.pk], parts(asker.cohort)[0]):
        raise AlreadyPartnered
    if PartnerRequest.objects.undecided().filter(asker=asker, asked=asked).exists():
        raise AlreadyAsked
    if asking(asker) >= asker.cohort.program.requests_asking:
        raise AskedTooMany
    possible = possible_partners(asker)
    refused = PartnerRequest.objects.filter(
        asker=asker, asked=asked, state=PartnerRequest.State.DECLINED
    )
    if asked.pk not in possible.points or refused.exists():
        raise CannotBeAsked
    if waiting_for(asked) >= asker.cohort.program.requests_asked:
        raise TooManyWait
    request = send(asker=asker, asked=people[asked.pk], possible=possible)
    keep_words(request, "note", by, words)
    record(by=by, verb="partner_request.sent", target=request)
    return request


def send(
    *,
    asker: Enrolment,
    asked: Enrolment,
    possible: Possible,
    follows: PartnerRequest | None = None,
) -> PartnerRequest:
    """Write the request and its e-mail; both people are locked and everything is checked."""
    now = clock.now()
    rank = Wish.objects.filter(enrolment=asker, wished=asked).values_list("rank", flat=True).first()
    with (
        refusing("partner_request_once_at_a_time", AlreadyAsked()),
        refusing("partner_request_one_successor", AlreadyAsked()),
    ):
        request = PartnerRequest.objects.create(
            cohort=asker.cohort,
            asker=asker,
            asked=asked,
            rank=rank,
            follows=follows,
            reasons=[reason.as_json() for reason in possible.reasons(asked.pk)],
            score=possible.score(asked.pk),
            asked_at=now,
            due_at=now + timedelta(days=asker.cohort.program.request_days),
            changed_at=now,
        )
    due.mark(at=request.due_at)
    emails.to_the_asked(request)
    return request


def next_wish(asker: Enrolment, possible: Possible) -> Enrolment | None:
    """Return the best wish that can be asked now and has not been; None if none remains.

    Whoever has as many requests waiting as they may is passed over: theirs may come later.
    """
    tried = set(PartnerRequest.objects.filter(asker=asker).values_list("asked_id", flat=True))
    wishes = Wish.objects.filter(enrolment=asker).select_related("wished__member").order_by("rank")
    for wish in wishes:
        wished: Enrolment = wish.wished
        if wished.pk in tried or wished.pk not in possible.points:
            continue
        full = waiting_for(wished) >= asker.cohort.program.requests_asked
        if not full and has_room(wished, parts(asker.cohort)[1]):
            return wished
    return None
