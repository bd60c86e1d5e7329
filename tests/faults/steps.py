"""Cohorts whose figures somebody pulls all the time: whose answers follow from them?

    python -m tests.faults.steps [--cohorts N] [--seed N] [--plant PLANT]

People of each cohort answer check-ins, rate competencies, meet goals and speak in rounds, and
some change what they answered.  The figures are looked at after every answer, or every night,
and a client keeps all of them.  It knows more than anybody has: the rules, and who answered and
who changed an answer when.  It tries what each person can have answered, and an answer of which
one only is possible is recovered.  The last line counts, as JSON, what was tried and found, and
the status says whether nothing was.

`--plant` breaks a rule, and the client must find it: figures are `live`; a step in which all
answered `alike` is shown; such a step is kept `waiting` for others; what was counted is counted
again, as it stands now (`recount`); two figures of the same answers are set aside `apart`.
"""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, combinations_with_replacement, product
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
os.environ.setdefault("SECRET_KEY", "faults-only-" + "k" * 50)
django.setup()

from core.common.statistics import rounded  # noqa: E402  after setup()
from feedback.assessments.asking import RATERS  # noqa: E402  after setup()
from feedback.assessments.readings import PLACES  # noqa: E402  after setup()
from feedback.assessments.scales import ALPHA_FROM  # noqa: E402  after setup()
from feedback.released import Answer, Counts, Reading, Step, next_step  # noqa: E402  after setup()
from feedback.surveys import pulse  # noqa: E402  after setup()
from metrics.queries.voices import unheard_reading  # noqa: E402  after setup()
from tests.faults.simulating import simulate  # noqa: E402  after setup()

PLANTS = ("live", "alike", "waiting", "recount", "apart")
K = 5
IN_FULL = 6  # so many pairs of ratings are tried together; of more, start and end by themselves


@dataclass(frozen=True)
class Kind:
    """A figure whose rows add up: what one person may answer, and which number of it adds.

    Of what has too many answers to be tried together each number is tried by itself.  `people`
    are there in a cohort, and a step is of `at_least` so many where that is more than k.
    """

    key: str
    choices: tuple[Counts, ...]
    values: Callable[[Counts], Counts]
    people: tuple[int, int] = (4, 24)
    at_least: int = 0
    singly: bool = False

    @property
    def k(self) -> int:
        return max(K, self.at_least)

    def said(self, place: int) -> tuple[Counts, ...]:
        """Return what one of the numbers can be, for one person."""
        return _singles(self.choices, place)


@cache
def _singles(choices: tuple[Counts, ...], place: int) -> tuple[Counts, ...]:
    return tuple((value,) for value in sorted({choice[place] for choice in choices}))


def changes(steps: Sequence[int]) -> tuple[Counts, ...]:
    """Return start and end, the difference and its square: what mean, interval and effect tell."""
    return tuple((a, b, b - a, (b - a) ** 2) for a, b in product(steps, repeat=2))


SCALE = tuple((value,) for value in range(1, 6))
ITEMS = 4  # of a scale on confidence or belonging
# the average of three peers, in ten-thousandths of a point
AVERAGES = [int((rounded(total, RATERS) or 0) * PLACES) for total in range(RATERS, 5 * RATERS + 1)]
KINDS = (
    Kind("mood", SCALE, lambda said: said),
    Kind("goal_attainment", ((0,), (1,)), lambda said: said),
    Kind("competency_change", changes(range(1, 6)), lambda said: said[:3]),
    Kind("competency_change by peers", changes(AVERAGES), lambda said: said[:3], singly=True),
    Kind(
        "confidence_change, belonging_change",
        changes(range(ITEMS, 5 * ITEMS + 1)),
        lambda said: said[:3],
        singly=True,
    ),
    # alpha is made of the sums of each item, of their squares, and of the totals' squares
    Kind(
        "scale_reliability",
        tuple(
            (*items, *(value * value for value in items), sum(items) ** 2)
            for items in product(range(1, 6), repeat=ITEMS)
        ),
        lambda said: said[:ITEMS],
        people=(24, 70),
        at_least=ALPHA_FROM,
        singly=True,
    ),
)


