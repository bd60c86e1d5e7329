"""What a dashboard's counts cost: from tallies, by one SQL over raw rows, by a loop of the ORM.

    python -m bench.metrics [--quick]

Also the fold, and all figures of a report. Prints one JSON line a row and ends with the goals;
asserts nothing. Each method must come to the same counts, or its row says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from bench._database import analyse, database, enrol_people, make_owner, make_people, write_rows
from bench._lines import Lines, asked_quick, best_of, timed

CIRCLE = 6
FEW = 1000  # facts about which the planner need not hear
PAIRING = """
    INSERT INTO pairing_partnership (
        id, organisation_id, created_at, cohort_id, name, state, starts_on, ends_on, published_at,
        end_reason, changed_at{columns}
    )
    SELECT gen_random_uuid(), %(organisation)s, now(), %(cohort)s, 'Circle ' || n, 'active',
        %(first)s, %(last)s, %(first)s, '', %(first)s{values}
    FROM generate_series(1, %(circles)s) AS n
"""
SEATS = """
    INSERT INTO pairing_seat (
        id, organisation_id, created_at, partnership_id, enrolment_id, part, taken_at{columns}
    )
    SELECT gen_random_uuid(), %(organisation)s, now(), p.id, e.id, 'peer', %(first)s{values}
    FROM (
        SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM pairing_partnership
        WHERE cohort_id = %(cohort)s
    ) AS p
    JOIN (
        SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM programs_enrolment
        WHERE cohort_id = %(cohort)s
    ) AS e ON e.n / %(circle)s = p.n
"""
SESSIONS = """
    INSERT INTO mentoring_sessions_session (
        id, organisation_id, created_at, partnership_id, number, starts_at, duration_minutes, day,
        state, held_at, cause, changed_at{columns}
    )
    SELECT gen_random_uuid(), %(organisation)s, now(), p.id, n,
        %(first)s::date + n * 7 + interval '12 hours', 60, %(first)s::date + n * 7,
        CASE WHEN n %% 8 = 0 THEN 'cancelled' ELSE 'held' END,
        CASE WHEN n %% 8 = 0 THEN NULL ELSE %(first)s::date + n * 7 + interval '13 hours' END,
        CASE WHEN n %% 8 = 0 THEN 'workload' ELSE '' END, %(first)s::date + n * 7{values}
    FROM pairing_partnership p CROSS JOIN generate_series(1, %(weeks)s) AS n
    WHERE p.cohort_id = %(cohort)s
"""
ATTENDANCE = """
    INSERT INTO mentoring_sessions_attendance (
        id, organisation_id, created_at, session_id, seat_id, kind{columns}
    )
    SELECT gen_random_uuid(), %(organisation)s, now(), s.id, t.id,
        CASE WHEN get_byte(uuid_send(t.id), 15) %% 5 = s.number %% 5 THEN 'absent'
        ELSE 'present' END{values}
    FROM pairing_partnership p
    JOIN mentoring_sessions_session s ON s.partnership_id = p.id AND s.state = 'held'
    JOIN pairing_seat t ON t.partnership_id = p.id
    WHERE p.cohort_id = %(cohort)s
"""
CHECK_INS = """
    INSERT INTO feedback_checkin (
        id, organisation_id, created_at, seat_id, period, opens_on, due_on, opened_at, answered_at,
        answered_on, met, mood, progress, reminders, changed_at{columns}
    )
    SELECT gen_random_uuid(), %(organisation)s, now(), t.id, n, %(first)s::date + (n - 1) * 7,
        %(first)s::date + n * 7, %(first)s::date + (n - 1) * 7,
        CASE WHEN n %% 4 = 0 THEN NULL ELSE %(first)s::date + n * 7 - 2 END,
        CASE WHEN n %% 4 = 0 THEN NULL ELSE %(first)s::date + n * 7 - 2 END,
        CASE WHEN n %% 4 = 0 THEN NULL ELSE true END, CASE WHEN n %% 4 = 0 THEN NULL ELSE 4 END,
        CASE WHEN n %% 4 = 0 THEN NULL ELSE 3 END, 0, %(first)s::date + n * 7{values}
    FROM pairing_partnership p
    JOIN pairing_seat t ON t.partnership_id = p.id CROSS JOIN generate_series(1, %(weeks)s) AS n
    WHERE p.cohort_id = %(cohort)s
