"""Which pairs are allowed, and which rule forbids the others.

A rule is kept in the form it is asked in, never as a table of all pairs: bits that two
must share, codes that must differ, or a list of pairs. Each form answers for a block of
rows and columns, and for pairs one by one.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pairing.engine.shapes import DAY_MINUTES, Column, People, Problem, Rule, RuleKind, Value
from pairing.engine.sparse import EVERYBODY, Index, Sparse

Mask = NDArray[np.bool_]

SAME_PERSON = "never_same_person"  # always on, with no Rule of its own
FORBIDDEN = "forbidden"  # the pairs a coordinator ruled out by hand
WORD = 64  # bits in one number


class Ban(Protocol):
    """The pairs that one rule forbids."""

    def mask(self, rows: Index, columns: Index) -> Mask:
        """Return which pairs of these seekers and these offerers are forbidden."""

    def at(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Mask:
        """Return which of these pairs, one seeker and one offerer each, are forbidden."""


@dataclass(frozen=True)
class NothingShared:
    """Forbids two who have no bit in common; `seekers` and `offerers` are people × words.

    Words are as narrow as their bits allow: comparing bytes is eight times quicker.
    """

    seekers: NDArray[Any]
    offerers: NDArray[Any]

    @classmethod
    def of(cls, seekers: Sequence[Iterable[int]], offerers: Sequence[Iterable[int]]) -> Ban:
        """Return the ban on who shares none of these bit numbers."""
        highest = max((bit for bits in (*seekers, *offerers) for bit in bits), default=0)
        return cls(_words(seekers, highest + 1), _words(offerers, highest + 1))

    def mask(self, rows: Index, columns: Index) -> Mask:
        left, right = self.seekers[rows], self.offerers[columns]
        shared = (left[:, :1] & right[:, 0]) != 0
        for word in range(1, left.shape[1]):
            shared |= (left[:, word : word + 1] & right[:, word]) != 0
        alone: Mask = np.logical_not(shared, out=shared)
        return alone

    def at(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Mask:
        alone: Mask = ~(self.seekers[rows] & self.offerers[columns]).any(axis=1)
        return alone


@dataclass(frozen=True)
class SameCode:
    """Forbids two of the same code; what is unknown has a code that the other side lacks."""

    seekers: NDArray[np.int32]
    offerers: NDArray[np.int32]

    @classmethod
    def of(cls, seekers: Column, offerers: Column) -> Ban:
        """Return the ban on equal values."""
        codes: dict[object, int] = {}
        a = [-1 if value is None else codes.setdefault(value, len(codes)) for value in seekers]
        b = [-2 if value is None else codes.setdefault(value, len(codes)) for value in offerers]
        return cls(np.array(a, np.int32), np.array(b, np.int32))

    def mask(self, rows: Index, columns: Index) -> Mask:
        same: Mask = self.seekers[rows][:, None] == self.offerers[columns]
        return same

    def at(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Mask:
        same: Mask = self.seekers[rows] == self.offerers[columns]
        return same


@dataclass(frozen=True)
class ForbiddenPairs:
    """Forbids pairs one by one."""

    pairs: Sparse

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]], seekers: int, offerers: int) -> "ForbiddenPairs":
        """Return the ban on these pairs."""
        return cls(Sparse.of(pairs, 1, seekers, offerers))

    def mask(self, rows: Index, columns: Index) -> Mask:
        found_rows, found_columns, _ = self.pairs.find(rows, columns)
        height = self.pairs.starts[1:][rows].size
        mask = np.zeros((height, np.arange(self.pairs.width)[columns].size), bool)
        mask[found_rows, found_columns] = True
        return mask

    def at(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Mask:
        banned: Mask = self.pairs.at(rows, columns) > 0
        return banned


def bans_of(problem: Problem) -> dict[str, Ban]:
    """Return what each rule forbids: never_same_person first, the pairs forbidden by hand last."""
    bans = _bans(problem.seekers, problem.offerers, problem.rules)
    n, m = len(problem.seekers), len(problem.offerers)
    bans[FORBIDDEN] = ForbiddenPairs.of(problem.forbidden, n, m)
    return bans


def blocked_by_rule(problem: Problem) -> dict[str, Mask]:
    """Return for each rule the pairs it forbids, as a table of seekers × offerers.

    In the order of `bans_of`. For pages and small pools: the table holds every pair.
    """
    return {key: ban.mask(EVERYBODY, EVERYBODY) for key, ban in bans_of(problem).items()}


def blocked_by(problem: Problem, i: int, j: int) -> tuple[str, ...]:
    """Return the keys of the rules that forbid this pair; empty if it is allowed."""
    row, column = np.array([i]), np.array([j])
    return tuple(key for key, ban in bans_of(problem).items() if ban.at(row, column)[0])


def rule_masks(seekers: People, offerers: People, rules: Sequence[Rule]) -> dict[str, Mask]:
    """Return for each rule the pairs it forbids, never_same_person first."""
    bans = _bans(seekers, offerers, rules)
    return {key: ban.mask(EVERYBODY, EVERYBODY) for key, ban in bans.items()}


def _bans(seekers: People, offerers: People, rules: Sequence[Rule]) -> dict[str, Ban]:
    bans = {SAME_PERSON: SameCode.of(seekers.identities(), offerers.identities())}
    for rule in rules:
        bans[rule.key] = _ban(seekers, offerers, rule)
    return bans


def _ban(seekers: People, offerers: People, rule: Rule) -> Ban:
    if rule.kind is RuleKind.NEVER_MANAGER:
        line = _reporting_pairs(seekers, offerers, rule)
        return ForbiddenPairs.of(line, len(seekers), len(offerers))
    left = seekers.columns[rule.seeker_column]
    right = offerers.columns[rule.offerer_column]
    if rule.kind is RuleKind.NEVER_SAME:
        return SameCode.of(left, right)
    if rule.kind is RuleKind.CLOCKS_WITHIN:
        return _far_apart(left, right, rule.most_apart)
    places: dict[str, int] = {}

    def bits(column: Column) -> list[list[int]]:
        return [
            [places.setdefault(item, len(places)) for item in _items(value)] for value in column
        ]

    return NothingShared.of(bits(left), bits(right))


def _far_apart(seekers: Column, offerers: Column, most: int) -> Ban:
    """Return the ban on minutes from UTC that lie more than `most` apart.

    Clocks are a circle, so 23 hours apart is one. Each clock of an offerer is a bit, which
    the seekers near it share; the unknown are near to all.
    """
    places: dict[Value, int] = {None: 0}
    theirs = [[places.setdefault(value, len(places))] for value in offerers]
    near: dict[Value, list[int]] = {None: list(places.values())}
    for value in seekers:
        if value not in near:
            near[value] = [bit for clock, bit in places.items() if _apart(value, clock) <= most]
    return NothingShared.of([near[value] for value in seekers], theirs)


def _apart(one: Value, other: Value) -> float:
    if one is None or other is None:
        return 0
    assert isinstance(one, int | float)
    assert isinstance(other, int | float)
    minutes = abs(one - other) % DAY_MINUTES
    return min(minutes, DAY_MINUTES - minutes)


def _words(bits: Sequence[Iterable[int]], size: int) -> NDArray[Any]:
    widths = [np.uint8, np.uint16, np.uint32, np.uint64]
    width = next((one for one in widths if size <= 8 * np.dtype(one).itemsize), np.uint64)
    masks = [sum(1 << bit for bit in set(row)) for row in bits]
    octets = np.dtype(width).itemsize * -(-size // WORD)
    raw = b"".join(mask.to_bytes(octets, "little") for mask in masks)
    return np.frombuffer(raw, np.dtype(width).newbyteorder("<")).reshape(
        len(masks), -(-size // WORD)
    )


def _items(value: object) -> Iterable[str]:
    assert value is None or isinstance(value, AbstractSet | Mapping)
    return value or ()


def _reporting_pairs(seekers: People, offerers: People, rule: Rule) -> set[tuple[int, int]]:
    managers: dict[str, str] = {}
    for people, column in ((seekers, rule.seeker_column), (offerers, rule.offerer_column)):
        for identity, manager in zip(people.identities(), people.columns[column], strict=True):
            if manager is not None:
                managers[identity] = str(manager)
    rows, columns = _index(seekers.identities()), _index(offerers.identities())
    pairs = set()
    for identity in {*rows, *columns}:
        for above in _line(identity, managers, rule.depth):
            if identity in rows and above in columns:
                pairs.add((rows[identity], columns[above]))
            if identity in columns and above in rows:
                pairs.add((rows[above], columns[identity]))
    return pairs


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
