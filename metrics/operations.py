"""Folding finished days into tallies, again and again to the same numbers; notes on alerts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from core.audit.operations import record
from core.common import clock
from core.common.ids import first_id_of, new_id
from core.members.models import Member
from core.tenancy.context import current_organisation_id
from core.tenancy.queries import settings_in_force
from feedback.models.released import ReleaseMark
from feedback.released import keep_thresholds, not_looked_at, release
from metrics.figures import SOURCES, readings_of
from metrics.findings import findings_of
from metrics.health import Alert
from metrics.models import AlertNote, DailyTally, Finding, FindingMark, FoldMark
from metrics.queries.tallied import ASKED, AsOf, Days, day_parameters, dirty_days
from programs.models.programs import Cohort

# so long after the end of a cohort its answers are looked at: a survey may be asked 90 days after,
# and be open for four weeks
UNTIL_SETTLED = timedelta(days=125)
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
    FoldMark.objects.filter(pk=mark.pk).update(folded_at=as_of.now, day=as_of.today)
    return len(days)


@transaction.atomic
def refold_all(*, cohort: Cohort) -> int:
    """Tally every finished day of a cohort anew; return how many days that were.

    For facts that were written into the past, as a demo's history is: a fold looks for what
    has changed since its mark and does not find them.  Waits for a worker that is at it.
    """
    _ensure_mark(cohort.pk)
    FoldMark.objects.select_for_update(of=("self",)).get(cohort_id=cohort.pk)
    FoldMark.objects.filter(cohort_id=cohort.pk).update(folded_at=NEVER, day=None)
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


def release_answers(*, at: datetime) -> int:
    """Release the figures of people's answers that are due; return how many steps that were.

    Each cohort is looked at once a day of the organisation, and the end of a cohort releases
    nothing more: what is left of fewer than k people stays unsaid.
    """
    chosen = settings_in_force()
    as_of = AsOf.of(chosen, at)
    begun = Cohort.objects.exclude(phase=Cohort.Phase.DRAFT)
    keep_thresholds(cohorts=begun, threshold=chosen.threshold)
    never = ReleaseMark.objects.filter(looked_on=None).values("cohort")
    still = ~Q(phase__in=Cohort.OVER) | Q(moved_at__gte=at - UNTIL_SETTLED) | Q(pk__in=never)
    return sum(
        release(cohort_id=cohort_id, readings=readings_of(cohort_id, as_of), k=k, today=as_of.today)
        for cohort_id, k in not_looked_at(begun.filter(still), as_of.today).items()
    )


@transaction.atomic
def judge_findings(*, at: datetime) -> int:
    """Keep what waits for coordinators as the rules find it now; return how much has changed."""
    wanted = {finding.key: finding for finding in findings_of(None, now=at)}
    kept = {finding.key: finding for finding in Finding.objects.all()}
    gone = [finding.pk for key, finding in kept.items() if key not in wanted]
    stays = kept.keys() & wanted.keys()
    changed = [kept[key] for key in stays if _take_over(kept[key], wanted[key])]
    new = [finding for key, finding in wanted.items() if key not in kept]
    if gone:
        Finding.objects.filter(pk__in=gone).delete()
    if changed:
        Finding.objects.bulk_update(changed, ["since", "facts"], batch_size=500)
    Finding.objects.bulk_create(new, batch_size=500)
    FindingMark.objects.update_or_create(
        defaults={"judged_at": at, "first_id": first_id_of(clock.now())}
    )
    return len(gone) + len(changed) + len(new)


def _take_over(was: Finding, now: Finding) -> bool:
    """Let what is kept say what is found now; return whether that is something else."""
    if (was.since, was.facts) == (now.since, now.facts):
        return False
    was.since, was.facts = now.since, now.facts
    return True


def note_alert(
    *,
    alert: Alert,
    act: str,
    by: Member,
    text: str = "",
    until: date | None = None,
    assigned_to: Member | None = None,
) -> AlertNote:
    """Keep what a coordinator did about an alert: noted, assigned, put off, settled, reopened.

    `until` is the day on which a snoozed one comes back; `assigned_to` None gives it to everybody.
    """
    note = AlertNote.objects.create(
        reason=alert.reason.value,
        about_id=alert.subject.pk,
        person=alert.person,
        by=by,
        act=act,
        text=text,
        until=until,
        assigned_to=assigned_to,
    )
    record(by=by, verb=f"alert.{act}", target=alert.subject, reason=alert.reason.value)
    return note
