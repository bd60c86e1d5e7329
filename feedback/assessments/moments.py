"""When people are assessed: at the start, the midpoint and the end of a partnership's time."""

from __future__ import annotations

from datetime import date, timedelta

from feedback.builder.moments import day_of_moment
from feedback.models.assessments import Assessment
from pairing.models.partnerships import Partnership
from programs.models.programs import Cohort

Moment = Assessment.Moment
ORDER = (Moment.START, Moment.MIDPOINT, Moment.END)
# so long the midpoint can be asked; and an end begins so long before a rolling cohort's last day
MIDPOINT_LASTS = timedelta(days=28)
PEERS_ANSWER = timedelta(days=14)


def at_midpoint(partnership: Partnership, today: date) -> bool:
    """Say whether it has come to its midpoint, and not yet near to its end."""
    middle = midpoint_of(partnership)
    return middle <= today < min(middle + MIDPOINT_LASTS, partnership.ends_on - PEERS_ANSWER)


def midpoint_of(partnership: Partnership) -> date:
    return day_of_moment(Moment.MIDPOINT, partnership.starts_on, partnership.ends_on)


def moment_for_peers(
    partnership: Partnership, today: date, *, met: int
) -> Assessment.Moment | None:
    """Return at which moment partners are asked about each other now, if at one.

    Not before they have met twice, and not so late that the next moment comes meanwhile.
    """
    cohort = partnership.cohort
    if met < 2 or cohort.phase not in (Cohort.Phase.RUNNING, Cohort.Phase.CLOSING):
        return None
    if cohort.phase == Cohort.Phase.CLOSING:
        return Moment.END
    if cohort.is_rolling and today >= partnership.ends_on - PEERS_ANSWER:
        return Moment.END
    if at_midpoint(partnership, today):
        return Moment.MIDPOINT
    return Moment.START if today < midpoint_of(partnership) - PEERS_ANSWER else None
