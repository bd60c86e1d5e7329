"""Going on after the last day: when everybody who sits there wishes it, until the earliest day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.urls import reverse

from core.audit.operations import record
from core.common import clock
from core.common.dates import day_words
from core.members.models import Member
from core.notifications.operations import Draft, Link, enqueue_all
from core.tenancy.days import day_of
from pairing.errors import NotEndingSoon
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import open_seats, require_seat

ASKED_BEFORE = timedelta(weeks=6)
AT_MOST = timedelta(days=366)
DAY = "j F Y"


def may_go_on(partnership: Partnership, today: date) -> bool:
    """Say whether its people can agree now on a later last day."""
    ends_soon = partnership.ends_on - ASKED_BEFORE <= today <= partnership.ends_on
    return partnership.state == Partnership.State.ACTIVE and ends_soon


@transaction.atomic
def wish_to_go_on(*, partnership: Partnership, until: date | None, by: Member) -> Partnership:
    """Say until when somebody would like to go on, or with None that they would not.

    When everybody who sits there has named a day, the earliest is the new last day; it outlives
    the closing of its cohort.  The others are asked, and in the end all are told.  Raises
    NotEndingSoon, NotTheirs; ValueError for a day that is no later than the last one, or more
    than a year.
    """
    seat = require_seat(partnership, by)
    row = Partnership.objects.select_for_update().get(pk=partnership.pk)
    if not may_go_on(row, day_of(clock.now())):
        raise NotEndingSoon
    if until is not None and not row.ends_on < until <= row.ends_on + AT_MOST:
        raise ValueError("a later day, within a year")
    Seat.objects.filter(pk=seat.pk).update(goes_on_until=until)
    seats = open_seats(partnership)
    days = [one.goes_on_until for one in seats if one.goes_on_until]
    if len(days) == len(seats):
        _prolong(partnership, seats, min(days))
    elif until is not None:
        silent = [one for one in seats if one.goes_on_until is None]
        _write(partnership, silent, "pairing.go_on_asked", until, by)
    partnership.refresh_from_db()
    return partnership


def _prolong(partnership: Partnership, seats: Sequence[Seat], until: date) -> None:
    Seat.objects.filter(partnership=partnership).update(goes_on_until=None)
    Partnership.objects.filter(pk=partnership.pk).update(
        ends_on=until, prolonged=True, changed_at=clock.now()
    )
    # one of them speaks last, and it is all of them who decide
    record(by=None, verb="partnership.prolonged", target=partnership, until=until.isoformat())
    _write(partnership, seats, "pairing.prolonged", until)


def _write(
    partnership: Partnership,
    seats: Sequence[Seat],
    kind: str,
    until: date,
    by: Member | None = None,
) -> None:
    page = "pairing:go_on" if by else "pairing:partnership"
    enqueue_all(
        [
            Draft(
                member=seat.enrolment.member,
                kind=kind,
                program=partnership.cohort.program_id,
                # once for each last day, whatever is wished for
                dedupe_key=f"{kind}:{partnership.pk}:{until if by is None else partnership.ends_on}"
                f":{seat.enrolment.member_id}",
                link=Link(page=reverse(page, args=[partnership.organisation.slug, partnership.pk])),
                context={
                    "partnership": partnership.name,
                    "until": day_words(until, DAY),
                    "ends_on": day_words(partnership.ends_on, DAY),
                    "name": by.given_name if by else "",
                },
                about=partnership.pk,
            )
            for seat in seats
            if seat.enrolment.member.state != Member.State.LEFT
        ]
    )
