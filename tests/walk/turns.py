"""Turns that change hands and a role that is elected, for the walks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.common import clock
from core.tenancy.models import TenantModel
from sessions.models.elections import Election, ElectionVote, Nomination
from sessions.models.offers import DeclineWords, TurnDecline, TurnOffer
from sessions.models.sessions import Session

if TYPE_CHECKING:
    from tests.walk.world import World


def agree_on_turns(world: World, session: Session) -> dict[str, TenantModel]:
    """Somebody is asked to stand in, a turn was declined with words, a role is being elected."""
    seat, other, role = (world.rows[name] for name in ("seat", "other_seat", "meeting_role"))
    now = clock.now()
    offer = TurnOffer.objects.create(
        kind=TurnOffer.Kind.STAND_IN,
        session=session,
        role=role,
        giver=other,
        asked=seat,
        asked_at=now,
        expires_at=now + timedelta(days=2),
    )
    declined = TurnDecline.objects.create(
        session=session, role=role, seat=other, reason="workload", declined_at=now
    )
    DeclineWords.objects.create(
        partnership=session.partnership,
        decline=declined,
        text=f"{world.canary} declined",
        readers=[world.participant.pk, world.partner.pk],
    )
    election = Election.objects.create(
        partnership=session.partnership,
        role=role,
        description=f"{world.canary} description",
        opened_by=other,
        nominate_until=now + timedelta(days=2),
        term_from=now.date(),
        term_until=now.date() + timedelta(days=60),
        review_on=now.date() + timedelta(days=30),
    )
    Nomination.objects.create(
        election=election, seat=other, nominee=seat, reason=f"{world.canary} reason"
    )
    ElectionVote.objects.create(
        election=election,
        seat=other,
        lap=0,
        consents=False,
        objection=f"{world.canary} objection",
        voted_at=now,
    )
    return {"offer": offer, "election": election}
