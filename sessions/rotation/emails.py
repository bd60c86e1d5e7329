"""E-mails about turns: will you take this one, what the other said, what has moved."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from core.members.models import Member
from core.notifications.operations import Link, enqueue, withdraw
from core.notifications.render import written
from core.tenancy.queries import settings_in_force
from pairing.models.partnerships import Partnership
from pairing.partnerships.seats import people_told
from sessions.models.offers import TurnOffer
from sessions.rotation.queries.turns import Difference

OFFER_LINK = "turn"


def ask_for_turn(*, offer: TurnOffer) -> None:
    """Ask the one person who could take a turn; the button answers without signing in."""
    member = offer.asked.enrolment.member
    zone = settings_in_force().zone
    enqueue(
        member=member,
        kind="sessions.turn_asked",
        dedupe_key=f"sessions.turn_asked:{offer.pk}",
        link=Link(signed=OFFER_LINK, object_id=offer.pk),
        context=_words(offer, member, zone) | {"until": written(offer.expires_at, member, zone)},
        about=offer.pk,
    )


def tell_answer(*, offer: TurnOffer, accepted: bool) -> None:
    """Tell who gave up a turn, or asked for a swap, what the other said."""
    giver = offer.giver.enrolment.member
    if not accepted and offer.kind == TurnOffer.Kind.STAND_IN:
        return  # the next is asked; a no is nobody's business but theirs
    enqueue(
        member=giver,
        kind="sessions.turn_answered",
        dedupe_key=f"sessions.turn_answered:{offer.pk}",
        link=Link(page=offer.session.get_absolute_url()),
        context=_words(offer, giver, settings_in_force().zone) | {"accepted": accepted},
        about=offer.pk,
    )


def tell_turns(
    *, partnership: Partnership, moved: Sequence[Difference], by: Member | None = None
) -> None:
    """Write to each person whose turns have moved, with all that has; who did it knows already.

    An e-mail about earlier moves that has not left yet is taken back: the last one holds.
    """
    if not moved:
        return
    usual = settings_in_force().zone
    touched = set().union(*(difference.people for difference in moved))
    withdraw(about=moved[0].session.pk)
    for member in people_told(partnership):
        if member.pk not in touched or (by and member.pk == by.pk):
            continue
        zone = ZoneInfo(member.time_zone) if member.time_zone else usual
        sequences = ".".join(str(difference.session.sequence) for difference in moved)
        enqueue(
            member=member,
            kind="sessions.turns_changed",
            dedupe_key=(
                f"sessions.turns_changed:{moved[0].session.pk}:{sequences}:{len(moved)}:{member.pk}"
            ),
            link=Link(page=moved[0].session.get_absolute_url()),
            context={
                "partnership": partnership.name,
                "lines": [
                    {"words": difference.words(zone), "mine": member.pk in difference.people}
                    for difference in moved
                ],
            },
            about=moved[0].session.pk,
        )


def _words(offer: TurnOffer, reader: Member, zone: ZoneInfo) -> dict[str, object]:
    returns = offer.return_session
    return {
        "partnership": offer.session.partnership.name,
        "kind": offer.kind,
        "giver": offer.giver.enrolment.member.given_name,
        "asked": offer.asked.enrolment.member.given_name,
        "role": offer.role.name,
        "leads": offer.role.leads,
        "when": written(offer.session.starts_at, reader, zone),
        "return_role": offer.return_role.name if offer.return_role else "",
        "return_when": written(returns.starts_at, reader, zone) if returns else "",
    }
