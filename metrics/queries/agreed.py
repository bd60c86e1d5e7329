"""What cohorts have decided and reached: outcomes and goals, as counts without a word of either."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from statistics import median
from uuid import UUID

from django.db.models import Q

from agreements.decisions.models import Outcome
from agreements.goals.models import Goal
from metrics.queries.tallied import AsOf
from pairing.models.partnerships import Seat

A_DAY = 24 * 60 * 60 * 10**6  # microseconds


@dataclass(frozen=True)
class Decisions:
    """The outcomes of a cohort: how long each took in days, and whose voices were in it."""

    days: tuple[Fraction, ...] = ()
    voices: int = 0
    partners: int = 0
    people: int = 0

    @property
    def median_days(self) -> Fraction | None:
        return median(self.days) if self.days else None


@dataclass
class GoalCounts:
    """Goals of one kind that were met, of those due; and how many people are behind them."""

    met: int = 0
    due: int = 0
    people: set[UUID] = field(default_factory=set)


def decisions(cohort_ids: Sequence[UUID], as_of: AsOf) -> dict[UUID, Decisions]:
    """Return what each cohort decided up to today, exercises left out; two statements."""
    rows = Outcome.objects.filter(
        decision__partnership__cohort__in=cohort_ids,
        decision__practice=False,
        day__lte=as_of.today,
    )
    days: dict[UUID, list[Fraction]] = defaultdict(list)
    sums: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    tables: dict[UUID, set[UUID]] = defaultdict(set)
    for cohort_id, partnership_id, opened_at, at, voices, partners in rows.values_list(
        "decision__partnership__cohort",
        "decision__partnership",
        "opened_at",
        "at",
        "voices",
        "partners",
    ):
        took = at - opened_at
        days[cohort_id].append(
            Fraction((took.days * 86400 + took.seconds) * 10**6 + took.microseconds, A_DAY)
        )
        sums[cohort_id][0] += voices
        sums[cohort_id][1] += partners
        tables[cohort_id].add(partnership_id)
    people = _people({table for ids in tables.values() for table in ids})
    return {
        cohort_id: Decisions(
            days=tuple(took),
            voices=sums[cohort_id][0],
            partners=sums[cohort_id][1],
            people=len({who for table in tables[cohort_id] for who in people[table]}),
        )
        for cohort_id, took in days.items()
    }


def goals(cohort_ids: Sequence[UUID], as_of: AsOf) -> dict[tuple[UUID, bool], GoalCounts]:
    """Return goals by cohort and whether they are shared, up to today; two statements.

    Due are those whose day has come, and those that were met before it.  What waits for
    everybody's yes is no goal yet; what was let go before its day is none any more.
    """
    due = Q(due_on__lte=as_of.today) | Q(state=Goal.State.MET, settled_on__lte=as_of.today)
    rows = list(
        Goal.objects.filter(due, partnership__cohort__in=cohort_ids)
        .exclude(state=Goal.State.PROPOSED)
        .select_related("partnership", "seat")
    )
    people = _people({goal.partnership_id for goal in rows if goal.is_shared})
    by_kind: dict[tuple[UUID, bool], GoalCounts] = defaultdict(GoalCounts)
    for goal in rows:
        dropped = goal.state == Goal.State.DROPPED
        if dropped and goal.settled_on is not None and goal.settled_on < goal.due_on:
            continue
        kind = by_kind[goal.partnership.cohort_id, goal.is_shared]
        kind.met += goal.state == Goal.State.MET
        kind.due += 1
        kind.people |= (
            people[goal.partnership_id] if goal.seat is None else {goal.seat.enrolment_id}
        )
    return by_kind


def _people(partnerships: set[UUID]) -> dict[UUID, set[UUID]]:
    by_table: dict[UUID, set[UUID]] = defaultdict(set)
    seats = Seat.objects.filter(partnership__in=partnerships)
    for table, enrolment in seats.values_list("partnership", "enrolment"):
        by_table[table].add(enrolment)
    return by_table
