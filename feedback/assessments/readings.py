"""What figures may be released from: own scores, and peers' averages, at the start and the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from uuid import UUID

from core.common.statistics import alpha_of_sums, rounded
from feedback.assessments.asking import RATERS
from feedback.assessments.peers import occasion_of
from feedback.assessments.queries import marks_in
from feedback.assessments.scales import ALPHA_FROM, OF_ONESELF, LibraryScale
from feedback.models.assessments import Assessment, PeerResult
from feedback.released import Answer, Reading

Moment = Assessment.Moment
PLACES = 10_000  # a peers' average is counted in ten-thousandths, as it is rounded
PEERS = "peers:"  # before the id of a competency


def change_of(unit: UUID, start: int, end: int) -> Answer:
    """Return one person's pair: a count, both sums, the difference and its square."""
    moved = end - start
    pair = (1, start, end, moved, moved * moved)
    return Answer(unit, frozenset({unit}), (start, end, moved), pair)


def scale_readings(cohort_id: UUID, key: str, scale: LibraryScale) -> Iterator[Reading]:
    """Yield who answered the whole scale at the start and the end: in sums over its items."""
    keyed = _keyed(cohort_id, scale)
    pairs = sorted(set(keyed[Moment.START]) & set(keyed[Moment.END]))
    yield Reading(
        key,
        "",
        [change_of(pk, sum(keyed[Moment.START][pk]), sum(keyed[Moment.END][pk])) for pk in pairs],
    )


def reliability_readings(cohort_id: UUID, key: str) -> Iterator[Reading]:
    """Yield what people answered to each item of a scale at the start, thirty at a time."""
    for scale in OF_ONESELF:
        rows = []
        for pk, values in sorted(_keyed(cohort_id, scale)[Moment.START].items()):
            rows.append(answer_of(pk, pk, values))
        yield Reading(key, scale.key, rows, at_least=ALPHA_FROM)


def answer_of(unit: UUID, person: UUID, keyed: Sequence[int]) -> Answer:
    """Return one person's answers to all items of a scale, as a reliability is counted from.

    A count, the sum and the sum of squares of each item, and both of the totals.
    """
    total = sum(keyed)
    sums = [number for value in keyed for number in (value, value * value)]
    return Answer(unit, frozenset({person}), tuple(keyed), (1, *sums, total, total * total))


def reliability_of(counts: Sequence[int]) -> tuple[int, Fraction | None]:
    """Return over how many people, and Cronbach's alpha, from the sums of `answer_of`."""
    n, *sums, total, squares = counts
    items = list(zip(sums[::2], sums[1::2], strict=True))
    return n, alpha_of_sums(n, items, (total, squares))


def _keyed(cohort_id: UUID, scale: LibraryScale) -> dict[str, dict[UUID, list[int]]]:
    """Return the answers to a scale by moment and enrolment, of those who answered all items."""
    rows = Assessment.objects.filter(enrolment__cohort=cohort_id).exclude(answered_at=None)
    keyed: dict[str, dict[UUID, list[int]]] = defaultdict(dict)
    for pk, moment, answers in rows.values_list("enrolment", "moment", "scales"):
        values = scale.keyed(answers)
        if values is not None:
            keyed[moment][pk] = values
    return keyed


def peer_readings(cohort_id: UUID, key: str) -> Iterator[Reading]:
    """Yield the averages of three or more peers at the start and the end, by competency."""
    results = PeerResult.objects.filter(enrolment__cohort=cohort_id, shown=True)
    moments: dict[UUID, set[str]] = defaultdict(set)
    for enrolment, moment in results.values_list("enrolment", "moment"):
        moments[enrolment].add(moment)
    answers: dict[UUID, list[Answer]] = defaultdict(list)
    for enrolment, there in sorted(moments.items()):
        if {Moment.START, Moment.END} <= there:
            first = _averages(cohort_id, enrolment, Moment.START)
            last = _averages(cohort_id, enrolment, Moment.END)
            for skill in sorted(set(first) & set(last)):
                answers[skill].append(change_of(enrolment, first[skill], last[skill]))
    for skill, rows in answers.items():
        yield Reading(key, f"{PEERS}{skill.hex}", rows)


def _averages(cohort_id: UUID, enrolment: UUID, moment: str) -> dict[UUID, int]:
    marks = marks_in(occasion_of(moment, enrolment), cohort_id)
    return {
        skill: int((rounded(sum(values), len(values)) or 0) * PLACES)
        for skill, values in marks.items()
        if len(values) >= RATERS
    }
