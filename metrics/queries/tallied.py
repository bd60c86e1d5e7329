"""The additive figures: how a fact becomes counts of a day, and how days become a figure.

One SELECT makes the counts, for the fold and for days that are not folded yet, so that a
tally cannot mean anything else than the rows it came from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from core.tenancy.context import current_organisation_id
from core.tenancy.days import day_of
from core.tenancy.models import OrganisationSettings

# No transaction of ours lives longer: Celery ends a task after 900 s.  A fact may be committed
# this long after the moment that stands on it, so the fold looks back as far as that.
MARGIN = timedelta(minutes=16)

# Days whose tallies may not be what the rows say: never folded, finished since the mark, or
# holding (or having held) a fact that was changed or deleted since.  Each reason is a branch of
# its own, so that each is found by an index: with OR between them every page reads the whole
# history.
DIRTY = """
    WITH mark AS MATERIALIZED (
        SELECT c.id AS cohort_id, m.folded_at - %(margin)s AS since,
            least(
                ((m.folded_at - %(margin)s) AT TIME ZONE %(zone)s)::date, m.day
            ) AS tail
        FROM unnest(%(cohorts)s::uuid[]) AS c (id)
        LEFT JOIN metrics_foldmark m ON m.cohort_id = c.id
    ),
    changed_session AS MATERIALIZED (
        SELECT mark.cohort_id, s.id, s.day
        FROM sessions_session_facts s
        JOIN pairing_partnership_facts p ON p.id = s.partnership_id
        JOIN mark ON mark.cohort_id = p.cohort_id AND s.changed_at > mark.since
        WHERE s.changed_at > (SELECT min(since) FROM mark)
    ),
    late_check_in AS MATERIALIZED (
        SELECT c.seat_id, c.due_on, c.changed_at
        FROM feedback_check_in_facts c
        WHERE c.changed_at > (SELECT min(since) FROM mark) AND c.due_on <= %(today)s
        UNION ALL
        SELECT c.seat_id, c.due_on, c.changed_at
        FROM feedback_check_in_facts c
        WHERE c.due_on >= (SELECT min(tail) FROM mark) AND c.due_on <= %(today)s
    )
    SELECT mark.cohort_id, s.day
    FROM mark
    JOIN pairing_partnership_facts p ON p.cohort_id = mark.cohort_id
    JOIN sessions_session_facts s ON s.partnership_id = p.id
    WHERE mark.since IS NULL AND s.day <= %(today)s
    UNION
    SELECT mark.cohort_id, s.day
    FROM mark
    JOIN pairing_partnership_facts p ON p.cohort_id = mark.cohort_id
    JOIN sessions_session_facts s ON s.partnership_id = p.id AND s.day >= mark.tail
    WHERE s.day <= %(today)s
    UNION
    SELECT mark.cohort_id, t.day
    FROM mark
    JOIN metrics_dailytally t ON t.cohort_id = mark.cohort_id AND t.day >= mark.tail
    WHERE t.day <= %(today)s
    UNION
    SELECT cohort_id, day FROM changed_session WHERE day <= %(today)s
    UNION
    SELECT s.cohort_id, f.day
    FROM changed_session s
    JOIN metrics_foldedsession f ON f.session_id = s.id
    UNION
    SELECT mark.cohort_id, c.due_on
    FROM mark
    JOIN pairing_partnership_facts p ON p.cohort_id = mark.cohort_id
    JOIN pairing_seat_facts t ON t.partnership_id = p.id
    JOIN feedback_check_in_facts c ON c.seat_id = t.id
    WHERE mark.since IS NULL AND c.due_on <= %(today)s
    UNION
    SELECT mark.cohort_id, c.due_on
    FROM late_check_in c
    JOIN pairing_seat_facts t ON t.id = c.seat_id
    JOIN pairing_partnership_facts p ON p.id = t.partnership_id
    JOIN mark ON mark.cohort_id = p.cohort_id
        AND (c.changed_at > mark.since OR c.due_on >= mark.tail)
    ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Tally:
    """The counts of one part of one additive figure, over all days or over one week."""

    cohort_id: UUID
    key: str
    part: str
    week: date | None
    numerator: int
    denominator: int