"""
RAW = """
    SELECT 'session_completion', count(*) FILTER (WHERE s.state = 'held'), count(*)
    FROM pairing_partnership p JOIN mentoring_sessions_session s ON s.partnership_id = p.id
    WHERE p.cohort_id = ANY (%(cohorts)s) AND s.state IN ('held', 'cancelled', 'missed')
        AND s.starts_at <= now()
    UNION ALL
    SELECT 'attendance_rate', count(*) FILTER (WHERE a.kind = 'present'), count(*)
    FROM pairing_partnership p JOIN mentoring_sessions_session s ON s.partnership_id = p.id
    JOIN mentoring_sessions_attendance a ON a.session_id = s.id
    WHERE p.cohort_id = ANY (%(cohorts)s) AND s.state = 'held' AND s.starts_at <= now()
    UNION ALL
    SELECT 'checkin_response', count(*) FILTER (WHERE c.answered_on < c.due_on), count(*)
    FROM pairing_partnership p JOIN pairing_seat t ON t.partnership_id = p.id
    JOIN feedback_checkin c ON c.seat_id = t.id
    WHERE p.cohort_id = ANY (%(cohorts)s) AND c.due_on <= %(today)s
"""
Counts = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Shape:
    """How much there is: cohorts, circles of six in each, weeks of meetings and check-ins."""

    cohorts: int
    circles: int
    weeks: int

    @property
    def rows(self) -> int:
        """Sessions, attendances of seven held of eight, and check-ins."""
        meetings = self.cohorts * self.circles * self.weeks
        return meetings + meetings * CIRCLE * 7 // 8 + meetings * CIRCLE


def make_history(owner: Any, shape: Shape, today: date) -> list[Any]:
    """Return cohorts with their facts, written by statements, a transaction each."""
    from core.tenancy.context import tenant
    from programs.models.programs import Cohort, Program

    first, each = today - timedelta(weeks=shape.weeks + 1), shape.circles * CIRCLE
    with tenant(owner.organisation):
        program = Program.objects.create(name="Circles", format=Program.Format.CIRCLES)
        make_people(owner, shape.cohorts * each)
    for number in range(shape.cohorts):
        with tenant(owner.organisation):
            cohort = Cohort.objects.create(
                program=program,
                name=f"Cohort {number}",
                phase=Cohort.Phase.RUNNING,
                starts_on=first,
                ends_on=today + timedelta(weeks=10),
            )
            enrol_people(cohort.pk, owner.organisation_id, skip=number * each, count=each)
            _write_facts(
                {
                    "organisation": owner.organisation_id,
                    "cohort": cohort.pk,
                    "first": first,
                    "last": cohort.ends_on,
                    "circles": shape.circles,
                    "circle": CIRCLE,
                    "weeks": shape.weeks,
                }
            )
        if number < 2 and shape.rows > FEW:  # from here on the planner knows what joins are worth
            analyse()
    with tenant(owner.organisation):
        return list(Cohort.objects.for_list().order_by("pk"))


def _write_facts(parameters: dict[str, Any]) -> None:
    from feedback.models.check_ins import CheckIn
    from pairing.models.partnerships import Partnership, Seat
    from sessions.models.sessions import Attendance, Session

    statements = {
        Partnership: PAIRING,
        Seat: SEATS,
        Session: SESSIONS,
        Attendance: ATTENDANCE,
        CheckIn: CHECK_INS,
    }
    for model, statement in statements.items():
        write_rows(model, statement, parameters)


def from_tallies(ids: Sequence[UUID], as_of: Any) -> Counts:
    """Count as our pages do."""
    from metrics.figures import SOURCES, WEEKLY
    from metrics.queries.tallied import tallies

    counts: Counts = {}
    for tally in tallies(ids, as_of, SOURCES, WEEKLY):
        before = counts.get(tally.key, (0, 0))
        numerator = before[0] + (0 if tally.part else tally.numerator)
        counts[tally.key] = (numerator, before[1] + tally.denominator)
    return counts


def from_rows(ids: Sequence[UUID], as_of: Any) -> Counts:
    """Count by one statement over everything."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(RAW, {"cohorts": list(ids), "today": as_of.today})
        return {key: (numerator, whole) for key, numerator, whole in cursor.fetchall()}


