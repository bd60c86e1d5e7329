"""When an e-mail may come: plain rules of a person's clock, without a database.

What can wait comes outside of its reader's quiet hours, a nudge not at the weekend either, and what
is collected comes in the morning; what a session needs comes by day; what somebody would be locked
out without comes at once.  See docs/adr/0026-how-much.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum, unique
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.tenancy.days import day_of

DAY_BEGINS, DAY_ENDS = 8, 20  # what a session needs comes between them, on any day
DIGEST_HOUR = 8
MONDAY, SATURDAY = 0, 5
NUDGES_A_WEEK, WEEK = 2, timedelta(days=7)
BURST = 3  # more messages at once than these become one
_AN_HOUR = timedelta(hours=1)
_TWO_WEEKS = 15


@unique
class Category(StrEnum):
    """What an e-mail is for its reader; the order is how pressing it is."""

    SECURITY = "security"  # without it somebody is locked out, or does not know of a break-in
    INVITATION = (
        "invitation"  # when and where one meets: invitations, moves, reminders of a session
    )
    NEWS = "news"
    QUESTION = "question"  # asks for something, the first time
    NUDGE = "nudge"  # only asks again


class Pace(models.TextChoices):
    """How often somebody wants e-mails of a kind."""

    AT_ONCE = "at_once", _("At once")
    DAILY = "daily", _("Once a day, in one e-mail")
    WEEKLY = "weekly", _("On Mondays, in one e-mail")


@dataclass(frozen=True)
class Hours:
    """When somebody is left in peace: by their own clock from one full hour until another.

    Equal hours are none.  `weekends` keeps nudges, and nothing else, from Saturday and Sunday.
    """

    quiet_from: int = 20
    quiet_until: int = 7
    weekends: bool = True

    def at_night(self, hour: int) -> bool:
        """Say whether this hour of the day is quiet."""
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= hour < self.quiet_until
        return hour >= self.quiet_from or hour < self.quiet_until

    def quiet(self, local: datetime, category: Category) -> bool:
        """Say whether nothing of that category comes at this local time."""
        weekend = self.weekends and local.weekday() >= SATURDAY
        return self.at_night(local.hour) or (weekend and category == Category.NUDGE)


DEFAULT = Hours()


def due(
    category: Category,
    now: datetime,
    zone: ZoneInfo,
    hours: Hours = DEFAULT,
    pace: Pace | str = Pace.AT_ONCE,
    *,
    needed_by: datetime | None = None,
) -> datetime:
    """Return when an e-mail of that category is to go, now or later.

    `needed_by`: when what it speaks of begins, or is answered no more.  An invitation or a move for
    which day would come too late goes at once, and nothing is collected beyond it.
    """
    if category == Category.SECURITY:
        return now
    if category == Category.INVITATION:
        moment = _first(now, zone, lambda local: DAY_BEGINS <= local.hour < DAY_ENDS)
        return now if needed_by and moment >= needed_by else moment
    morning = next_digest(category, now, zone, hours, pace, needed_by=needed_by)
    return morning or _first(now, zone, lambda local: not hours.quiet(local, category))


def next_digest(
    category: Category,
    now: datetime,
    zone: ZoneInfo,
    hours: Hours,
    pace: Pace | str,
    *,
    needed_by: datetime | None = None,
) -> datetime | None:
    """Return the next morning, or Monday morning, at which what is collected goes.

    None where nothing is collected, or it would come too late.
    """
    if pace == Pace.AT_ONCE:
        return None
    hour = hours.quiet_until if hours.at_night(DIGEST_HOUR) else DIGEST_HOUR
    today = day_of(now, zone)
    for ahead in range(_TWO_WEEKS):
        day = today + timedelta(days=ahead)
        if pace == Pace.WEEKLY and day.weekday() != MONDAY:
            continue
        morning = datetime.combine(day, time(hour), zone).astimezone(now.tzinfo)
        moment = _first(morning, zone, lambda local: not hours.quiet(local, category))
        if moment > now and day_of(moment, zone) == day:
            return None if needed_by and moment >= needed_by else moment
    raise AssertionError("two weeks have two Mondays")


def _first(now: datetime, zone: ZoneInfo, fits: Callable[[datetime], bool]) -> datetime:
    """Return now, or the first full hour after it, at which the local clock fits.

    It looks at the clock anew after each step, so that a day of 23 or 25 hours is one like others.
    """
    moment = now
    local = moment.astimezone(zone)
    while not fits(local):
        moment += _AN_HOUR - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        local = moment.astimezone(zone)
    return moment
