"""Times and rhythms in words, as planning and its e-mails say them."""

from __future__ import annotations

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sessions.planning.engine.times import Why


def why_missing(why: str, detail: str, here: datetime) -> str:
    """Return why somebody cannot come; `here` is the time where they are."""
    said = {"when": date_format(here, "l, H:i"), "zone": here.tzname() or "", "what": detail}
    match Why(why):
        case Why.HOLIDAY:
            return _("has a public holiday: %(what)s") % said
        case Why.BUSY:
            return _("has another session then")
        case Why.NOT_FREE:
            return _("is not free then: %(when)s (%(zone)s)") % said
        case Why.UNSAID:
            return _("has not said when; it would be %(when)s (%(zone)s)") % said
