"""Whether sessions take place, and who comes."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from metrics.definitions.shapes import WILSON_OF_PEOPLE, Basis, Definition, Figure, Sample, Unit
from metrics.definitions.weeks import weeks_of
from metrics.queries.facts import CohortFacts
from sessions.models.sessions import Attendance, CancelCause, Session

CAUSE = "cause:"  # part: a cause of cancellation
_SESSIONS_PASSED = _("From the first session to now: sessions whose planned time has passed.")


def _completed(facts: CohortFacts) -> Iterator[Figure]:
    sums, whole = facts.sums(SESSION_COMPLETION.key)
    parts = [("", "")]
    parts += [
        (state.value, str(state.label)) for state in (Session.State.CANCELLED, Session.State.MISSED)
    ]
    parts += [
        (f"{CAUSE}{cause.value}", str(cause.label))
        for cause in CancelCause
        if sums[f"{CAUSE}{cause.value}"]
    ]
    for part, label in parts:
        yield Figure.ratio(
            SESSION_COMPLETION.key, part, sums[part], whole, facts.respondents.sessions, label
        )


SESSION_COMPLETION = Definition(
    key="session_completion",
    name=_("Sessions held"),
    asks=_("Do the planned sessions take place?"),
    numerator=_("Sessions held."),
    denominator=_("Sessions held, cancelled or missed."),
    window=_SESSIONS_PASSED,
    unit=Unit.SHARE,
    missing=_(
        "A session whose time has passed and that is still planned does not count until it is "
        "recorded or marked as missed. What was called off because a partnership was over or "
        "paused is not counted."
    ),
    people=_("People with a seat in a partnership that has such a session."),
    additive=True,
    source=_("Sessions: their state and day."),
    parts=_(
        "Cancelled and missed as shares of the same sessions; cancelled sessions by the cause "
        "that was given."
    ),
    basis=Basis.FACTS,
    figures=_completed,
    tally="""
        SELECT p.cohort_id, s.day, cell.part, cell.numerator, cell.denominator
        FROM asked
        JOIN pairing_partnership_facts p ON p.cohort_id = asked.cohort_id
        JOIN sessions_session_facts s ON s.partnership_id = p.id AND s.day = asked.day
        CROSS JOIN LATERAL (VALUES
            ('', s.held::int, 1),
            (s.state, (NOT s.held)::int, 0),
            ('cause:' || left(coalesce(nullif(s.cause, ''), 'other'), 14), s.cancelled::int, 0)
        ) AS cell (part, numerator, denominator)
        WHERE s.ended AND s.starts_at <= %(now)s AND NOT p.withdrawn
    """,
    weekly=True,
)


def _attendance(facts: CohortFacts) -> Iterator[Figure]:
    sums, whole = facts.sums(ATTENDANCE_RATE.key)
    kinds = (Attendance.Kind.EXCUSED, Attendance.Kind.ABSENT)
    for part, label in [("", ""), *((kind.value, str(kind.label)) for kind in kinds)]:
        yield Figure.ratio(
            ATTENDANCE_RATE.key, part, sums[part], whole, facts.respondents.attendance, label
        )


ATTENDANCE_RATE = Definition(
    key="attendance_rate",
    name=_("Attendance"),
    asks=_("When a session is held, who comes?"),
    numerator=_("Seats whose person was present."),
    denominator=_("Seats expected: those whose attendance was recorded at held sessions."),
    window=_SESSIONS_PASSED,
    unit=Unit.SHARE,
    sample=Sample.PEOPLE,
    missing=_(
        "Excused absences stay in the denominator and are shown apart. A seat for which "
        "nothing was recorded is left out."
    ),
    people=_("People whose attendance was recorded."),
    additive=True,
    source=_("Attendance at held sessions."),
    parts=_("Excused and absent as shares of the same seats."),
    method=WILSON_OF_PEOPLE,
    basis=Basis.FACTS,
    figures=_attendance,
    tally="""
        SELECT p.cohort_id, s.day, cell.part, cell.numerator, cell.denominator
        FROM asked
        JOIN pairing_partnership_facts p ON p.cohort_id = asked.cohort_id
        JOIN sessions_session_facts s ON s.partnership_id = p.id AND s.day = asked.day
        JOIN sessions_attendance_facts a ON a.session_id = s.id
        CROSS JOIN LATERAL (VALUES
            ('', a.present::int, 1),
            (a.kind, (NOT a.present)::int, 0)
        ) AS cell (part, numerator, denominator)
        WHERE s.held AND s.starts_at <= %(now)s
    """,
    weekly=True,
)


def _weekly(facts: CohortFacts) -> list[Figure]:
    return weeks_of(facts, ATTENDANCE_RATE.key, named=WEEKLY_ATTENDANCE.key)


WEEKLY_ATTENDANCE = Definition(
    key="weekly_attendance",
    name=_("Attendance by week"),
    asks=_("Does attendance hold over the season?"),
    numerator=_("Seats whose person was present, at sessions of that week."),
    denominator=_("Seats expected at held sessions of that week."),
    window=_("Each week, beginning on the organisation's first day of the week."),
    unit=Unit.SHARE,
    missing=_("A week without a held session is no data."),
    people=_("People whose attendance was recorded in that week."),
    additive=True,
    source=_("Attendance at held sessions; a session belongs to the organisation's day."),
    parts=_("One for each week, named by its first day."),
    basis=Basis.FACTS,
    figures=_weekly,
)
