"""A list of wishes, and asking: by hand, or by itself when the wish before came to nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from core.audit.operations import record
from core.common import clock
from core.common.errors import refusing
from core.members.models import Member
from core.tenancy import due
from core.tenancy.context import current_organisation_id, tenant
from pairing.errors import (
    AlreadyAsked,
    AlreadyPartnered,
    AskedTooMany,
    CannotBeAsked,
    SelfMatchClosed,
    TooManyWait,
    TooManyWishes,
)
from pairing.inputs.trained import require_trained
from pairing.models.requests import PartnerRequest, RequestWords, Wish
from pairing.requests.operations import emails
from pairing.requests.queries import (
    count_received,
    count_sent,
    has_room,
    is_open,
    parts,
    seeks,
    takes_wishes,
)
from pairing.requests.suggestions import PossiblePartners, possible_partners
from programs.models.programs import Enrolment


@transaction.atomic
def ask_partner(
    *, asker: Enrolment, partner: Enrolment, by: Member, words: str = ""
) -> PartnerRequest:
    """Ask somebody to become a partner; they have the program's days to answer.

    `words` are for the person asked alone.  Raises SelfMatchClosed, AlreadyPartnered,
    AskedTooMany or TooManyWait (the caps), AlreadyAsked, NotTrainedToMatch, or CannotBeAsked when
    a rule, a place or a no of before stands between the two.  ValueError if it is not `by`'s own
    to send.
    """
    if asker.member_id != by.pk:
        raise ValueError("only one's own request can be sent")
    if not is_open(asker.cohort):
        raise SelfMatchClosed
    require_trained([asker, partner])
    people = lock_people([asker.pk, partner.pk])
    if not seeks(people[asker.pk], parts(asker.cohort)[0]):
        raise AlreadyPartnered
    if PartnerRequest.objects.undecided().filter(asker=asker, asked=partner).exists():
        raise AlreadyAsked
    if count_sent(asker) >= asker.cohort.program.requests_asking:
        raise AskedTooMany
    possible = possible_partners(asker, among=[partner.pk])
    refused = PartnerRequest.objects.filter(
        asker=asker, asked=partner, state=PartnerRequest.State.DECLINED
    )
    if partner.pk not in possible.points or refused.exists():
        raise CannotBeAsked
    if count_received(partner) >= asker.cohort.program.requests_asked:
        raise TooManyWait
    request = send(asker=asker, partner=people[partner.pk], possible=possible)
    keep_words(request, "note", by, words)
    record(by=by, verb="partner_request.sent", target=request)
    return request


def send(
    *,
    asker: Enrolment,
    partner: Enrolment,
    possible: PossiblePartners,
    follows: PartnerRequest | None = None,
) -> PartnerRequest:
    """Write the request and its e-mail; both people are locked and everything is checked."""
    now = clock.now()
    rank = (
        Wish.objects.filter(enrolment=asker, wished=partner).values_list("rank", flat=True).first()
    )
    with (
        refusing("partner_request_once_at_a_time", AlreadyAsked()),
        refusing("partner_request_one_successor", AlreadyAsked()),
    ):
        request = PartnerRequest.objects.create(
            cohort=asker.cohort,
            asker=asker,
            asked=partner,
            rank=rank,
            follows=follows,
            reasons=[reason.as_json() for reason in possible.reasons(partner.pk)],
            score=possible.score(partner.pk),
            asked_at=now,
            due_at=now + timedelta(days=asker.cohort.program.request_days),
            changed_at=now,
        )
    due.mark(at=request.due_at)
    emails.to_the_asked(request)
    return request


def next_wish(asker: Enrolment, possible: PossiblePartners) -> Enrolment | None:
    """Return the best wish that can be asked now and has not been; None if none remains.

    Whoever has as many requests waiting as they may is passed over: theirs may come later.
    """
    tried = set(PartnerRequest.objects.filter(asker=asker).values_list("asked_id", flat=True))
    wishes = Wish.objects.filter(enrolment=asker).select_related("wished__member").order_by("rank")
    for wish in wishes:
        wished: Enrolment = wish.wished
        if wished.pk in tried or wished.pk not in possible.points:
            continue
        full = count_received(wished) >= asker.cohort.program.requests_asked
        if not full and has_room(wished, parts(asker.cohort)[1]):
            return wished
    return None


def lock_people(ids: Iterable[UUID], *, wait: bool = True) -> dict[UUID, Enrolment]:
    """Lock these enrolments until the transaction ends, in the order of their ids.

    Everything that seats people or changes their requests locks people first and in this order:
    publishing does too, so that two of them wait for each other and never in a ring.  A sweep
    holds many in one transaction and does not wait: who is being seated now is left out.
    """
    rows = Enrolment.objects.select_for_update(of=("self",), skip_locked=not wait)
    enrolments = rows.filter(pk__in=set(ids)).select_related("member").order_by("id")
    return {enrolment.pk: enrolment for enrolment in enrolments}


def keep_words(request: PartnerRequest, kind: str, by: Member, text: str) -> None:
    """Keep what `by` says, once for each kind; said again it replaces what was said.

    Words that are taken back leave an empty row: the database lets nobody delete bodies.
    """
    text = text.strip()
    readers = [request.asker.member_id, request.asked.member_id]
    with tenant(current_organisation_id(), member=by.pk):
        earlier = RequestWords.objects.filter(request=request, kind=kind)
        if not earlier.update(text=text, readers=readers) and text:
            RequestWords.objects.create(
                request=request,
                kind=RequestWords.Kind(kind),
                author=by,
                text=text,
                readers=readers,
            )


@transaction.atomic
def add_wish(*, enrolment: Enrolment, wished: Enrolment) -> list[UUID]:
    """Put somebody at the end of the list; whoever stands there already stays where they are.

    Returns the list as it now is.  Raises SelfMatchClosed or TooManyWishes; ValueError for
    somebody of another cohort or oneself.
    """
    if wished.cohort_id != enrolment.cohort_id or wished.pk == enrolment.pk:
        raise ValueError("a wish is for somebody else of the same cohort")
    order = _locked(enrolment)
    if wished.pk in order:
        return order
    if len(order) >= Wish.MOST:
        raise TooManyWishes
    return _keep(enrolment, [*order, wished.pk])


@transaction.atomic
def move_wish(*, enrolment: Enrolment, wished: Enrolment, by: int) -> list[UUID]:
    """Move somebody up (-1) or down (1) the list; at the end nothing changes."""
    order = _locked(enrolment)
    if wished.pk not in order:
        return order
    at = order.index(wished.pk)
    to = min(max(at + by, 0), len(order) - 1)
    order.insert(to, order.pop(at))
    return _keep(enrolment, order)


@transaction.atomic
def remove_wish(*, enrolment: Enrolment, wished: Enrolment) -> list[UUID]:
    """Take somebody off the list; those behind move up."""
    order = _locked(enrolment)
    return _keep(enrolment, [wished_id for wished_id in order if wished_id != wished.pk])


def _locked(enrolment: Enrolment) -> list[UUID]:
    if not takes_wishes(enrolment.cohort):
        raise SelfMatchClosed
    lock_people([enrolment.pk])
    rows = Wish.objects.filter(enrolment=enrolment).order_by("rank")
    return list(rows.values_list("wished_id", flat=True))


def _keep(enrolment: Enrolment, order: list[UUID]) -> list[UUID]:
    Wish.objects.filter(enrolment=enrolment).delete()
    Wish.objects.bulk_create(
        Wish(enrolment=enrolment, wished_id=wished_id, rank=rank)
        for rank, wished_id in enumerate(order, start=1)
    )
    return order
