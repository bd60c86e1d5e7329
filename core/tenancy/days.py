"""The organisation's days.  Nothing else makes a date out of an instant: a guard test insists."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from core.common import clock
from core.tenancy.queries import settings_in_force


def day_of(instant: datetime, zone: ZoneInfo | None = None) -> date:
    """Return the day of that instant in the zone of the organisation in force.

    Reading the zone is a statement: a loop over rows reads it once and passes it.
    """
    return instant.astimezone(zone or settings_in_force().zone).date()


def today() -> date:
    return day_of(clock.now())


def weekdays() -> list[int]:
    """Return the days of a week, 0 is Monday, from the one that the organisation begins with."""
    first = settings_in_force().week_starts_on
    return [(first + ahead) % 7 for ahead in range(7)]
