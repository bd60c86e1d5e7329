"""The direct figures' rows: one reading each over people, for all cohorts at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q

from core.tenancy.days import day_of
from feedback.after_session.operations import TURNS_FROM
from feedback.assessments.readings import change_of
from feedback.models.surveys import SurveyResponse
from feedback.released import Answer, Reading
from feedback.surveys.rating import TO_THE_LEADER
from metrics.queries.tallied import AsOf, rows_of
from metrics.retention import SeatSpan, Stay
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import Competency
from programs.models.programs import ENROLLED, Enrolment
from sessions.models.sessions import Attendance, Session

# a partnership that has not begun yet, and one that was taken back before anybody met
NOT_COUNTED = (Partnership.State.PROPOSED, Partnership.State.WITHDRAWN)


@dataclass(frozen=True)
class People:
    """How many people of a cohort are where: each number counts persons."""

    applied: int = 0
    enrolled: int = 0
    mentor: int = 0
    mentee: int = 0
    both: int = 0
    peer: int = 0
    started: int = 0
    met: int = 0
    completed: int = 0
    active: int = 0
    matched: int = 0
    matched_ever: int = 0


def people(cohort_ids: Sequence[UUID]) -> dict[UUID, People]:
    seats = Seat.objects.filter(enrolment=OuterRef("pk"))
    came = Attendance.objects.filter(
        seat__enrolment=OuterRef("pk"),
        kind=Attendance.Kind.PRESENT,
        session__state=Session.State.HELD,
    )
    state = Enrolment.State
    active = Q(state=state.ACTIVE)
    rows = (
        Enrolment.objects.filter(cohort__in=cohort_ids)
        .annotate(
            has_seat=Exists(seats.filter(left_at=None, partnership__state__in=Partnership.OPEN)),
            had_seat=Exists(seats.exclude(partnership__state__in=NOT_COUNTED)),
            came=Exists(came),
        )
        .order_by()
        .values("cohort_id")
        .annotate(
            applied=Count("pk"),
            enrolled=Count("pk", filter=ENROLLED),
            **{part: Count("pk", filter=ENROLLED & Q(part=part)) for part in Enrolment.Part.values},
            started=Count("pk", filter=Q(started_at__isnull=False)),
            met=Count("pk", filter=Q(started_at__isnull=False, came=True)),
            completed=Count("pk", filter=Q(state=state.COMPLETED)),
            active=Count("pk", filter=active),
            matched=Count("pk", filter=active & Q(has_seat=True)),
            matched_ever=Count("pk", filter=active & Q(had_seat=True)),
        )
    )
    counts = [field.name for field in fields(People)]
    return {
        cohort_id: People(*numbers)
        for cohort_id, *numbers in rows.values_list("cohort_id", *counts)
    }


_RESPONDENTS = """
    SELECT p.cohort_id,
        count(DISTINCT t.enrolment_id) FILTER (WHERE EXISTS (
            SELECT FROM sessions_session_facts s
            WHERE s.partnership_id = p.id AND s.ended
                AND s.day <= %(today)s AND s.starts_at <= %(now)s
        )) AS sessions,
        count(DISTINCT t.enrolment_id) FILTER (WHERE EXISTS (
            SELECT FROM sessions_attendance_facts a
            JOIN sessions_session_facts s ON s.id = a.session_id
            WHERE a.seat_id = t.id AND s.held
                AND s.day <= %(today)s AND s.starts_at <= %(now)s
        )) AS attendance,
        count(DISTINCT t.enrolment_id) FILTER (WHERE EXISTS (
            SELECT FROM feedback_check_in_facts c WHERE c.seat_id = t.id AND c.due_on <= %(today)s
        )) AS check_ins
    FROM pairing_partnership_facts p
    JOIN pairing_seat_facts t ON t.partnership_id = p.id
    WHERE p.cohort_id = ANY (%(cohorts)s::uuid[]) AND NOT p.withdrawn
    GROUP BY p.cohort_id
