"""Questions about turns that have no answer any more, because the season has changed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.common import clock
from core.notifications.operations import withdraw as withdraw_emails
from pairing.models.partnerships import Partnership
from sessions.models.offers import TurnOffer
from sessions.models.sessions import Absence, Session, Turn
from sessions.rotation.emails import TURN_ASKED, tell_overtaken


def withdraw_overtaken(*, partnership: Partnership, cause: UUID | None) -> int:
    """Take back what can no longer be agreed to as it was asked, and tell both; return how many.

    The holder of a turn in question, the turn to be given in return, or whether both come has
    changed, or the partnership is over.
    """
    at = clock.now()
    offers = TurnOffer.objects.open().filter(session__partnership=partnership)
    overtaken = 0
    for offer in offers.for_list().order_by("id"):
        if _still_stands(offer, at):
            continue
        TurnOffer.objects.open().filter(pk=offer.pk).update(
            state=TurnOffer.State.WITHDRAWN, answered_at=at
        )
        overtaken += 1
        # who was never asked need not hear that the question is settled
        unsent = withdraw_emails(about=offer.pk, kind=TURN_ASKED)
        tell_overtaken(offer=offer, cause=cause, was_asked=not unsent)
    return overtaken


def _still_stands(offer: TurnOffer, at: datetime) -> bool:
    if not offer.session.partnership.is_open:
        return False
    swap = offer.kind == TurnOffer.Kind.SWAP
    takes = [(offer.session, offer.asked)]
    holds = [(offer.session, offer.role, offer.giver)] if swap else []
    if offer.return_session and offer.return_role:
        takes.append((offer.return_session, offer.giver))
        holds.append((offer.return_session, offer.return_role, offer.asked))
    needed = [offer.asked, offer.giver] if holds else [offer.asked]
    if any(seat.left_at for seat in needed):
        return False
    for session, seat in takes:
        if session.state != Session.State.PLANNED or session.starts_at <= at:
            return False
        if Absence.objects.filter(session=session, seat=seat).exists():
            return False
    if not swap and Turn.objects.filter(session=offer.session, seat=offer.asked).exists():
        return False  # who stands in has no other role there
    return all(
        Turn.objects.filter(session=session, role=role, seat=seat).exists()
        for session, role, seat in holds
    )
