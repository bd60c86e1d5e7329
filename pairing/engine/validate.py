"""Refuse what has no answer, before anything is computed, naming the person and the rule."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet

import numpy as np

from pairing.engine.rules import FORBIDDEN, SAME_PERSON, bans_of
from pairing.engine.score import LIFT, WIDTH
from pairing.engine.shapes import (
    DAY_MINUTES,
    FULL_POINTS,
    IDENTITY,
    WEEK_MINUTES,
    Criterion,
    EngineError,
    Kind,
    People,
    Problem,
    Rule,
    RuleKind,
    Value,
)

LEVELS = range(1, 6)
MOST_PLACES = 10_000  # of one person; more can only be a slip of the pen


def check_problem(problem: Problem) -> None:
    """Raise EngineError for the first thing in the problem that cannot be meant."""
    check_people(problem.seekers, "seekers")
    check_people(problem.offerers, "offerers")
    for name, places in zip(problem.seekers.names, problem.seekers.places(), strict=True):
        if places > 1:
            raise EngineError(f"{name} seeks {places} partners; a seeker gets one.", person=name)
    keys = [criterion.key for criterion in problem.criteria]
    _check_keys(keys + [bonus.key for bonus in problem.bonuses])
    for criterion in problem.criteria:
        check_criterion(criterion, problem.seekers, problem.offerers)
    check_rules(problem.seekers, problem.offerers, problem.rules)
    check_bonuses(problem)
    _check_pairs(problem)


def check_people(people: People, side: str) -> None:
    """Raise EngineError if columns, capacities or names of one side do not fit together."""
    n = len(people)
    for name in people.names:
        if not isinstance(name, str):
            raise EngineError(f"A name among the {side} is {name!r}; names are text.")
    _no_repeats(people.names, people.names, side)
    for column, values in people.columns.items():
        if len(values) != n:
            raise EngineError(
                f"Column {column!r} of the {side} has {len(values)} values for {n} people."
            )
    if people.capacity and len(people.capacity) != n:
        raise EngineError(
            f"There are {len(people.capacity)} capacities for {n} people among the {side}."
        )
    for name, places in zip(people.names, people.places(), strict=True):
        if type(places) is not int or places < 0:  # True is no number of places
            raise EngineError(
                f"{name} has capacity {places!r}; it must be a whole number from 0.", person=name
            )
        if places > MOST_PLACES:
            raise EngineError(
                f"{name} has capacity {places}; nobody takes more than {MOST_PLACES}.", person=name
            )
    for name, identity in zip(
        people.names, people.columns.get(IDENTITY, people.names), strict=True
    ):
        if identity is None:
            raise EngineError(f"{name} has no identity.", person=name, rule=SAME_PERSON)
    _no_repeats(people.identities(), people.names, side)


def check_rules(seekers: People, offerers: People, rules: tuple[Rule, ...]) -> None:
    """Raise EngineError if a rule reads a column that is not there or of another type."""
    _check_keys([rule.key for rule in rules])
    for rule in rules:
        if rule.kind not in set(RuleKind):
            raise EngineError(f"{rule.kind!r} is not a kind of rule.", rule=rule.key)
        if rule.key in {SAME_PERSON, "forbidden"}:
            raise EngineError(f"The key {rule.key!r} is taken by the engine.", rule=rule.key)
        if not 0 <= rule.most_apart <= DAY_MINUTES:
            raise EngineError(f"The hours apart of {rule.key!r} are not 0 to 24.", rule=rule.key)
        if rule.depth < 0:
            raise EngineError("The depth of a reporting line starts at 0.", rule=rule.key)
        fits = _RULE_READS.get(rule.kind, _is_scalar)
        _check_column(seekers, rule.seeker_column, fits, rule.key)
        theirs = offerers.columns.get(rule.offerer_column)
        if theirs is None or theirs is not seekers.columns[rule.seeker_column]:
            _check_column(offerers, rule.offerer_column, fits, rule.key)


def check_index_pairs(
    pairs: Iterable[tuple[int, int]], rows: People, columns: People, what: str
) -> None:
    """Raise EngineError if a pair points at nobody."""
    for i, j in pairs:
        if not (0 <= i < len(rows) and 0 <= j < len(columns)):
            raise EngineError(f"The pair ({i}, {j}) is {what}, but there is nobody of that number.")


def _no_repeats(values: tuple[str, ...], names: tuple[str, ...], side: str) -> None:
    seen: set[str] = set()
    for value, name in zip(values, names, strict=True):
        if value in seen:
            raise EngineError(f"{name} stands twice among the {side}.", person=name)
        seen.add(value)


def _check_keys(keys: list[str]) -> None:
    for key in keys:
        if keys.count(key) > 1:
            raise EngineError(f"Two criteria or rules have the key {key!r}.", rule=key)


def check_criterion(criterion: Criterion, seekers: People, offerers: People) -> None:
    """Raise EngineError if a criterion's parameters or the values it reads make no sense."""
    _check_parameters(criterion)
    _check_values(seekers, criterion.seeker_column, criterion)
    theirs = offerers.columns.get(criterion.offerer_column)
    if theirs is None or theirs is not seekers.columns[criterion.seeker_column]:
        _check_values(offerers, criterion.offerer_column, criterion)  # of peers it is the same one


