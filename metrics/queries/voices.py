"""Voices of cohorts: how evenly turns to speak go round, and who took none; three statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from pairing.models.partnerships import Partnership, Seat
from sessions.room.voices import voices_of


@dataclass(frozen=True)
class CohortVoices:
    """The balance of each table that has a verdict, and distinct people.

    `heard_at` sit at those tables; `unheard` spoke no turn in a session with a round, of `asked`
    who were present in one.
    """

    balances: tuple[Fraction, ...] = ()
    heard_at: int = 0
    unheard: int = 0
    asked: int = 0


def cohort_voices(cohort_ids: Sequence[UUID]) -> dict[UUID, CohortVoices]:
    """Return the voices of these cohorts, over all sessions held."""
    tables = dict(Partnership.objects.filter(cohort__in=cohort_ids).values_list("pk", "cohort_id"))
    voices = voices_of(tables)
    rows = Seat.objects.filter(partnership__in=tables)
    people = {
        seat: (partnership, member)
        for seat, partnership, member in rows.values_list(
            "pk", "partnership_id", "enrolment__member_id"
        )
    }
    at_table: dict[UUID, set[UUID]] = defaultdict(set)
    for partnership, member in people.values():
        at_table[partnership].add(member)
    by_cohort: dict[UUID, list[UUID]] = defaultdict(list)
    for partnership, cohort in tables.items():
        by_cohort[cohort].append(partnership)
    return {
        cohort: CohortVoices(
            balances=tuple(
                balance for table in theirs if (balance := voices[table].balance) is not None
            ),
            heard_at=len(
                {
                    m
                    for table in theirs
                    if voices[table].balance is not None
                    for m in at_table[table]
                }
            ),
            unheard=len({people[seat][1] for table in theirs for seat in voices[table].unheard}),
            asked=len({people[seat][1] for table in theirs for seat in voices[table].expected}),
        )
        for cohort, theirs in by_cohort.items()
    }
