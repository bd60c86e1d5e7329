"""Planning a season: when it meets, and who holds which role; and moving it as a whole."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef

from core.audit.operations import record
from core.common import clock
from core.common.rows import row_by_row
from core.common.video import new_room
from core.members.models import Member
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from pairing.errors import PartnershipNotActive
from pairing.models.partnerships import Partnership
from pairing.partnerships.seats import lock_partnership, require_partner_or_coordinator
from programs.queries.agendas import agenda_for
from sessions.attendance.operations.replies import forget_replies
from sessions.calendar.emails import invite
from sessions.errors import (
    AfterItsEnd,
    NothingToMove,
    SeasonAlreadyPlanned,
    SeasonTooLong,
    StartsInThePast,
)
from sessions.models.rooms import forget_rehearsal
from sessions.models.sessions import Session, renumber
from sessions.planning.engine.cadence import Cadence
from sessions.planning.queries.availability import (
    Gathering,
    cadence_of,
    gather,
    proposed_times,
    season_dates,
)
from sessions.rotation.engine import plan
from sessions.rotation.operations.rotation import replan, store
from sessions.rotation.queries.rotation import read_rotation

AT_ONCE = 200  # partnerships in one round of the sweep: a transaction stays short


@transaction.atomic
def plan_season(
    *,
    partnership: Partnership,
    by: Member | None,
    first_at: datetime | None = None,
    count: int | None = None,
    cadence: Cadence | None = None,
    place: str = "",
    video_url: str | None = None,
) -> list[Session]:
    """Plan the sessions in a season with their turns, invite its people, and return them.

    Without `first_at` the time that suits most people is taken.  Later ones follow at the same
    wall time in the season's zone, in the program's cadence and up to its number unless given;
    holidays of its people are avoided where the rhythm allows.  Those after the partnership's
    last day are left out, the first never is.  Without `video_url` the season gets a room of
    its own by the organisation's template.

    Raises PartnershipNotActive, SeasonAlreadyPlanned while planned sessions stand,
    StartsInThePast, AfterItsEnd, NotTheirs.
    """
    require_partner_or_coordinator(partnership=partnership, by=by)
    partnership = lock_partnership(partnership)
    if partnership.state != Partnership.State.ACTIVE:
        raise PartnershipNotActive
    theirs = Session.objects.filter(partnership=partnership)
    if theirs.filter(state=Session.State.PLANNED).exists():
        raise SeasonAlreadyPlanned
    at = clock.now()
    program = partnership.cohort.program
    gathering = gather(partnership=partnership, at=at)
    cadence, count = cadence or cadence_of(program), count or program.sessions_planned
    dates = _dates(gathering, first_at, cadence, count)
    link = new_room(settings_in_force().video_template) if video_url is None else video_url
    last_number = theirs.aggregate(last=Max("number"))["last"] or 0
    sessions = Session.objects.bulk_create(
        Session(
            partnership=partnership,
            number=last_number + place_in_season,
            starts_at=starts_at,
            duration_minutes=program.session_minutes,
            day=day_of(starts_at),
            agenda=agenda_for(program, last_number + place_in_season),
            place=place,
            video_url=link,
            changed_at=at,
        )
        for place_in_season, starts_at in enumerate(dates, 1)
    )
    rotation = read_rotation(partnership=partnership, at=at)
    if rotation.can_plan:
        store(rotation, plan.plan_season(rotation.season), at=at, known=False)
    record(by=by, verb="season.planned", target=partnership, sessions=len(sessions))
    invite(partnership=partnership, sessions=sessions, by=by)
    return sessions


def _dates(
    gathering: Gathering, first_at: datetime | None, cadence: Cadence, count: int
) -> list[datetime]:
    """Return when the sessions begin; a chosen time has to be to come and in time."""
    if first_at is None:
        best = proposed_times(gathering=gathering, cadence=cadence, count=count, limit=1)[0]
        return [date.starts_at for date in best.dates]
    if first_at <= gathering.at:
        raise StartsInThePast
    if first_at.astimezone(gathering.zone).date() > gathering.partnership.ends_on:
        raise AfterItsEnd
    dates = season_dates(gathering=gathering, first_at=first_at, cadence=cadence, count=count)
    return [date.starts_at for date in dates]


@transaction.atomic
def move_season(
    *,
    partnership: Partnership,
    first_at: datetime,
    by: Member | None,
    cadence: Cadence | None = None,
    place: str | None = None,
    video_url: str | None = None,
) -> list[Session]:
    """Move all sessions that are to come to another time and rhythm, and return them.

    Each keeps its agenda and topic; place and link are the first one's unless given.  Turns
    even out again, and people are asked afresh whether they come, in one e-mail; dates that
    stand already change nothing.  Raises NothingToMove, SeasonTooLong where not all of them
    fit before the partnership ends, and as `plan_season` does.
    """
    require_partner_or_coordinator(partnership=partnership, by=by)
    partnership = lock_partnership(partnership)
    if partnership.state != Partnership.State.ACTIVE:
        raise PartnershipNotActive
    at = clock.now()
    sessions = list(Session.objects.upcoming(at).filter(partnership=partnership))
    if not sessions:
        raise NothingToMove
    gathering = gather(partnership=partnership, at=at)
    cadence = cadence or cadence_of(gathering.program)
    dates = _dates(gathering, first_at, cadence, len(sessions))
    if len(dates) < len(sessions):
        raise SeasonTooLong(fit=len(dates), wanted=len(sessions))
    place = sessions[0].place if place is None else place
    link = sessions[0].video_url if video_url is None else video_url
    if all(
        (session.starts_at, session.place, session.video_url) == (starts_at, place, link)
        for session, starts_at in zip(sessions, dates, strict=True)
    ):
        return sessions
    for session, starts_at in zip(sessions, dates, strict=True):
        if session.starts_at != starts_at:
            forget_replies(session)
            forget_rehearsal(session)
        Session.objects.filter(pk=session.pk, state=Session.State.PLANNED).update(
            starts_at=starts_at,
            day=day_of(starts_at),
            place=place,
            video_url=link,
            changed_at=at,
            sequence=F("sequence") + 1,
        )
    renumber(partnership, at=at)
    replan(partnership=partnership, told=False)
    moved = list(Session.objects.upcoming(at).filter(partnership=partnership))
    record(by=by, verb="season.moved", target=partnership, sessions=len(moved))
    invite(partnership=partnership, sessions=moved, by=by, moved=True)
    return moved


def plan_missing_seasons(*, at: datetime) -> int:
    """Plan a season for active partnerships that never had a session; return how many.

    The news of a publication travels upward by this: safe to repeat, and a season that somebody
    planned meanwhile stands.
    """
    any_session = Session.objects.filter(partnership=OuterRef("pk"))
    without = Partnership.objects.active().filter(~Exists(any_session)).order_by("id")
    return row_by_row(
        without.filter(ends_on__gte=day_of(at)),
        lambda partnership: plan_season(partnership=partnership, by=None),
        refusals=(SeasonAlreadyPlanned, PartnershipNotActive),
        most=AT_ONCE,
    )
