"""Planning a season: when it meets, and who holds which role."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from mentoring.audit.operations import record
from mentoring.common import clock
from mentoring.identity.models import Member
from mentoring.identity.queries import settings_in_force
from pairing.models import Partnership
from sessions.errors import AfterItsEnd, PartnershipNotActive, SeasonAlreadyPlanned, StartsInThePast
from sessions.models import Session
from sessions.operations.letters import invite
from sessions.operations.rights import hold, require_hand
from sessions.operations.rotation import store
from sessions.queries.availability import proposed_start
from sessions.queries.rotation import read_rotation

AT_ONCE = 200  # partnerships in one round of the sweep: a transaction stays short


@transaction.atomic
def plan_season(
    *,
    partnership: Partnership,
    by: Member | None,
    first_at: datetime | None = None,
    count: int | None = None,
    weeks_between: int | None = None,
    place: str = "",
) -> list[Session]:
    """Plan the sessions of a season with their turns, invite its people, and return them.

    Without `first_at` the first time that suits everybody is taken.  Later ones follow at the
    same wall time in the organisation's zone, `weeks_between` weeks apart, up to `count` of them
    (the program's numbers unless given); those after the partnership's last day are left out,
    the first never is.

    Raises PartnershipNotActive, SeasonAlreadyPlanned while planned sessions stand,
    StartsInThePast, AfterItsEnd, NotTheirs.
    """
    require_hand(partnership=partnership, by=by)
    partnership = hold(partnership)
    if partnership.state != Partnership.State.ACTIVE:
        raise PartnershipNotActive
    theirs = Session.objects.filter(partnership=partnership)
    if theirs.filter(state=Session.State.PLANNED).exists():
        raise SeasonAlreadyPlanned
    at = clock.now()
    zone = settings_in_force().zone
    if first_at and first_at.astimezone(zone).date() > partnership.ends_on:
        raise AfterItsEnd
    first_at = first_at or proposed_start(partnership=partnership, at=at)
    if first_at <= at:
        raise StartsInThePast
    program = partnership.cohort.program
    starts = season_starts(
        first_at,
        weeks=weeks_between or max(1, program.cadence_days // 7),
        count=count or program.sessions_planned,
        zone=zone,
    )
    last_number = theirs.aggregate(last=Max("number"))["last"] or 0
    sessions = Session.objects.bulk_create(
        Session(
            partnership=partnership,
            number=last_number + place_in_season,
            starts_at=starts_at,
            duration_minutes=program.session_minutes,
            day=starts_at.astimezone(zone).date(),
            agenda=copy.deepcopy(program.agenda),
            place=place,
            changed_at=at,
        )
        for place_in_season, starts_at in enumerate(starts, 1)
        if place_in_season == 1 or starts_at.astimezone(zone).date() <= partnership.ends_on
    )
    rotation = read_rotation(partnership=partnership, at=at)
    if rotation.can_plan:
        store(rotation, rotation.plan(), at=at, known=False)
    record(by=by, verb="season.planned", target=partnership, sessions=len(sessions))
    invite(partnership=partnership, sessions=sessions, by=by)
    return sessions


def season_starts(
    first_at: datetime, *, weeks: int, count: int, zone: ZoneInfo
) -> Iterator[datetime]:
    """Yield `count` instants `weeks` weeks apart at one wall time of the zone, in UTC.

    A wall time that the clocks skip is read as before the change, so it comes an hour later
    (PEP 495, fold=0); one that they repeat is its first.
    """
    wall = first_at.astimezone(zone).replace(tzinfo=None)
    for n in range(count):
        yield (wall + timedelta(weeks=weeks * n)).replace(tzinfo=zone).astimezone(UTC)


def plan_missing_seasons() -> int:
    """Plan a season for active partnerships that never had a session; return how many.

    The news of a publication travels upward by this: safe to repeat, and a season that somebody
    planned meanwhile stands.
    """
    planned = 0
    any_session = Session.objects.filter(partnership=OuterRef("pk"))
    without = Partnership.objects.active().filter(~Exists(any_session)).order_by("id")
    today = clock.now().astimezone(settings_in_force().zone).date()
    for partnership in without.filter(ends_on__gte=today)[:AT_ONCE]:
        try:
            plan_season(partnership=partnership, by=None)
        except (SeasonAlreadyPlanned, PartnershipNotActive):
            continue
        planned += 1
    return planned