"""
# who stands behind an additive figure, and on which day: (cohort_id, enrolment_id, day)
_BEHIND = {
    "session_completion": """
        SELECT p.cohort_id, t.enrolment_id, s.day
        FROM pairing_partnership_facts p
        JOIN sessions_session_facts s ON s.partnership_id = p.id
        JOIN pairing_seat_facts t ON t.partnership_id = p.id
        WHERE p.cohort_id = ANY (%(cohorts)s::uuid[]) AND s.ended AND NOT p.withdrawn
            AND s.day <= %(today)s AND s.starts_at <= %(now)s
    """,
    "attendance_rate": """
        SELECT p.cohort_id, t.enrolment_id, s.day
        FROM pairing_partnership_facts p
        JOIN sessions_session_facts s ON s.partnership_id = p.id
        JOIN sessions_attendance_facts a ON a.session_id = s.id
        JOIN pairing_seat_facts t ON t.id = a.seat_id
        WHERE p.cohort_id = ANY (%(cohorts)s::uuid[]) AND s.held
            AND s.day <= %(today)s AND s.starts_at <= %(now)s
    """,
    "checkin_response": """
        SELECT p.cohort_id, t.enrolment_id, c.due_on
        FROM pairing_partnership_facts p
        JOIN pairing_seat_facts t ON t.partnership_id = p.id
        JOIN feedback_check_in_facts c ON c.seat_id = t.id
        WHERE p.cohort_id = ANY (%(cohorts)s::uuid[]) AND c.due_on <= %(today)s
    """,
}
_BY_WEEK = """
    SELECT cohort_id,
        day - (((extract(isodow FROM day)::int - 1 - %(week_starts_on)s) + 7) %% 7) AS week,
        count(DISTINCT enrolment_id)
    FROM ({behind}) AS behind (cohort_id, enrolment_id, day)
    GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Respondents:
    """How many distinct people stand behind each additive figure of a cohort."""

    sessions: int = 0
    attendance: int = 0
    check_ins: int = 0


def respondents(cohort_ids: Sequence[UUID], as_of: AsOf) -> dict[UUID, Respondents]:
    """Return the people behind sessions, attendance and check-ins; one statement."""
    rows = rows_of(_RESPONDENTS, as_of.parameters(cohort_ids))
    return {cohort_id: Respondents(*counts) for cohort_id, *counts in rows}


def weekly_respondents(
    cohort_ids: Sequence[UUID], as_of: AsOf, key: str
) -> dict[tuple[UUID, date], int]:
    """Return how many people stand behind an additive figure in each week; one statement."""
    statement = _BY_WEEK.format(behind=_BEHIND[key])
    rows = rows_of(statement, as_of.parameters(cohort_ids))
    return {(cohort_id, week): n for cohort_id, week, n in rows}


class HeldSeat(NamedTuple):
    """A seat of a partnership that counts, and how long that partnership went on."""

    enrolment_id: UUID
    taken_at: datetime
    left_at: datetime | None
    published_at: datetime
    state: str
    ended_at: datetime | None
    ends_on: date


def held_seats(cohort_ids: Sequence[UUID]) -> list[HeldSeat]:
    """Return the seats of these cohorts' people; one statement."""
    columns = ("published_at", "state", "ended_at", "ends_on")
    held = Seat.objects.filter(partnership__cohort__in=cohort_ids).exclude(
        partnership__state__in=NOT_COUNTED
    )
    rows = held.values_list(
        "enrolment_id", "taken_at", "left_at", *(f"partnership__{name}" for name in columns)
    )
    return [HeldSeat(*row) for row in rows]


