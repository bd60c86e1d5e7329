"""When the people of a partnership could all meet, from what they answered at enrolment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mentoring.identity.queries import settings_in_force
from pairing.models import Partnership, Seat
from programs.models import Answer, Question

Span = tuple[datetime, datetime]

NOTICE = timedelta(days=2)  # nobody is invited to a first session of tomorrow
DAYS_LOOKED_AT = 7  # answers repeat every week
USUAL_TIME = time(10, 0)
QUARTER = timedelta(minutes=15)
WEEKEND = (5, 6)


def proposed_start(*, partnership: Partnership, at: datetime) -> datetime:
    """Return when the first session could begin: the first time that suits all who answered.

    Not before two days from `at` and the partnership's first day.  Where nothing suits
    everybody, or nobody answered, the first working day at 10:00 in the organisation's zone.
    """
    chosen = settings_in_force()
    first_day = datetime.combine(partnership.starts_on, time(0), chosen.zone)
    earliest = max(at + NOTICE, first_day).astimezone(UTC)
    length = timedelta(minutes=partnership.cohort.program.session_minutes)
    common: list[Span] | None = None
    for zone, weekly in _answers(partnership, chosen.time_zone):
        free = list(_spans(weekly, zone, earliest))
        common = free if common is None else list(_both(common, free))
    for start, end in sorted(common or []):
        start = _next_quarter(max(start, earliest))
        if start + length <= end:
            return start
    return _usual(earliest, chosen.zone)


def _answers(partnership: Partnership, usual_zone: str) -> Iterator[tuple[ZoneInfo, list[object]]]:
    seats = Seat.objects.open().filter(partnership=partnership)
    answers = Answer.objects.filter(
        enrolment__in=seats.values("enrolment"), question__kind=Question.Kind.AVAILABILITY
    ).select_related("enrolment__member")
    for answer in answers.order_by("id"):
        if isinstance(answer.value, list) and answer.value:
            yield ZoneInfo(answer.enrolment.member.time_zone or usual_zone), answer.value


def _spans(weekly: list[object], zone: ZoneInfo, earliest: datetime) -> Iterator[Span]:
    """Yield the free times of the days to come as instants; what is no span is passed over."""
    today = earliest.astimezone(zone).date()
    for offset in range(DAYS_LOOKED_AT + 1):
        day = today + timedelta(days=offset)
        for span in weekly:
            match span:
                case [int(weekday), int(start), int(end)] if (
                    weekday == day.weekday() and 0 <= start < end <= 24 * 60
                ):
                    yield _instant(day, start, zone), _instant(day, end, zone)


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    wall = datetime.combine(day, time(0)) + timedelta(minutes=minutes)
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _both(ours: list[Span], theirs: list[Span]) -> Iterator[Span]:
    for start, end in ours:
        for other_start, other_end in theirs:
            if max(start, other_start) < min(end, other_end):
                yield max(start, other_start), min(end, other_end)


def _next_quarter(instant: datetime) -> datetime:
    past = timedelta(
        minutes=instant.minute % 15, seconds=instant.second, microseconds=instant.microsecond
    )
    return instant if not past else instant - past + QUARTER


def _usual(earliest: datetime, zone: ZoneInfo) -> datetime:
    day = earliest.astimezone(zone).date()
    while (
        day.weekday() in WEEKEND
        or datetime.combine(day, USUAL_TIME, zone).astimezone(UTC) < earliest
    ):
        day += timedelta(days=1)
    return datetime.combine(day, USUAL_TIME, zone).astimezone(UTC)
