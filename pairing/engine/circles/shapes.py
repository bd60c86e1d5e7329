"""What goes into forming circles, what of it is refused, and what comes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pairing.engine.rules import Mask
from pairing.engine.shapes import (
    Bonus,
    Criterion,
    EngineError,
    Explanation,
    Kind,
    People,
    Problem,
    Rule,
    Unmatched,
)
from pairing.engine.validate import (
    check_bonuses,
    check_criterion,
    check_index_pairs,
    check_people,
    check_rules,
)

DEFAULT_WEIGHT = 5.0
APART = "apart"


@dataclass(frozen=True)
class CirclesProblem:
    """People to be divided into circles, and what a good circle is.

    skills_columns: sets or levels; the more different ones in each circle, the better.
    level_columns: numbers; each circle's mean near the mean of all.
    diversity_columns: text or number; the more different values in each circle, the better.
    free_column: bits of a week in slots of `slot_minutes`; the more time all of a circle share,
    the better, up to `enough_minutes`. A circle that shares less than `required_minutes` is a
    conflict like a broken rule, except that nobody loses their seat by it. Who has not
    answered stands in nobody's way.
    company_columns: of diversity_columns, those in which nobody should be the only one of
    their value in a circle, where two could sit together.
    weights: 0–10 by column, DEFAULT_WEIGHT where none is given.
    criteria: what each two of a circle are compared by, as pairs are; the mean of all counts.
    bonuses: points on top that the first of a pair has of sharing a circle with the second, of
    the FULL_POINTS that are theirs.
    first: who is seated before others where not everybody can be.
    rules: read this one side as both; no two people of a circle may break one.
    together, apart: index pairs that must, or must not, share a circle. met: those that have
    before: they are seated apart as far as it goes, whatever balance it costs.
    A capacity of 0 keeps a person out; other capacities are not read.
    """

    people: People
    skills_columns: tuple[str, ...] = ()
    level_columns: tuple[str, ...] = ()
    diversity_columns: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    together: frozenset[tuple[int, int]] = frozenset()
    apart: frozenset[tuple[int, int]] = frozenset()
    met: frozenset[tuple[int, int]] = frozenset()
    free_column: str = ""
    slot_minutes: int = 30
    enough_minutes: int = 120
    required_minutes: int = 0
    company_columns: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    bonuses: tuple[Bonus, ...] = ()
    first: frozenset[int] = frozenset()

    def as_two_sides(self) -> Problem:
        """Return the pool as seekers and as offerers: which two may not share a circle.

        Circles are weighed as a whole, so a pair has no points.
        """
        apart = self.apart | {(j, i) for i, j in self.apart}
        return Problem(self.people, self.people, (), self.rules, forbidden=apart)

    def columns(self) -> tuple[str, ...]:
        free = (self.free_column,) if self.free_column else ()
        return (*self.skills_columns, *self.level_columns, *self.diversity_columns, *free)

    def weight(self, column: str) -> float:
        return self.weights.get(column, DEFAULT_WEIGHT)


@dataclass(frozen=True)
class Circles:
    """Circles as people's indexes, and how balanced they are.

    objective: points from 0 to FULL_POINTS. bound: no division into as many circles has more,
    of those that pay no more for company, new faces and required time. `proved` is true only
    where the two are equal: otherwise these circles are the best found, perhaps not the best.
    balance: for each circle its part per column, to be shown. rounds: passes of the search.
    met_again: pairs that sit together again. alone: who is the only one of their value, with
    the column, in the columns that ask for company. short: circles that share too little time.
    """

    groups: tuple[tuple[int, ...], ...]
    left_over: tuple[Unmatched, ...]
    objective: int
    bound: int
    proved: bool
    balance: tuple[tuple[Explanation, ...], ...]
    rounds: int
    met_again: tuple[tuple[int, int], ...]
    alone: tuple[tuple[int, str], ...]
    short: tuple[int, ...]
    seconds: float = field(compare=False)


def check_circles(problem: CirclesProblem, sizes: tuple[int, int]) -> None:
    """Raise EngineError for the first thing in the problem that cannot be meant."""
    people = problem.people
    check_people(people, "peers")
    fewest, most = sizes
    if not 2 <= fewest <= most:
        raise EngineError(f"Circles of {fewest} to {most} people: a circle has at least two.")
    kinds = (
        (Kind.OVERLAP, problem.skills_columns),
        (Kind.GAP, problem.level_columns),
        (Kind.SAME, problem.diversity_columns),
    )
    for kind, columns in kinds:
        for column in columns:
            criterion = Criterion(column, kind, column, column, problem.weight(column))
            check_criterion(criterion, people, people)
            if problem.columns().count(column) > 1:
                raise EngineError(f"The column {column!r} is balanced twice.", rule=column)
    _check_free(problem)
    _check_company(problem)
    _check_pairs(problem)
    for column in problem.weights:
        if column not in problem.columns():
            raise EngineError(f"{column!r} has a weight but is not balanced.", rule=column)
    check_rules(people, people, problem.rules)
    for pairs, what in (
        (problem.together, "together"),
        (problem.apart, APART),
        (problem.met, "met before"),
    ):
        check_index_pairs(pairs, people, people, what)
        for i, j in pairs:
            if i == j:
                name = people.names[i]
                raise EngineError(f"{name} is {what} with themselves.", person=name)


def _check_free(problem: CirclesProblem) -> None:
    if not problem.free_column:
        return
    criterion = Criterion(
        problem.free_column,
        Kind.AVAILABILITY,
        problem.free_column,
        problem.free_column,
        problem.weight(problem.free_column),
        enough_overlap=problem.enough_minutes,
        slot_minutes=problem.slot_minutes,
    )
    check_criterion(criterion, problem.people, problem.people)
    if problem.required_minutes < 0:
        raise EngineError("A required common time is not below 0.", rule=problem.free_column)


def _check_company(problem: CirclesProblem) -> None:
    for column in problem.company_columns:
        if column not in problem.diversity_columns:
            raise EngineError(f"{column!r} asks for company but is not balanced.", rule=column)


def _check_pairs(problem: CirclesProblem) -> None:
    people, known = problem.people, list(problem.columns())
    for criterion in problem.criteria:
        check_criterion(criterion, people, people)
    keys = [criterion.key for criterion in problem.criteria]
    for key in keys + [bonus.key for bonus in problem.bonuses]:
        if key in known:
            raise EngineError(f"{key!r} counts twice.", rule=key)
        known.append(key)
    check_bonuses(Problem(people, people, (), bonuses=problem.bonuses))
    if not problem.first <= set(range(len(people))):
        raise EngineError("Somebody goes first, but there is nobody of that number.")


def check_blocks(
    problem: CirclesProblem, blocks: Sequence[Sequence[int]], masks: dict[str, Mask], most: int
) -> None:
    """Raise EngineError if people who must be together may not be, or are too many."""
    for block in blocks:
        name = problem.people.names[block[0]]
        if len(block) > most:
            raise EngineError(
                f"{name} and {len(block) - 1} others must be together, but circles end at {most}.",
                person=name,
            )
        for a in block:
            for b in block:
                for key, mask in masks.items():
                    if a < b and mask[a, b]:
                        raise EngineError(
                            f"{problem.people.names[a]} and {problem.people.names[b]} must be "
                            f"together, but {key!r} keeps them apart.",
                            person=problem.people.names[a],
                            rule=key,
                        )
