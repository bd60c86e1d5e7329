"""Who has another session then: said before a time is saved, and on the session's page after."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.members.models import Member
from core.ui.forms import wall
from pairing.models.partnerships import Partnership, Seat
from programs.models.programs import EnrolmentQuerySet
from sessions.models.polls import TimePoll
from sessions.models.sessions import Session
from sessions.planning.engine.cadence import Cadence
from sessions.planning.queries.availability import busy_elsewhere, gather, season_dates

MOST = 20  # of the warnings about seats: a page is read


def clashes(
    partnership: Partnership, times: Sequence[datetime], *, minutes: int, at: datetime
) -> list[str]:
    """Return a sentence for each of these times and person who meets elsewhere then.

    It names the person alone: with whom they meet there is not said.
    """
    busy = busy_elsewhere(partnership, at)
    if not busy:
        return []
    seats = Seat.objects.open().filter(partnership=partnership).select_related("enrolment__member")
    people = {str(seat.enrolment.member_id): seat.enrolment.member for seat in seats}
    length = timedelta(minutes=minutes)
    return [
        _("%(name)s has another session on %(when)s.")
        % {
            "name": people[key].full_name,
            "when": date_format(wall(starts_at), "l j F, H:i"),
        }
        for starts_at in sorted(times)
        for key in sorted(busy, key=lambda key: people[key].full_name)
        if any(begins < starts_at + length and ends > starts_at for begins, ends in busy[key])
    ]


def seating_clashes(
    partnerships: QuerySet[Partnership], people: EnrolmentQuerySet, *, at: datetime
) -> list[str]:
    """Return who meets elsewhere when one of these partnerships does, were they seated there.

    Where they sit in the same cohort now they would leave.  As in `clashes`, with whom they meet
    there is not said.
    """
    seats = (
        Seat.objects.open()
        .filter(enrolment__member__in=people.values("member"))
        .exclude(partnership__cohort__in=people.values("cohort"))
        .select_related("enrolment__member")
    )
    theirs: dict[UUID, list[Member]] = defaultdict(list)
    for seat in seats:
        theirs[seat.partnership_id].append(seat.enrolment.member)
    busy = list(Session.objects.upcoming(at).filter(partnership__in=theirs))
    if not busy:
        return []
    until = max(session.ends_at for session in busy)
    coming = Session.objects.upcoming(at).filter(
        partnership__in=partnerships.values("pk"), starts_at__lt=until
    )
    overlaps: Counter[tuple[str, str]] = Counter()
    for session in coming.select_related("partnership"):
        members = {
            member
            for other in busy
            if other.starts_at < session.ends_at and other.ends_at > session.starts_at
            for member in theirs[other.partnership_id]
        }
        overlaps.update((member.full_name, session.partnership.name) for member in members)
    return [
        ngettext(
            "%(name)s has another session when %(partnership)s meets: %(n)d time.",
            "%(name)s has another session when %(partnership)s meets: %(n)d times.",
            n,
        )
        % {"name": name, "partnership": partnership, "n": n}
        for (name, partnership), n in sorted(overlaps.items())[:MOST]
    ]


def poll_clashes(poll: TimePoll, starts_at: datetime, *, at: datetime) -> list[str]:
    """Return who meets elsewhere at what a poll's time would give: one session, or a season."""
    partnership = poll.partnership
    times, minutes = [starts_at], partnership.cohort.program.session_minutes
    if poll.session is None:
        coming = Session.objects.upcoming(at).filter(partnership=partnership).count()
        dates = season_dates(
            gathering=gather(partnership=partnership, at=at),
            first_at=starts_at,
            cadence=Cadence(poll.cadence_every, poll.cadence_unit),
            count=coming or poll.sessions_wanted,
        )
        times = [date.starts_at for date in dates]
    else:
        minutes = poll.session.duration_minutes
    return clashes(partnership, times, minutes=minutes, at=at)
