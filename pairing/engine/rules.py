"""Which pairs are allowed, and which rule forbids the others."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from pairing.engine.shapes import Column, People, Problem, Rule, RuleKind

Mask = NDArray[np.bool_]

SAME_PERSON = "never_same_person"  # always on, with no Rule of its own
FORBIDDEN = "forbidden"  # the pairs a coordinator ruled out by hand


def blocked_by_rule(problem: Problem) -> dict[str, Mask]:
    """Return for each rule key the pairs it forbids, as seekers × offerers.

    The first is never_same_person, the last the list of forbidden pairs.
    """
    blocked = rule_masks(problem.seekers, problem.offerers, problem.rules)
    by_hand = np.zeros((len(problem.seekers), len(problem.offerers)), bool)
    for pair in problem.forbidden:
        by_hand[pair] = True
    blocked[FORBIDDEN] = by_hand
    return blocked


def blocked_by(problem: Problem, i: int, j: int) -> tuple[str, ...]:
    """Return the keys of the rules that forbid this pair; empty if it is allowed."""
    return tuple(key for key, mask in blocked_by_rule(problem).items() if mask[i, j])


def rule_masks(seekers: People, offerers: People, rules: Sequence[Rule]) -> dict[str, Mask]:
    """Return for each rule the pairs it forbids, never_same_person first."""
    masks = {SAME_PERSON: _equal(seekers.identities(), offerers.identities())}
    for rule in rules:
        if rule.kind is RuleKind.NEVER_MANAGER:
            masks[rule.key] = _in_line(seekers, offerers, rule)
            continue
        left = seekers.columns[rule.seeker_column]
        right = offerers.columns[rule.offerer_column]
        if rule.kind is RuleKind.NEVER_SAME:
            masks[rule.key] = _equal(left, right)
        else:
            masks[rule.key] = ~_share(left, right)
    return masks


def _equal(left: Column, right: Column) -> Mask:
    codes: dict[object, int] = {}
    a = [-1 if value is None else codes.setdefault(value, len(codes)) for value in left]
    b = [-2 if value is None else codes.setdefault(value, len(codes)) for value in right]
    same: Mask = np.array(a, np.int64)[:, None] == np.array(b, np.int64)[None, :]
    return same


def _share(left: Column, right: Column) -> Mask:
    places: dict[str, int] = {}
    for value in (*left, *right):
        for item in _items(value):
            places.setdefault(item, len(places))

    def multi_hot(values: Column) -> NDArray[np.float32]:
        hot = np.zeros((len(values), len(places)), np.float32)
        for row, value in enumerate(values):
            hot[row, [places[item] for item in _items(value)]] = 1
        return hot

    shared: Mask = (multi_hot(left) @ multi_hot(right).T) > 0
    return shared


def _items(value: object) -> list[str]:
    assert value is None or isinstance(value, AbstractSet | Mapping)
    return sorted(value or ())


def _in_line(seekers: People, offerers: People, rule: Rule) -> Mask:
    managers: dict[str, str] = {}
    for people, column in ((seekers, rule.seeker_column), (offerers, rule.offerer_column)):
        for identity, manager in zip(people.identities(), people.columns[column], strict=True):
            if manager is not None:
                managers[identity] = str(manager)
    rows, columns = _index(seekers.identities()), _index(offerers.identities())
    mask = np.zeros((len(seekers), len(offerers)), bool)
    for identity in {*rows, *columns}:
        for above in _line(identity, managers, rule.depth):
            if identity in rows and above in columns:
                mask[rows[identity], columns[above]] = True
            if identity in columns and above in rows:
                mask[rows[above], columns[identity]] = True
    return mask


def _index(identities: Sequence[str]) -> dict[str, int]:
    return {identity: index for index, identity in enumerate(identities)}


def _line(identity: str, managers: Mapping[str, str], depth: int) -> list[str]:
    """Everybody above, nearest first; a circle in the data ends it."""
    line: list[str] = []
    above = managers.get(identity)
    while above is not None and above != identity and above not in line:
        line.append(above)
        if len(line) == depth:
            break
        above = managers.get(above)
    return line