def stays(
    cohort_ids: Sequence[UUID], zone: ZoneInfo, held: Iterable[HeldSeat]
) -> dict[UUID, list[Stay]]:
    """Return who started in each cohort and how it went on, in the organisation's days."""
    seats: dict[UUID, list[SeatSpan]] = defaultdict(list)
    for row in held:
        span = _seat(row.taken_at, row.left_at, row.state, row.ended_at, row.ends_on, zone)
        seats[row.enrolment_id].append(span)
    by_cohort: dict[UUID, list[Stay]] = defaultdict(list)
    started = Enrolment.objects.filter(cohort__in=cohort_ids, started_at__isnull=False)
    for pk, cohort_id, state, begun, ended in started.values_list(
        "pk", "cohort_id", "state", "started_at", "ended_at"
    ):
        if begun is None:  # never: the filter above; said for the type
            continue
        last = None if ended is None else day_of(ended, zone)
        by_cohort[cohort_id].append(
            Stay(
                started=day_of(begun, zone),
                seats=tuple(seats[pk]),
                completed=last if state == Enrolment.State.COMPLETED else None,
                finished=last if state == Enrolment.State.FINISHED else None,
                withdrawn=last if state == Enrolment.State.WITHDRAWN else None,
            )
        )
    return by_cohort


def _seat(
    taken: datetime,
    left: datetime | None,
    state: str,
    over: datetime | None,
    ends_on: date,
    zone: ZoneInfo,
) -> SeatSpan:
    """Return a seat as held: it ends when it is left or when its partnership is over."""
    ends = [day_of(at, zone) for at in (left, over) if at is not None]
    ended = min(ends, default=None)
    with_the_others = over is not None and ended == day_of(over, zone)
    completed = state == Partnership.State.COMPLETED and with_the_others
    return SeatSpan(
        taken=day_of(taken, zone),
        ended=ended,
        lapsed=state == Partnership.State.LAPSED and with_the_others,
        in_time=completed or (ended is not None and ended >= ends_on),
    )


_PAIRS = """
    SELECT r.competency_id, e.id, r.rating, q.rating
    FROM programs_enrolment_facts e
    JOIN feedback_rating_facts r ON r.enrolment_id = e.id AND r.moment = 'start'
    JOIN feedback_rating_facts q
        ON q.enrolment_id = e.id AND q.moment = 'end' AND q.competency_id = r.competency_id
    WHERE e.cohort_id = %(cohort)s
    ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Pairs:
    """Ratings of one competency by people who gave one at start and end: sums and counts."""

    n: int = 0
    start: int = 0
    end: int = 0
    difference: int = 0
    squares: int = 0


def competency_readings(cohort_id: UUID, as_of: AsOf) -> Iterator[Reading]:
    """Yield the paired ratings of each competency; one statement."""
    answers: dict[UUID, list[Answer]] = defaultdict(list)
    for competency, enrolment, start, end in rows_of(_PAIRS, {"cohort": cohort_id}):
        answers[competency].append(change_of(enrolment, start, end))
    for competency, rows in answers.items():
        yield Reading("competency_change", str(competency), rows)


def turn_readings(cohort_id: UUID, as_of: AsOf) -> Iterator[Reading]:
    """Yield whether enough people gave feedback after each turn that is closed; one statement."""
    rows = SurveyResponse.objects.filter(
        survey=TO_THE_LEADER, enrolment__cohort=cohort_id, closes_at__lte=as_of.now
    )
    asked: dict[tuple[UUID | None, str], dict[UUID, bool]] = defaultdict(dict)
    columns = ("session", "occasion", "enrolment", "answered_at")
    for session, leader, enrolment, answered_at in rows.values_list(*columns):
        asked[session, leader][enrolment] = answered_at is not None
    turns = []
    for (session, _leader), answered in sorted(asked.items(), key=str):
        if session is not None:
            heard = int(sum(answered.values()) >= TURNS_FROM)
            turns.append(Answer(session, frozenset(answered), adds=(heard, 1)))
    yield Reading("feedback_rate", "", turns)


def competencies(program_ids: Iterable[UUID]) -> dict[UUID, list[Competency]]:
    by_program: dict[UUID, list[Competency]] = defaultdict(list)
    rows = Competency.objects.filter(program__in=set(program_ids))
    for competency in rows.order_by("position", "id"):
        by_program[competency.program_id].append(competency)
    return by_program