def person(number: int) -> UUID:
    return UUID(int=number + 1)


# ── what is published ───────────────────────────────────────────────────────────────────


class Publisher:
    """The figure as it is released, by the product's own rules or with one of them broken."""

    def __init__(self, plant: str) -> None:
        self.plant = plant
        self.steps: list[Step] = []

    def look(self, reading: Reading) -> tuple[Counts, int]:
        """Return what can be read after this look: the counts, and of how many people."""
        if self.plant == "live":
            people = {who for answer in reading.answers for who in answer.people}
            shown = len(people) >= max(K, reading.at_least)
            return (reading.count((), [], reading.answers), len(people)) if shown else ((), 0)
        if self.plant == "alike":
            reading = replace(reading, alike=lambda _earlier, _new: False)
        if self.plant == "recount":
            add_up = reading.count
            reading = replace(
                reading, count=lambda _before, earlier, new: add_up((), [], [*earlier, *new])
            )
        step = next_step(reading, self.steps, K)
        if step is not None and not (step.aside and self.plant == "waiting"):
            self.steps.append(step)
        shown_steps = [step for step in self.steps if not step.aside]
        return (shown_steps[-1].counts, shown_steps[-1].n) if shown_steps else ((), 0)


# ── what follows from it ────────────────────────────────────────────────────────────────


def plus(one: Counts, other: Counts, times: int = 1) -> Counts:
    return tuple(a + times * b for a, b in zip(one, other, strict=True))


@cache
def sums(choices: tuple[Counts, ...], people: int) -> frozenset[Counts]:
    """Return all that so many people can add up to."""
    if people == 0:
        return frozenset({(0,) * len(choices[0])})
    return frozenset(plus(had, said) for had in sums(choices, people - 1) for said in choices)


def possible(
    choices: tuple[Counts, ...], total: Counts, free: int, block: int
) -> tuple[set[Counts], set[Counts]]:
    """Return what one of the free and one of the block can have answered, given their sum.

    Those of the block are known to have answered the same.
    """
    of_free, of_block = set[Counts](), set[Counts]()
    for same in choices if block else choices[:1]:
        left = plus(total, same, -block)
        if left in sums(choices, free):
            of_block.add(same)
        if free:
            rest = sums(choices, free - 1)
            of_free |= {said for said in choices if plus(left, said, -1) in rest}
    return of_free, of_block if block else set()


def known(ways: Iterable[Counts], values: int) -> bool:
    """Say whether all ways agree on one of the values that nobody may know."""
    rows = list(ways)
    return bool(rows) and any(len({row[place] for row in rows}) == 1 for place in range(values))


