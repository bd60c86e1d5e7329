"""What people say to their invitations, and a circle that looks for another time."""

from __future__ import annotations

import random
from datetime import timedelta

from core.common import clock
from core.tenancy.context import look_as
from devtools.demo.history import attempt
from pairing.models.partnerships import Partnership
from pairing.partnerships import seats as partnerships_seats
from sessions.attendance.operations import replies
from sessions.models.polls import PollAnswer, PollTime
from sessions.models.sessions import Session
from sessions.planning.operations import polls
from sessions.planning.queries import availability

LINES = ("At the dentist.", "My team has its planning day.", "Travelling, back on Friday.", "")
SAYS = tuple(PollAnswer.Says.values)


def answer_invitations(draw: random.Random) -> None:
    """Let most people say whether they come to the next session of their circle."""
    now = clock.now()
    for partnership in Partnership.objects.active().order_by("id"):
        session = Session.objects.upcoming(now).filter(partnership=partnership).for_list().first()
        if session is None:
            continue
        for seat in partnerships_seats.open_seats(partnership):
            chance = draw.random()
            look_as(seat.enrolment.member_id)
            with attempt():
                if chance < 0.65:
                    replies.accept_invitation(session=session, seat=seat, by=None)
                elif chance < 0.78:
                    replies.decline_invitation(
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
        gathering = availability.gather(partnership=partnership, at=now)
        best = availability.proposed_times(gathering=gathering, earliest=now + timedelta(days=4))
        seats = partnerships_seats.open_seats(partnership)
        poll = polls.open_poll(
            partnership=partnership,
            times=[option.starts_at for option in best[:4]],
            closes_at=now + timedelta(days=3),
            by=seats[0].enrolment.member,
        )
        times = list(PollTime.objects.filter(poll=poll).order_by("starts_at"))
        for seat in seats[: len(seats) // 2]:
            says = {time: draw.choices(SAYS, (4, 2, 2))[0] for time in times}
            polls.answer_poll(poll=poll, seat=seat, says=says, by=None)
        return
