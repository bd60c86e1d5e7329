"""Voices of a cohort: how evenly turns to speak go round, and who took none; three statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from uuid import UUID

from core.common.statistics import rounded
from feedback.released import Answer, Counts, Reading
from metrics.queries.tallied import AsOf
from pairing.models.partnerships import Partnership
from sessions.room.voices import Spoken, spoken_at
from sessions.rotation.engine.evenness import SESSIONS_FOR_A_VERDICT, verdict, voice_balance

PLACES = 10**4  # a balance is kept as so many parts of one


def balance_readings(cohort_id: UUID, as_of: AsOf) -> Iterator[Reading]:
    yield balance_reading(_spoken(cohort_id))


def balance_reading(rows: Iterable[Spoken]) -> Reading:
    """Read the sessions of tables that have a verdict: the mean of the tables' balances."""
    tables: dict[UUID, dict[UUID, list[Spoken]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        tables[row.partnership][row.session].append(row)
    answers = []
    turns: dict[UUID, tuple[UUID, list[int]]] = {}
    for table, sessions in tables.items():
        told = {pk: [row.turns for row in rows] for pk, rows in sessions.items()}
        told = {pk: counts for pk, counts in told.items() if voice_balance(counts) is not None}
        if len(told) < SESSIONS_FOR_A_VERDICT:
            continue
        for session, counts in told.items():
            turns[session] = table, counts
            people = frozenset(row.enrolment for row in sessions[session])
            answers.append(Answer(session, people))

    def count(_before: Counts, earlier: Sequence[Answer], new: Sequence[Answer]) -> Counts:
        by_table: dict[UUID, list[list[int]]] = defaultdict(list)
        for answer in (*earlier, *new):
            table, counts = turns[answer.unit]
            by_table[table].append(counts)
        balances = [b for counts in by_table.values() if (b := verdict(counts)) is not None]
        value = rounded(sum(balances, Fraction(0)), len(balances) or 1)
        assert value is not None  # the denominator is not 0
        return (int(value * PLACES),)

    return Reading("voice_balance", "", answers, count)


def unheard_readings(cohort_id: UUID, as_of: AsOf) -> Iterator[Reading]:
    """Yield who took a turn in each session with a round: distinct people unheard, and asked."""
    yield unheard_reading(asked_in_rounds(_spoken(cohort_id)))


def asked_in_rounds(rows: Iterable[Spoken]) -> list[Answer]:
    return [
        Answer(row.pk, frozenset({row.enrolment}), (int(row.turns == 0),))
        for row in rows
        if row.in_round
    ]


def unheard_reading(answers: Sequence[Answer]) -> Reading:
    return Reading("unheard", "", answers, _count_unheard, _all_or_nobody_anew)


def _count_unheard(before: Counts, earlier: Sequence[Answer], new: Sequence[Answer]) -> Counts:
    unheard, asked = before or (0, 0)
    return (
        unheard + len(_unheard(new) - _unheard(earlier)),
        asked + len(_asked(new) - _asked(earlier)),
    )


def _all_or_nobody_anew(earlier: Sequence[Answer], new: Sequence[Answer]) -> bool:
    """A person is unheard once: a step gives away who is new to it, and the whole if it is all."""
    before, after = _unheard(earlier), _unheard((*earlier, *new))
    anew = len(after - before)
    return anew in (0, len(_asked(new))) or after == _asked((*earlier, *new))


def _unheard(answers: Sequence[Answer]) -> frozenset[UUID]:
    return _asked([answer for answer in answers if answer.values == (1,)])


def _asked(answers: Sequence[Answer]) -> frozenset[UUID]:
    return frozenset[UUID]().union(*(answer.people for answer in answers))


def _spoken(cohort_id: UUID) -> list[Spoken]:
    return spoken_at(Partnership.objects.filter(cohort=cohort_id).values_list("pk", flat=True))