@dataclass(frozen=True)
class AsOf:
    """When a figure is read: the instant, and what the organisation calls today and a week."""

    now: datetime
    today: date
    zone: str
    week_starts_on: int

    @classmethod
    def of(cls, chosen: OrganisationSettings, now: datetime) -> AsOf:
        today = day_of(now, chosen.zone)
        return cls(now, today, chosen.time_zone, chosen.week_starts_on)

    def parameters(self, cohort_ids: Sequence[UUID]) -> dict[str, object]:
        """Return what the statements of ours are asked with; each takes what it needs."""
        return {"cohorts": list(cohort_ids), **vars(self)}


Days = list[tuple[UUID, date]]


def rows_of(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement of ours, inside the organisation in force."""
    current_organisation_id()
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def dirty_days(cohort_ids: Sequence[UUID], as_of: AsOf) -> Days:
    """Return the days, today included, whose tallies must be made again."""
    parameters = {**as_of.parameters(cohort_ids), "margin": MARGIN}
    return [(cohort_id, day) for cohort_id, day in rows_of(DIRTY, parameters)]


def day_parameters(days: Days) -> Mapping[str, Any]:
    return {
        "asked_cohorts": [cohort_id for cohort_id, _day in days],
        "asked_days": [day for _cohort_id, day in days],
    }


ASKED = """
    asked AS (
        SELECT * FROM unnest(%(asked_cohorts)s::uuid[], %(asked_days)s::date[])
            AS d (cohort_id, day)
    )
"""

# %(week_starts_on)s counts from Monday = 0, ISODOW from Monday = 1.
_WEEK = (
    "CASE WHEN key = ANY (%(weekly)s) THEN"
    " day - (((extract(isodow FROM day)::int - 1 - %(week_starts_on)s) + 7) %% 7) END"
)
FOLDED = f"""
    WITH {ASKED}
    SELECT t.cohort_id, t.key, t.part, {_WEEK} AS week,
        sum(t.numerator)::bigint, sum(t.denominator)::bigint
    FROM metrics_dailytally t
    WHERE t.cohort_id = ANY (%(cohorts)s::uuid[]) AND t.day < %(today)s
        AND NOT EXISTS (
            SELECT FROM asked WHERE asked.cohort_id = t.cohort_id AND asked.day = t.day
        )
    GROUP BY 1, 2, 3, 4
"""  # noqa: S608  made of this module's constants, no word of a request


def live(sources: Mapping[str, str]) -> str:
    """Return the statement that counts the asked days from rows, by these SELECTs."""
    columns = "(cohort_id, day, part, numerator, denominator)"
    facts = " UNION ALL ".join(
        f"SELECT '{key}' AS key, raw.* FROM ({source}) AS raw {columns}"  # noqa: S608  our constants
        for key, source in sources.items()
    )
    return f"""
        WITH {ASKED}
        SELECT cohort_id, key, part, {_WEEK} AS week,
            sum(numerator)::bigint, sum(denominator)::bigint
        FROM ({facts}) AS facts
        GROUP BY 1, 2, 3, 4
        HAVING sum(numerator) + sum(denominator) > 0
    """  # noqa: S608  made of our constants, no word of a request


def tallies(
    cohort_ids: Sequence[UUID],
    as_of: AsOf,
    sources: Mapping[str, str],
    weekly: Collection[str],
) -> list[Tally]:
    """Return the additive counts of these cohorts as of this as_of: exact, whatever is folded.

    Finished days come from tallies; today, and days whose facts have changed since the last
    fold, are counted from rows by the SELECTs of `sources`, key by key; `weekly` are summed by
    week.  Three statements, whatever the number of cohorts.
    """
    parameters = {
        **day_parameters(dirty_days(cohort_ids, as_of)),
        "weekly": list(weekly),
        **as_of.parameters(cohort_ids),
    }
    both = rows_of(FOLDED, parameters) + rows_of(live(sources), parameters)
    return list(_added(both))


def _added(rows: Iterable[tuple[Any, ...]]) -> Iterator[Tally]:
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    for *place, numerator, denominator in rows:
        sums[tuple(place)][0] += numerator
        sums[tuple(place)][1] += denominator
    for (cohort_id, key, part, week), (numerator, denominator) in sorted(
        sums.items(), key=lambda item: tuple(map(str, item[0]))
    ):
        yield Tally(cohort_id, key, part, week, numerator, denominator)
