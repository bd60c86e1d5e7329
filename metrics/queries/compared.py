"""Who is compared with whom, from the records of HR; and what has been released of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Max, Min, Q

from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from metrics.comparing import DAYS_A_YEAR, Estimate, Group, Subject, estimate
from metrics.models import Comparison, HrRecord
from programs.importing.values import fold
from programs.models.programs import Enrolment

PROMOTION, STAY, JOB_SATISFACTION = "outcome_promotion", "outcome_stay", "outcome_jobsat"
OUTCOMES = (PROMOTION, STAY, JOB_SATISFACTION)
YEARS = 1  # so long after the start it is looked what has become of people
BEFORE = timedelta(days=365)  # a record at the start may be so old
LATE = timedelta(days=31)  # and one at the end so much later
SURVEYED = timedelta(days=92)  # job satisfaction is asked this long before the end at most
SATISFIED = Decimal(4)


def month_of(day: date) -> date:
    return day.replace(day=1)


def ends_on(start: date) -> date:
    """Return the day YEARS after the first of a month: up to it, what happened counts."""
    return start.replace(year=start.year + YEARS)


def ripe_on(start: date) -> date:
    """Return the day from which late records too are in."""
    return ends_on(start) + LATE + timedelta(days=1)


@dataclass(frozen=True)
class Starts:
    """Who has started when: the month of each started enrolment, by cohort, and everybody's first
    start in any program."""

    by_cohort: Mapping[UUID, Mapping[UUID, date]]  # cohort → member → month
    first: Mapping[UUID, date]  # member → day


def starts() -> Starts:
    """Return all starts of the organisation; who never started is in neither."""
    zone = settings_in_force().zone
    by_cohort: dict[UUID, dict[UUID, date]] = defaultdict(dict)
    first: dict[UUID, date] = {}
    rows = Enrolment.objects.filter(started_at__isnull=False).order_by("started_at", "pk")
    for cohort_id, member_id, at in rows.values_list("cohort_id", "member_id", "started_at"):
        assert at is not None
        day = day_of(at, zone)
        by_cohort[cohort_id].setdefault(member_id, month_of(day))
        first.setdefault(member_id, day)
    return Starts(by_cohort, first)


@dataclass(frozen=True)
class _Start:
    """What was known of somebody when they started."""

    level: str
    department: str
    location: str
    tenure: Fraction | None
    in_role: Fraction | None
    job_satisfaction: Fraction | None


class _Month:
    """What the records say of people from the first of one month to what became of them."""

    def __init__(self, start: date) -> None:
        self.start, self.end = start, ends_on(start)

    @cached_property
    def known(self) -> dict[UUID, _Start]:
        """Who was employed at the start, and where they stood: the last thing said of each."""
        rows = HrRecord.objects.filter(known_on__gt=self.start - BEFORE, known_on__lte=self.start)
        words = ("level", "department", "location")
        values = ("hired_on", "in_role_since", "job_satisfaction")
        last = {name: _last(name, ~Q(**{name: ""})) for name in words}
        last |= {name: _last(name, Q(**{f"{name}__isnull": False})) for name in values}
        people = rows.values("member").annotate(status_then=_last("status", Q()), **_then(last))
        return {
            row["member"]: self._start(row)
            for row in people.order_by("member")
            if row["status_then"][0] == HrRecord.Status.EMPLOYED
        }

    def _start(self, row: Mapping[str, Any]) -> _Start:
        def last(name: str) -> Any:
            values = row[f"{name}_then"]
            return values[0] if values else None

        mark = last("job_satisfaction")
        return _Start(
            fold(last("level") or ""),
            fold(last("department") or ""),
            fold(last("location") or ""),
            self._years_since(last("hired_on")),
            self._years_since(last("in_role_since")),
            Fraction(mark) if mark else None,
        )

    def _years_since(self, day: date | None) -> Fraction | None:
        return None if not day else max(0, (self.start - day).days) / DAYS_A_YEAR

    @cached_property
    def came(self) -> dict[str, dict[UUID, bool]]:
        """What became of people by the end, for each outcome of whom it is known.

        Who left without a promotion was not promoted, and of who left nobody knows how satisfied
        they would be.
        """
        after = Q(known_on__gt=self.start, known_on__lte=self.end + LATE)
        promoted = Q(promoted_on__gt=self.start, promoted_on__lte=self.end)
        surveyed = Q(known_on__gte=self.end - SURVEYED, job_satisfaction__isnull=False)
        rows = (
            HrRecord.objects.filter(after)
            .values("member")
            .annotate(
                last=Max("known_on"),
                left=Min("left_on"),
                promotion=Max("promoted_on", filter=promoted),
                marks=_last("job_satisfaction", surveyed),
            )
            .order_by("member")
        )
        by_key: dict[str, dict[UUID, bool]] = {key: {} for key in OUTCOMES}
        for row in rows:
            member, gone = row["member"], row["left"] is not None and row["left"] <= self.end
            if gone or row["last"] >= self.end:
                by_key[STAY][member] = not gone
                by_key[PROMOTION][member] = row["promotion"] is not None
            if row["marks"] and not gone:
                by_key[JOB_SATISFACTION][member] = row["marks"][0] >= SATISFIED
        return by_key


def _last(name: str, said: Q) -> Any:
    """Return the aggregate of what a field said, newest first."""
    return ArrayAgg(name, filter=said or None, order_by="-known_on")


def _then(last: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{name}_then": aggregate for name, aggregate in last.items()}


class Records:
    """The people of comparisons; each month is read once."""

    def __init__(self) -> None:
        self._starts = starts()
        self._months: dict[date, _Month] = {}

    @property
    def cohorts(self) -> Mapping[UUID, Mapping[UUID, date]]:
        return self._starts.by_cohort

    def ripe_on(self, cohort_id: UUID) -> date | None:
        """Return when the last of a cohort has been followed to the end; None if nobody started."""
        months = self.cohorts.get(cohort_id, {}).values()
        return ripe_on(max(months)) if months else None

    def subjects(self, cohort_ids: Iterable[UUID], key: str) -> list[Subject]:
        """Return the participants of these cohorts and everybody who could stand beside them.

        The others are people who had started in no program by the end of those months.
        """
        joined: dict[date, set[UUID]] = defaultdict(set)
        for cohort_id in cohort_ids:
            for member, month in self.cohorts.get(cohort_id, {}).items():
                joined[month].add(member)
        subjects: list[Subject] = []
        for month, members in sorted(joined.items()):
            read = self._months.setdefault(month, _Month(month))
            for member, start in read.known.items():
                happened = read.came[key].get(member)
                first = self._starts.first.get(member)
                is_other = first is None or first > read.end
                if happened is not None and (member in members or is_other):
                    subjects.append(_subject(member, month, member in members, happened, start))
        return subjects


def _subject(member: UUID, month: date, takes_part: bool, happened: bool, start: _Start) -> Subject:
    return Subject(
        member,
        month.isoformat(),
        takes_part,
        happened,
        start.level,
        start.department,
        start.location,
        start.tenure,
        start.in_role,
        start.job_satisfaction,
    )


@dataclass(frozen=True)
class Compared:
    """Released comparisons of one outcome, as one: both sides' people, and the estimate."""

    key: str
    participants: int
    participants_so: int
    others: int
    others_so: int
    unmatched: int
    estimate: Estimate