class Client:
    """Keeps all that was published of one figure, and counts whose answer is the only possible."""

    def __init__(self, kind: Kind, plant: str) -> None:
        self.kind, self.plant = kind, plant
        self.last: tuple[Counts, int] = ((), 0)
        self.waiting: list[UUID] = []
        self.alike = 0  # so many of those who wait, from the first on, are known to be alike
        self.changed: set[UUID] = set()
        self.counted: set[UUID] = set()
        self.aside: set[UUID] = set()
        self.found: Counter[str] = Counter()

    def answered(self, who: UUID) -> None:
        if who in self.counted:
            self.changed.add(who)
        elif who not in self.waiting and who not in self.aside:
            self.waiting.append(who)

    def see(self, published: tuple[Counts, int]) -> None:
        if published == self.last:
            if len(self.waiting) >= self.kind.k and self.plant == "waiting":
                self.alike = len(self.waiting)
            elif len(self.waiting) >= self.kind.k:  # set aside: alike, and nothing tells in what
                self.aside |= set(self.waiting)
                self.waiting = []
            return
        counts, _n = published
        before = self.last[0] or (0,) * len(counts)
        self.solve(tuple(plus(counts, before, -1))[: len(self.kind.choices[0])])
        self.counted |= set(self.waiting)
        self.waiting, self.alike, self.last = [], 0, published
        self.changed = set()

    def solve(self, total: Counts) -> None:
        choices, people = self.kind.choices, len(self.waiting)
        if 0 < people < self.kind.k:
            self.found["small"] += 1
        if self.changed and self.plant in ("live", "recount"):
            return self.solve_changes(total)
        values = len(self.kind.values(choices[0]))
        if self.kind.singly or (len(choices) > len(SCALE) and people > IN_FULL):
            for place in range(values):
                free, _block = possible(self.kind.said(place), (total[place],), people, 0)
                self.found["recovered"] += people * known(free, 1)
            return None
        block = self.alike if values == 1 else 0
        of_free, of_block = possible(choices, total, people - block, block)
        self.found["recovered"] += (people - block) * known(of_free, values)
        self.found["recovered"] += block * known(of_block, values)
        return None

    def solve_changes(self, total: Counts) -> None:
        """Of those who changed an answer the client seeks by how much."""
        if len(self.changed) > 1 or len(self.kind.choices) > len(SCALE):
            return
        choices, people = self.kind.choices, len(self.waiting)
        moves = {plus(new, old, -1) for new in choices for old in choices}
        all_alike = {tuple(people * number for number in said) for said in choices}
        extremes = {min(all_alike), max(all_alike)} if people else set()  # never shown
        others = sums(choices, people) - extremes
        ways = [move for move in moves if plus(total, move, -1) in others]
        self.found["recovered"] += known(ways, 1)


# ── cohorts ─────────────────────────────────────────────────────────────────────────────


