"""Days as words, in the language that is on: for e-mails and pages alike."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _


def day_words(day: date) -> str:
    """Return a day without its year: 22 November."""
    return date_format(day, "j F")


def days_words(first: date, last: date) -> str:
    """Return a span of days: 9 to 22 November."""
    same_month = (first.year, first.month) == (last.year, last.month)
    start = str(first.day) if same_month else day_words(first)
    return _("%(first)s to %(last)s") % {"first": start, "last": day_words(last)}
