"""After a session that was held: one form for each who came, by where they sit.

In a circle everybody rates the session, and all but the one who led tell them how that was, on the
same form (turn_feedback.py).  Fewer people tell each other by name (mutual_feedback.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from core.tenancy.queries import settings_in_force
from feedback.models.surveys import SurveyResponse
from feedback.released import thresholds
from feedback.surveys.base import EXTENT
from feedback.surveys.items import Occasion, Questionnaire, Scale, Wording
from pairing.models.partnerships import Seat
from sessions.models.sessions import Attendance, Session, Turn, counted

# Nobody remembers much longer; it also keeps a session recorded late from asking late.
ASK_WITHIN = timedelta(days=3)
# For so long after it was held a session may be rated, and its rating changed.
RATEABLE = timedelta(days=14)
# people: where fewer sit together an average would say who said what
CIRCLE = 4
# a circle reads its own average once so many have rated: oneself and three others
RATED = 4
# the same rating is asked on three forms, of which everybody gets one
RATING_ALONE, TO_THE_LEADER, EACH_OTHER = "rating", "turn-feedback", "mutual-feedback"
AFTER_SESSION = (RATING_ALONE, TO_THE_LEADER, EACH_OTHER)
WORTH = Scale("worth", _("Was it worth your time?"), EXTENT)


@dataclass(frozen=True)
class Came:
    """Somebody who came to a session: how many sit there, how many came, whose seat led."""

    attendance: Attendance
    people: int
    there: int
    leader: UUID | None

    def occasion(self, key: str = "") -> Occasion:
        seat, session = self.attendance.seat, self.attendance.session
        assert session.held_at is not None
        closes = session.held_at + RATEABLE
        return Occasion(seat.enrolment, seat=seat, session=session, closes_at=closes, key=key)


def came(at: datetime) -> list[Came]:
    """Return who came to a session held in the last three days, still sits there, and has not been
    asked about it."""
    present = Attendance.objects.filter(kind=Attendance.Kind.PRESENT, seat__left_at=None)
    there = present.filter(session=OuterRef("session"))
    led = Turn.objects.filter(session=OuterRef("session"), role__leads=True)
    asked = SurveyResponse.objects.filter(
        survey__in=AFTER_SESSION, seat=OuterRef("seat"), session=OuterRef("session")
    )
    sits = Seat.objects.open().filter(partnership=OuterRef("seat__partnership"))
    rows = (
        present.filter(
            ~Exists(asked),
            session__state=Session.State.HELD,
            session__held_at__lte=at,
            session__held_at__gt=at - ASK_WITHIN,
        )
        .select_related(
            "session",
            "seat__partnership",
            "seat__enrolment__member",
            "seat__enrolment__cohort__program",
        )
        .annotate(
            people=Subquery(counted(sits)),
            there=Subquery(counted(there)),
            leader=Subquery(there.filter(seat__in=led.values("seat")).values("seat")[:1]),
        )
    )
    return [Came(row, row.people, row.there, row.leader) for row in rows.order_by("pk")]


def _in_circles(at: datetime) -> Iterator[Occasion]:
    """Yield those who led, and everybody where nobody did."""
    for one in came(at):
        if one.people >= CIRCLE and one.leader in (None, one.attendance.seat_id):
            yield one.occasion()


def shown_outside(response: SurveyResponse) -> dict[str, str]:
    """Return from how many ratings on a coordinator sees the average."""
    cohort = response.enrolment.cohort_id
    k = thresholds([cohort], settings_in_force().threshold)[cohort]
    return {"k": str(max(k, RATED))}


RATING = Questionnaire(
    name=RATING_ALONE,
    wording=Wording(
        title=_("Rate the session"),
        heading=_("Was it worth your time, %(name)s?"),
        subject=_("Was the session of %(day)s worth your time?"),
        about=_("%(partnership)s, your session of %(day)s."),
        readers=_(
            "Confidential, not anonymous. Your circle sees the average rating from 4 ratings on,"
            " your coordinator from %(k)s and not if all agree. It is shown from the next day on"
            " and then stays as it is."
        ),
        closed=_("A session can be rated for 14 days, unless the partnership breaks off."),
    ),
    items=(WORTH,),
    occasions=_in_circles,
    facts=shown_outside,
)
