"""Sixty days of one person in three programs, over both changes of the clock, by two beats."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from core.common import clock
from core.members.models import Member
from core.notifications.dispatch import dispatch
from core.notifications.kinds import NUDGES
from core.notifications.models import Email, Envelope
from core.tenancy.context import tenant
from feedback.surveys.base import open_due
from feedback.surveys.check_in import CHECK_IN, remind_open_check_ins
from sessions.attendance.emails import ask_to_record, remind_of_sessions
from sessions.models.sessions import Session
from tests.cast import Cast, make_member
from tests.feedback.build import make_cohort, make_partnership

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
DAYS = 60
STEP = timedelta(hours=1)
# before breakfast, at noon, and in the evening
HOURS = time(7, 30), time(12), time(19, 45)


@pytest.mark.slow
@pytest.mark.parametrize(
    "first",
    [
        date(2026, 3, 2),  # New York changes on 8 March, Berlin on the 29th
        date(2026, 9, 28),  # Berlin on 25 October, New York on 1 November
    ],
)
def test_sixty_days(cast: Cast, settings, first: date) -> None:
    settings.NOTIFICATION_PACING = True
    settings.NOTIFICATION_HOLD = timedelta(seconds=90)
    nora = make_member(cast.acme, "Nora", time_zone="America/New_York")
    sessions = _three_programs(cast, nora, first)
    begins = datetime.combine(first, time(0, 20), BERLIN).astimezone(UTC)
    for hour in range(DAYS * 24):
        with clock.at(begins + hour * STEP):
            for _beat in range(2):
                if hour % 4 == 0:
                    _follow_up(cast)
                dispatch()

    with tenant(cast.acme):
        emails = list(Email.objects.exclude(sent_at=None).select_related("member"))
        escalated = Email.objects.filter(escalated_at__isnull=False).count()
    assert escalated > 0
    zones = {cast.petra.pk: BERLIN, nora.pk: NEW_YORK}
    reminders = Counter(
        (email.about_id, email.member_id) for email in emails if email.kind == "sessions.reminder"
    )
    assert reminders == {(session, person): 1 for session in sessions for person in zones}
    for email in emails:
        assert email.sent_at
        local = email.sent_at.astimezone(zones[email.member_id])
        if email.kind == "sessions.reminder":
            assert 8 <= local.hour < 20
        else:
            assert 7 <= local.hour < 20
        if email.kind in NUDGES:
            assert local.weekday() < 5
    for person in zones:
        assert _most_in_a_week(emails, person) == 2


def _three_programs(cast: Cast, nora: Member, first: date) -> list[UUID]:
    """Seat both at three tables that meet each week; return the sessions that are reminded of."""
    sessions = []
    for number, at in enumerate(HOURS):
        cohort = make_cohort(cast.acme, f"Program {number}")
        begins = first + timedelta(days=number)
        seats = make_partnership(cohort, cast.petra, nora, starts_on=begins, name=f"No. {number}")
        with tenant(cast.acme):
            for week in range(1, DAYS // 7):
                day = begins + timedelta(weeks=week)
                session = Session.objects.create(
                    partnership=seats[0].partnership,
                    number=week,
                    starts_at=datetime.combine(day, at, BERLIN),
                    day=day,
                    duration_minutes=60,
                )
                sessions.append(session.pk)
    return sessions


def _follow_up(cast: Cast) -> None:
    at = clock.now()
    with tenant(cast.acme):
        open_due(CHECK_IN, at=at)
        remind_open_check_ins(at=at)
        remind_of_sessions(at=at)
        ask_to_record(at=at)


def _most_in_a_week(emails: list[Email], person: UUID) -> int:
    """Return how many messages that only ask again came to one person within any seven days."""
    bundles = dict(Envelope.objects.values_list("email_id", "bundle_id"))
    messages = {
        bundles[email.pk]: email.sent_at
        for email in emails
        if email.member_id == person and email.kind in NUDGES
    }
    moments = sorted(at for at in messages.values() if at)
    week = timedelta(days=7)
    return max(sum(at <= other < at + week for other in moments) for at in moments)
