"""Whether somebody takes a turn, answered by e-mail."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.notifications.inbound.phrases import yes_or_no
from core.notifications.models import Email
from sessions.errors import OfferClosed
from sessions.models.offers import TurnOffer
from sessions.rotation.operations.offers import answer_offer

HINT = gettext_lazy("write “yes” or “no”. Anything else you write goes to your coordinator.")


def read(email: Email, text: str) -> str:
    """Answer whether this person takes the turn that an e-mail asked them to; say what it was.

    Raises NotUnderstood, and what `answer_offer` raises.
    """
    answer = yes_or_no(text)
    offer = (
        TurnOffer.objects.visible_to(email.member)
        .for_list()
        .filter(pk__in=[email.about_id])
        .first()
    )
    if offer is None:
        raise OfferClosed
    answer_offer(offer=offer, accepts=answer.yes, by=email.member)
    return _("Yes, you take it.") if answer.yes else _("No, you do not take it.")