def adding_up(kind: Kind, chance: random.Random, plant: str) -> Counter[str]:
    """Let a cohort answer one question, in an order of its own, and count what is found."""
    people = [person(number) for number in range(chance.randint(*kind.people))]
    # some cohorts are of one mind, or nearly
    weights = [chance.choice([1, 1, 1, 20]) for _choice in kind.choices]
    order = [*people, *chance.choices(people, k=len(people) // 4)]
    chance.shuffle(order)
    nightly = chance.random() < 0.5
    said: dict[UUID, Counts] = {}
    publisher, client = Publisher(plant), Client(kind, plant)
    while order:
        for _answer in range(min(len(order), chance.randint(1, 6) if nightly else 1)):
            who = order.pop()
            (said[who],) = chance.choices(kind.choices, weights)
            client.answered(who)
        rows = [
            Answer(who, frozenset({who}), kind.values(given), (*given, 1))
            for who, given in said.items()
        ]
        client.see(publisher.look(Reading(kind.key, "", rows, at_least=kind.at_least)))
    return client.found + Counter(people=len(people), steps=len(publisher.steps))


def rounds(chance: random.Random, plant: str) -> Counter[str]:
    """Let a circle or two speak in rounds: who was unheard is counted once a person."""
    people = [person(number) for number in range(chance.randint(4, 9))]
    quiet = chance.choice([0.05, 0.2, 0.5, 0.95])
    publisher, rows = Publisher(plant), list[Answer]()
    worlds: set[frozenset[UUID]] = {frozenset()}  # who can be among the unheard that are counted
    asked, new = set[UUID](), set[UUID]()
    last: tuple[Counts, int] = ((), 0)
    found: Counter[str] = Counter()
    for session in range(chance.randint(1, 6)):
        there = chance.sample(people, chance.randint(2, len(people)))
        for who in there:
            unit = UUID(int=1000 * (session + 1) + who.int)
            rows.append(Answer(unit, frozenset({who}), (int(chance.random() < quiet),)))
        new |= set(there)
        published = publisher.look(unheard_reading(rows))
        if published == last:
            new = set() if len(new) >= K and plant != "waiting" else new
            continue
        anew = published[0][0] - (last[0][0] if last[0] else 0)
        worlds = {
            world | set(more)
            for world in worlds
            for more in combinations(sorted(new - world), anew)
        }
        found["small"] += len(new) < K and plant != "live"
        asked |= new
        new, last = set(), published
        sure = [who for who in asked if len({who in world for world in worlds}) == 1]
        found["recovered"] += bool(worlds) and len(sure)
    return found + Counter(people=len(people), steps=len(publisher.steps))


class TwoFigures:
    """A client of the pulse: it reads the mean and the share of the satisfied, side by side."""

    def __init__(self, plant: str) -> None:
        self.plant = plant
        self.publishers = Publisher(plant), Publisher(plant)
        self.last: list[tuple[Counts, int]] = [((), 0), ((), 0)]
        self.waiting: list[pulse.Row] = []
        self.found: Counter[str] = Counter()

    def look(self, rows: Sequence[pulse.Row]) -> None:
        readings = [pulse.satisfaction_reading(rows), pulse.satisfied_reading(rows)]
        if self.plant == "apart":
            readings = [_of_value(reading, place) for place, reading in enumerate(readings)]
        pairs = zip(self.publishers, readings, strict=True)
        published = [publisher.look(reading) for publisher, reading in pairs]
        people = frozenset[UUID]().union(*(who for _pk, who, _mark in self.waiting))
        if published == self.last and (len(people) < K or self.plant in ("live", "waiting")):
            return
        self.found["small"] += published != self.last and len(people) < K
        totals = [
            None if new == old else new[0][0] - (old[0][0] if old[0] else 0)
            for new, old in zip(published, self.last, strict=True)
        ]
        ways = combinations_with_replacement(range(1, 6), len(self.waiting))
        said = {mark for marks in ways if self.fits(marks, totals) for mark in marks}
        known = len({mark >= pulse.SCORED_HIGH for mark in said}) == 1
        self.found["recovered"] += known and len(self.waiting)
        self.last, self.waiting = published, []

    def fits(self, marks: Sequence[int], totals: Sequence[int | None]) -> bool:
        """Say whether these can be the new marks, given what is new of each figure, if it is."""
        high = [int(mark >= pulse.SCORED_HIGH) for mark in marks]
        for values, total in zip((marks, high), totals, strict=True):
            compared = values if self.plant == "apart" else high
            aside = len(set(compared)) == 1 and self.plant not in ("live", "alike")
            if aside != (total is None) or (total is not None and sum(values) != total):
                return False
        return True


def _of_value(reading: Reading, place: int) -> Reading:
    answers = [replace(row, values=(row.values[place],)) for row in reading.answers]
    return replace(reading, answers=answers)


def pulses(chance: random.Random, plant: str) -> Counter[str]:
    """Let a cohort answer a pulse or two, many of one mind, and look after each answer."""
    people = [person(number) for number in range(chance.randint(4, 12))]
    marks = chance.choice([(4, 5), (1, 2, 3), (1, 2, 3, 4, 5), (3, 4)])
    client, rows = TwoFigures(plant), list[pulse.Row]()
    for number in range(chance.randint(1, 2)):
        for who in chance.sample(people, chance.randint(3, len(people))):
            row = UUID(int=1000 * (number + 1) + who.int), frozenset({who}), chance.choice(marks)
            rows.append(row)
            client.waiting.append(row)
            client.look(rows)
    steps = sum(len(publisher.steps) for publisher in client.publishers)
    return client.found + Counter(people=len(people), steps=steps)


def run(cohorts: int, seed: int, plant: str = "") -> Counter[str]:
    """Return what was tried and found; the same seed gives the same cohorts."""
    total: Counter[str] = Counter(cohorts=cohorts, people=0, steps=0, recovered=0, small=0)
    for number in range(cohorts):
        chance = random.Random(f"{seed}-{number}")
        for kind in KINDS:
            total.update(adding_up(kind, chance, plant))
        total.update(rounds(chance, plant))
        total.update(pulses(chance, plant))
    return total


def main(arguments: Sequence[str]) -> int:
    return simulate(
        arguments,
        run,
        about=__doc__,
        of="cohorts",
        subject="pulls of all figures, nightly and on every answer",
        bad=("recovered", "small"),
        plants=PLANTS,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