def _check_parameters(criterion: Criterion) -> None:
    key = criterion.key
    if criterion.kind not in set(Kind):
        raise EngineError(f"{criterion.kind!r} is not a kind of criterion.", rule=key)
    if isinstance(criterion.weight, bool) or not 0 <= criterion.weight <= 10:  # also refuses NaN
        raise EngineError(f"The weight of {key!r} is {criterion.weight}, not 0 to 10.", rule=key)
    if criterion.enough_overlap <= 0:
        raise EngineError(f"Enough overlap of {key!r} must be above 0 minutes.", rule=key)
    if criterion.slot_minutes <= 0 or WEEK_MINUTES % criterion.slot_minutes:
        raise EngineError(f"The slots of {key!r} do not divide a week.", rule=key)
    low, high = criterion.ideal
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise EngineError(f"The ideal gap of {key!r} runs from {low} to {high}.", rule=key)
    if not (math.isfinite(criterion.falloff) and criterion.falloff > 0):
        raise EngineError(f"The falloff of {key!r} must be above 0.", rule=key)
    if not 0 < criterion.working_minutes <= DAY_MINUTES:
        raise EngineError(f"The working day of {key!r} is not 1 to 1440 minutes.", rule=key)


def _check_values(people: People, column: str, criterion: Criterion) -> None:
    slots = WEEK_MINUTES // criterion.slot_minutes
    fits: dict[Kind, Callable[[Value], bool]] = {
        Kind.OVERLAP: _is_set,
        Kind.LEVELS: _is_levels,
        Kind.SAME: _is_scalar,
        Kind.DIFFERENT: _is_scalar,
        Kind.GAP: _is_number,
        Kind.TIMEZONE: _is_offset,
        Kind.TEXT: _is_vector,
        Kind.AVAILABILITY: lambda value: (
            isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << slots
        ),
    }
    _check_column(people, column, fits[criterion.kind], criterion.key)


def _check_column(people: People, column: str, fits: Callable[[Value], bool], key: str) -> None:
    if column not in people.columns:
        raise EngineError(f"{key!r} reads the column {column!r}, which is not there.", rule=key)
    for name, value in zip(people.names, people.columns[column], strict=True):
        if value is not None and not fits(value):
            raise EngineError(
                f"{name} has {value!r} in {column!r}, which {key!r} cannot read.",
                person=name,
                rule=key,
            )


def _is_set(value: Value) -> bool:
    # The plain types first: asking for an abstract one takes ten times as long.
    if not isinstance(value, (frozenset, dict)) and not isinstance(value, AbstractSet | Mapping):
        return False
    return all(type(item) is str or isinstance(item, str) for item in value)