def from_loop(ids: Sequence[UUID], as_of: Any) -> Counts:
    """Count in Python over the ORM's rows."""
    from feedback.models.check_ins import CheckIn
    from sessions.models.sessions import Attendance, Session

    held = present = answered = 0
    past = Session.objects.filter(
        partnership__cohort__in=ids,
        state__in=["held", "cancelled", "missed"],
        starts_at__lte=as_of.now,
    )
    sessions = list(past)
    held = sum(session.state == "held" for session in sessions)
    came = list(Attendance.objects.filter(session__in=past.filter(state="held")))
    present = sum(attendance.kind == "present" for attendance in came)
    asked = list(CheckIn.objects.filter(seat__partnership__cohort__in=ids, due_on__lte=as_of.today))
    for check_in in asked:
        answered += bool(check_in.answered_on and check_in.answered_on < check_in.due_on)
    return {
        "session_completion": (held, len(sessions)),
        "attendance_rate": (present, len(came)),
        "checkin_response": (answered, len(asked)),
    }


def bench_counts(lines: Lines, case: str, ids: Sequence[UUID], size: str, as_of: Any) -> float:
    """Print a row a method; return how many times faster tallies are than one SQL."""
    ours, counts = best_of(5, partial(from_tallies, ids, as_of))
    raw, expected = best_of(3, partial(from_rows, ids, as_of))
    lines.row(case, size, "tallies", ours, ratio=round(raw / ours, 1), same=counts == expected)
    lines.row(case, size, "one SQL over raw rows", raw)
    if len(ids) == 1:
        loop, counted = timed(partial(from_loop, ids, as_of))
        lines.row(case, size, "ORM loop", loop, same=counted == expected)
    return raw / ours


def main() -> None:
    quick = asked_quick(__doc__)
    shape = Shape(5, 20, 100) if quick else Shape(20, 40, 150)
    lines = Lines("metrics")
    with database("metrics"):
        from core.common import clock
        from core.tenancy.context import tenant
        from core.tenancy.queries import settings_in_force
        from metrics.figures import figures_of
        from metrics.operations import fold_dirty_days
        from metrics.queries.tallied import AsOf

        owner = make_owner()
        cohorts = make_history(owner, shape, clock.now().date())
        analyse()
        with tenant(owner.organisation):
            chosen = settings_in_force()
            size, ids = f"{shape.rows} facts", [cohort.pk for cohort in cohorts]
            fold, _days = timed(partial(fold_dirty_days, at=clock.now()))
            lines.row("fold", size, "ours", fold, shape.rows)
        analyse()
        with tenant(owner.organisation):
            again, _days = best_of(3, partial(fold_dirty_days, at=clock.now()))
            lines.row("fold again", size, "nothing has changed", again)
            as_of = AsOf.of(chosen, clock.now())
            one = f"{shape.rows // shape.cohorts} facts"
            cohort_gain = bench_counts(lines, "one cohort", ids[:1], one, as_of)
            all_gain = bench_counts(lines, "organisation", ids, size, as_of)
            report, _figures = best_of(3, partial(figures_of, cohorts[:1], chosen, as_of.now))
            lines.row("report", one, "all figures of a cohort", report)
            whole, _figures = best_of(2, partial(figures_of, cohorts, chosen, as_of.now))
            lines.row("report", size, "all figures of all cohorts", whole)
    lines.goal("one cohort: raw SQL over tallies", 50, cohort_gain, cohort_gain >= 50)
    lines.goal("organisation: raw SQL over tallies", 50, all_gain, all_gain >= 50)
    lines.goal("a fold of nothing new, s (lag is 30 s more)", 30, again, again <= 30)
    lines.end()


if __name__ == "__main__":
    main()
