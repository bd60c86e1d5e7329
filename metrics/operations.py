"""Folding: finished days become tallies, again and again to the same numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction

from core.common import clock
from core.common.ids import new_id
from core.tenancy.context import current_organisation_id
from core.tenancy.queries import settings_in_force
from metrics.figures import SOURCES
from metrics.models import DailyTally, FoldMark
from metrics.queries.tallied import ASKED, AsOf, Days, day_parameters, dirty_days
from programs.models.programs import Cohort

NEVER = datetime(1970, 1, 1, tzinfo=UTC)

# The first half of an id is our clock's (UUIDv7), the second is random.
FOLD = """
    WITH {asked},
    fresh AS (
        SELECT cohort_id, day, part,
            sum(numerator)::bigint AS numerator, sum(denominator)::bigint AS denominator
        FROM ({source}) AS raw (cohort_id, day, part, numerator, denominator)
        GROUP BY 1, 2, 3
        HAVING sum(numerator) + sum(denominator) > 0
    ),
    gone AS (
        DELETE FROM metrics_dailytally t
        USING asked
        WHERE t.cohort_id = asked.cohort_id AND t.day = asked.day AND t.key = %(key)s
            AND NOT EXISTS (
                SELECT FROM fresh
                WHERE fresh.cohort_id = t.cohort_id AND fresh.day = t.day AND fresh.part = t.part
            )
    )
    INSERT INTO metrics_dailytally AS t (
        id, organisation_id, created_at, cohort_id, day, key, part,
        numerator, denominator
    )
    SELECT (%(stamp)s || substr(gen_random_uuid()::text, 16))::uuid, %(organisation)s, %(now)s,
        cohort_id, day, %(key)s, part, numerator, denominator
    FROM fresh
    ON CONFLICT (organisation_id, cohort_id, key, day, part) DO UPDATE
    SET numerator = excluded.numerator, denominator = excluded.denominator
    WHERE (t.numerator, t.denominator) <> (excluded.numerator, excluded.denominator)
"""
REMEMBER = """
    WITH {asked}
    INSERT INTO metrics_foldedsession AS f (id, organisation_id, created_at, session_id, day)
    SELECT (%(stamp)s || substr(gen_random_uuid()::text, 16))::uuid, %(organisation)s, %(now)s,
        s.id, s.day
    FROM asked
    JOIN pairing_partnership_facts p ON p.cohort_id = asked.cohort_id
    JOIN sessions_session_facts s ON s.partnership_id = p.id AND s.day = asked.day
    WHERE s.ended
    ON CONFLICT (organisation_id, session_id) DO UPDATE SET day = excluded.day
    WHERE f.day <> excluded.day
"""


def fold_dirty_days(*, at: datetime) -> int:
    """Tally every finished day whose facts are new or changed; return how many days that were.

    Safe to repeat and to run twice at once: a cohort is folded by one worker at a time, and the
    same rows give the same tallies.
    """
    as_of = AsOf.of(settings_in_force(), at)
    cohorts = Cohort.objects.exclude(phase=Cohort.Phase.DRAFT).order_by("pk")
    return sum(fold_cohort(cohort.pk, as_of) for cohort in cohorts)


@transaction.atomic
def fold_cohort(cohort_id: UUID, as_of: AsOf) -> int:
    """Tally one cohort's dirty days; 0 also where another worker is at it.

    The new mark is the moment before anything was read, so a fact that is written meanwhile is
    found by the next fold; MARGIN finds those that were written earlier and committed later.
    """
    mark = _claim(cohort_id)
    if mark is None:
        return 0
    days = [pair for pair in dirty_days([cohort_id], as_of) if pair[1] < as_of.today]
    if days:
        _fold(days, as_of.now)
    FoldMark.objects.filter(pk=mark.pk).update(folded_at=as_of.now)
    return len(days)


@transaction.atomic
def refold_all(*, cohort: Cohort) -> int:
    """Tally every finished day of a cohort anew; return how many days that were.

    For facts that were written into the past, as a demo's history is: a fold looks for what
    has changed since its mark and does not find them.  Waits for a worker that is at it.
    """
    _ensure_mark(cohort.pk)
    FoldMark.objects.select_for_update(of=("self",)).get(cohort_id=cohort.pk)
    FoldMark.objects.filter(cohort_id=cohort.pk).update(folded_at=NEVER)
    DailyTally.objects.filter(cohort_id=cohort.pk).delete()
    return fold_cohort(cohort.pk, AsOf.of(settings_in_force(), clock.now()))


def _claim(cohort_id: UUID) -> FoldMark | None:
    """Return the cohort's mark, locked; None where another worker holds it."""
    _ensure_mark(cohort_id)
    return (
        FoldMark.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(cohort_id=cohort_id)
        .first()
    )


def _ensure_mark(cohort_id: UUID) -> None:
    FoldMark.objects.bulk_create(
        [FoldMark(cohort_id=cohort_id, folded_at=NEVER)], ignore_conflicts=True
    )


def _fold(days: Days, now: datetime) -> None:
    parameters = {
        **day_parameters(days),
        "organisation": current_organisation_id(),
        "now": now,
        "stamp": str(new_id())[:15],
    }
    with connection.cursor() as cursor:
        for key, source in SOURCES.items():
            statement = FOLD.format(asked=ASKED, source=source)
            cursor.execute(statement, {**parameters, "key": key})
        cursor.execute(REMEMBER.format(asked=ASKED), parameters)
