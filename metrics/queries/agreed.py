"""What cohorts have decided and reached: outcomes and goals, as counts without a word of either."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from uuid import UUID

from django.db.models import Q, QuerySet

from agreements.decisions.models import Outcome
from agreements.goals.models import Goal
from feedback.released import Answer, Reading
from metrics.queries.tallied import AsOf
from pairing.models.partnerships import Seat

A_DAY = 24 * 60 * 60 * 10**6  # microseconds


@dataclass(frozen=True)
class Decisions:
    """The outcomes of a cohort: how long each took in days, and how many people decided."""

    days: tuple[Fraction, ...] = ()
    people: int = 0

    @property
    def median_days(self) -> Fraction | None:
        return median(self.days) if self.days else None


def _outcomes(cohort_ids: Sequence[UUID], as_of: AsOf) -> QuerySet[Outcome]:
    """Return what cohorts decided up to today, exercises left out."""
    return Outcome.objects.filter(
        decision__partnership__cohort__in=cohort_ids,
        decision__practice=False,
        day__lte=as_of.today,
    )


def decisions(cohort_ids: Sequence[UUID], as_of: AsOf) -> dict[UUID, Decisions]:
    """Return how long each cohort took to decide; two statements."""
    days: dict[UUID, list[Fraction]] = defaultdict(list)
    tables: dict[UUID, set[UUID]] = defaultdict(set)
    for cohort_id, partnership_id, opened_at, at in _outcomes(cohort_ids, as_of).values_list(
        "decision__partnership__cohort", "decision__partnership", "opened_at", "at"
    ):
        took = at - opened_at
        days[cohort_id].append(
            Fraction((took.days * 86400 + took.seconds) * 10**6 + took.microseconds, A_DAY)
        )
        tables[cohort_id].add(partnership_id)
    people = _people({table for ids in tables.values() for table in ids})
    return {
        cohort_id: Decisions(
            days=tuple(took),
            people=len({who for table in tables[cohort_id] for who in people[table]}),
        )
        for cohort_id, took in days.items()
    }


def voice_readings(cohort_id: UUID, as_of: AsOf) -> Iterator[Reading]:
    """Yield how many partners took part in each outcome; two statements."""
    rows = list(
        _outcomes([cohort_id], as_of).values_list(
            "pk", "decision__partnership", "voices", "partners"
        )
    )
    people = _people({table for _pk, table, _voices, _partners in rows})
    yield Reading(
        "decision_voice",
        "",
        [
            Answer(pk, frozenset(people[table]), adds=(voices, partners))
            for pk, table, voices, partners in rows
        ],
    )


def goal_readings(cohort_id: UUID, as_of: AsOf) -> Iterator[Reading]:
    """Yield goals by whether they are shared, met or not, up to today; two statements.

    Due are those whose day has come, and those that were met before it.  What waits for
    everybody's yes is no goal yet; what was let go before its day is none any more.
    """
    due = Q(due_on__lte=as_of.today) | Q(state=Goal.State.MET, settled_on__lte=as_of.today)
    rows = list(
        Goal.objects.filter(due, partnership__cohort=cohort_id)
        .exclude(state=Goal.State.PROPOSED)
        .select_related("seat")
    )
    people = _people({goal.partnership_id for goal in rows if goal.is_shared})
    answers: dict[str, list[Answer]] = {"personal": [], "shared": []}
    for goal in rows:
        dropped = goal.state in (Goal.State.DROPPED, Goal.State.OVER)
        if dropped and goal.settled_on is not None and goal.settled_on < goal.due_on:
            continue
        met = int(goal.state == Goal.State.MET)
        if goal.seat is None:
            everybody = frozenset(people[goal.partnership_id])
            answers["shared"].append(Answer(goal.pk, everybody, adds=(met, 1)))
        else:
            owner = frozenset({goal.seat.enrolment_id})
            answers["personal"].append(Answer(goal.pk, owner, values=(met,), adds=(met, 1)))
    for part, theirs in answers.items():
        yield Reading("goal_attainment", part, theirs)


def _people(partnerships: set[UUID]) -> dict[UUID, set[UUID]]:
    by_table: dict[UUID, set[UUID]] = defaultdict(set)
    seats = Seat.objects.filter(partnership__in=partnerships)
    for table, enrolment in seats.values_list("partnership", "enrolment"):
        by_table[table].add(enrolment)
    return by_table
