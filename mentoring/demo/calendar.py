"""What people say to their invitations, and a circle that looks for another time."""

from __future__ import annotations

import random
from datetime import timedelta

from mentoring.common import clock
from mentoring.demo.history import attempt
from mentoring.identity.tenancy import look_as
from pairing.models import Partnership
from sessions import operations as sessions
from sessions import queries
from sessions.models import PollAnswer, PollTime, Session

LINES = ("At the dentist.", "My team has its planning day.", "Travelling, back on Friday.", "")
SAYS = tuple(PollAnswer.Says.values)


def answer_invitations(draw: random.Random) -> None:
    """Let most people say whether they come to the next session of their circle."""
    now = clock.now()
    for partnership in Partnership.objects.active().order_by("id"):
        session = Session.objects.upcoming(now).filter(partnership=partnership).for_list().first()
        if session is None:
            continue
        for seat in queries.open_seats(partnership):
            chance = draw.random()
            look_as(seat.enrolment.member_id)
            with attempt():
                if chance < 0.65:
                    sessions.accept_invitation(session=session, seat=seat, by=None)
                elif chance < 0.78:
                    sessions.decline_invitation(
                        session=session, seat=seat, by=None, reason=draw.choice(LINES)
                    )


def look_for_another_time(draw: random.Random) -> None:
    """Let one circle ask itself for another time for the season, half of it having answered."""
    now = clock.now()
    circles = Partnership.objects.active().filter(cohort__program__format="circles")
    rows = circles.select_related("organisation", "cohort__program")
    for partnership in rows.order_by("-id"):
        if not Session.objects.upcoming(now).filter(partnership=partnership).exists():
            continue
        gathering = queries.gather(partnership=partnership, at=now)
        best = queries.proposed_times(gathering=gathering, earliest=now + timedelta(days=4))
        seats = queries.open_seats(partnership)
        poll = sessions.open_poll(
            partnership=partnership,
            times=[each.starts_at for each in best[:4]],
            closes_at=now + timedelta(days=3),
            by=seats[0].enrolment.member,
        )
        times = list(PollTime.objects.filter(poll=poll).order_by("starts_at"))
        for seat in seats[: len(seats) // 2]:
            says = {time: draw.choices(SAYS, (4, 2, 2))[0] for time in times}
            sessions.answer_poll(poll=poll, seat=seat, says=says, by=None)
        return