def as_one(rows: Sequence[Comparison]) -> Compared | None:
    """Return released comparisons of one outcome as one over all their groups; None of none."""
    groups = [group for row in rows for group in groups_of(row)]
    result = estimate(groups)
    if result is None:
        return None
    return Compared(
        key=rows[0].key,
        participants=sum(row.participants for row in rows),
        participants_so=sum(row.participants_so for row in rows),
        others=sum(row.others for row in rows),
        others_so=sum(row.others_so for row in rows),
        unmatched=sum(row.unmatched for row in rows),
        estimate=result,
    )


def groups_of(row: Comparison) -> list[Group]:
    numbers = row.groups
    return [Group(*numbers[at : at + 4]) for at in range(0, len(numbers), 4)]


def compared(cohort_ids: Sequence[UUID]) -> dict[UUID, dict[str, Compared]]:
    """Return what is released of cohorts by themselves, by cohort and outcome; one statement.

    A cohort that was compared together with others has nothing of its own.
    """
    rows = Comparison.objects.filter(refusal="", cohorts__len=1, cohorts__overlap=list(cohort_ids))
    by_cohort: dict[UUID, dict[str, Compared]] = defaultdict(dict)
    for row in rows.order_by("pk"):
        whole = as_one([row])
        if whole is not None:
            by_cohort[row.cohorts[0]][row.key] = whole
    return by_cohort
