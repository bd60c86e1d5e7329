"""Whether people have already met after a publication."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from pairing.models.runs import MatchRun
from sessions.models.sessions import Session


def run_has_met(run: MatchRun, *, at: datetime) -> bool:
    """Say whether anybody of a published run may have met: a session was held, or has begun."""
    theirs = Session.objects.filter(partnership__run=run)
    begun = Q(state__in=[Session.State.PLANNED, Session.State.MISSED], starts_at__lte=at)
    return theirs.filter(Q(state=Session.State.HELD) | begun).exists()
