"""When a built survey is asked: the codes of its moments, their words and their days."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

START, MIDPOINT, END, LATER = "start", "mid", "end", "end90"
SESSION, DAY = "s", "d"  # with a number: after session 3, on day 30
FIXED = (
    (START, gettext_lazy("At the start")),
    (MIDPOINT, gettext_lazy("At the midpoint")),
    (END, gettext_lazy("At the end")),
    (LATER, gettext_lazy("90 days after the end")),
)
AT_THE_END = (END, LATER)
AFTER = timedelta(days=90)
MOST_SESSIONS, MOST_DAYS = 99, 1000


def session_of(code: str) -> int | None:
    """Return after which session this moment is, if it is one of those."""
    return int(code[1:]) if code[0] == SESSION and code[1:].isdigit() else None


def day_of_moment(code: str, starts_on: date, ends_on: date) -> date:
    """Return the day on which a round opens for who takes part between these days."""
    match code:
        case "start":
            return starts_on
        case "mid":
            return starts_on + (ends_on - starts_on) // 2
        case "end":
            return ends_on
        case "end90":
            return ends_on + AFTER
    return starts_on + timedelta(days=int(code[1:]))


def moment_words(code: str) -> str:
    fixed = dict(FIXED)
    if code in fixed:
        return str(fixed[code])
    number = session_of(code)
    if number is not None:
        return _("After session %(n)d") % {"n": number}
    return _("On day %(n)s") % {"n": code[1:]}