def _is_levels(value: Value) -> bool:
    if not isinstance(value, dict) and not isinstance(value, Mapping):
        return False
    return all(level in LEVELS for level in value.values())


def _is_number(value: Value) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value)


def _is_vector(value: Value) -> bool:
    if not isinstance(value, tuple) or len(value) != WIDTH:
        return False
    return all(type(number) is int for number in value) and (
        sum(number * number for number in value) <= LIFT * LIFT
    )


def _is_offset(value: Value) -> bool:
    return _is_number(value) and abs(float(str(value))) <= DAY_MINUTES


def _is_scalar(value: Value) -> bool:
    return isinstance(value, str) or _is_number(value)


_RULE_READS: dict[RuleKind, Callable[[Value], bool]] = {
    RuleKind.MUST_SHARE: _is_set,
    RuleKind.CLOCKS_WITHIN: _is_offset,
}


def check_bonuses(problem: Problem) -> None:
    """Raise EngineError if a bonus points at nobody or is not worth whole points."""
    for bonus in problem.bonuses:
        what = f"given the bonus {bonus.key!r}"
        check_index_pairs(bonus.pairs, problem.seekers, problem.offerers, what)
        for (i, j), points in bonus.pairs.items():
            if type(points) is not int or not 0 < points <= FULL_POINTS:
                seeker, offerer = problem.seekers.names[i], problem.offerers.names[j]
                raise EngineError(
                    f"The bonus of {seeker} with {offerer} is {points!r}, "
                    f"not a whole number from 1 to {FULL_POINTS}.",
                    person=seeker,
                    rule=bonus.key,
                )


def _check_incumbents(problem: Problem) -> None:
    if not 0 <= problem.stability <= 1:  # also refuses NaN
        raise EngineError(f"The stability is {problem.stability}, not 0 to 1.", rule="stability")
    seen: set[int] = set()
    for i, _ in sorted(problem.incumbent):
        if i in seen:
            name = problem.seekers.names[i]
            raise EngineError(f"{name} already works with more than one partner.", person=name)
        seen.add(i)


def _check_pairs(problem: Problem) -> None:
    seekers, offerers = problem.seekers, problem.offerers
    check_index_pairs(problem.locked, seekers, offerers, "locked")
    check_index_pairs(problem.forbidden, seekers, offerers, "forbidden")
    check_index_pairs(problem.incumbent, seekers, offerers, "an incumbent")
    _check_incumbents(problem)
    _check_locks(problem)


def _check_locks(problem: Problem) -> None:
    """Raise EngineError for a lock that breaks a rule, or cannot stand beside the others."""
    if not problem.locked:
        return
    seekers, offerers = problem.seekers, problem.offerers
    locked = sorted(problem.locked)
    rows, columns = np.array(locked, np.int64).T
    broken = {key: ban.at(rows, columns) for key, ban in bans_of(problem).items()}
    people = (seekers.identities(), offerers.identities())
    together = {(people[0][i], people[1][j]) for i, j in locked}
    held: Counter[int] = Counter()
    load: Counter[int] = Counter()
    for place, (i, j) in enumerate(locked):
        seeker, offerer = seekers.names[i], offerers.names[j]
        for key, mask in broken.items():
            if mask[place]:
                why = "is forbidden" if key == FORBIDDEN else f"breaks the rule {key!r}"
                raise EngineError(
                    f"{seeker} with {offerer} is locked but {why}.", person=seeker, rule=key
                )
        held[i] += 1
        load[j] += 1
        if held[i] > seekers.places()[i]:
            raise EngineError(f"{seeker} is locked to more than one partner.", person=seeker)
        if load[j] > offerers.places()[j]:
            raise EngineError(
                f"{offerer} has more locked partners than the {offerers.places()[j]} they take.",
                person=offerer,
            )
        if (people[1][j], people[0][i]) in together:
            raise EngineError(
                f"{seeker} and {offerer} are locked in both parts to each other.",
                person=seeker,
                rule="both_parts",
            )
