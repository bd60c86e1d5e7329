"""What a run is computed from, frozen; what a coordinator chooses to count; what was counted.

Needs no database.  What older runs did not know yet reads as nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy

from pairing.engine.shapes import RuleKind, Side

MENTEE, MENTOR, PEER = "mentee", "mentor", "peer"
PART_OF_SIDE: Mapping[Side, str] = {
    Side.SEEKER: MENTEE,
    Side.OFFERER: MENTOR,
    Side.PEER: PEER,
}
SCORE = "score"
COUPLES = ("locked", "preferred", "forbidden", "met", "parted", "sat_together", "avoided")
# numbers of rules that may be set in the studio: what they are, lowest, highest, step
LIMITS: Mapping[str, tuple[Any, float, float, float]] = {
    "hours_apart": (gettext_lazy("Hours apart at most"), 0, 12, 0.5),
}
ALWAYS_ON = frozenset({str(RuleKind.NEVER_MANAGER)})  # nobody is matched in a reporting line

Columns = Mapping[str, Sequence[Any]]  # criterion -> plain JSON of each person
Couples = tuple[tuple[str, str], ...]  # enrolment ids


class Shape(StrEnum):
    """Which kind of problem people and criteria make."""

    TWO_SIDES = "two_sides"
    PEER_PAIRS = "peer_pairs"
    CIRCLES = "circles"


@dataclass(frozen=True)
class CriterionSpec:
    """A criterion or rule as the run weighs it.

    words: what the keys of answers are called, so that reasons can be read years later.
    """

    key: str
    sort: str
    kind: str
    label: str
    weight: int
    seeker_field: str
    offerer_field: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_score(self) -> bool:
        return self.sort == SCORE

    @property
    def fields(self) -> tuple[str, str]:
        return self.seeker_field, self.offerer_field

    @property
    def terms(self) -> tuple[object, ...]:
        """Return what a score depends on: equal terms of all criteria give equal scores."""
        return self.key, self.kind, self.weight, *self.fields, self.parameters

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> CriterionSpec:
        return cls(**stored)

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Candidates:
    """One side, or the one pool: who, how many partners each takes, a column per criterion.

    capacity: 0 for whoever takes nobody at present.  seated: who has a partner already.
    Of peers to be paired, columns are what they offer, sought is what they seek, and stood_in
    how often each has been one of three; sought is None for everybody else.
    """

    enrolments: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    capacity: tuple[int, ...] = ()
    seated: tuple[bool, ...] = ()
    columns: Columns = field(default_factory=dict)
    sought: Columns | None = None
    stood_in: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.enrolments)

    @property
    def places(self) -> dict[str, int]:
        """Return the engine's number of each enrolment."""
        return {enrolment: place for place, enrolment in enumerate(self.enrolments)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Candidates:
        return cls(
            enrolments=tuple(stored["enrolments"]),
            members=tuple(stored["members"]),
            names=tuple(stored["names"]),
            capacity=tuple(stored["capacity"]),
            seated=tuple(stored["seated"]),
            columns=stored["columns"],
            sought=stored.get("sought"),
            stood_in=tuple(stored.get("stood_in", ())),
        )

    def as_json(self) -> dict[str, object]:
        stored: dict[str, object] = {
            "enrolments": list(self.enrolments),
            "members": list(self.members),
            "names": list(self.names),
            "capacity": list(self.capacity),
            "seated": list(self.seated),
            "columns": dict(self.columns),
        }
        if self.sought is not None:
            stored |= {"sought": dict(self.sought), "stood_in": list(self.stood_in)}
        return stored


@dataclass(frozen=True)
class Snapshot:
    """Everything a matching of a cohort depends on.

    Two sides have seekers and offerers, one pool has peers.  Pairs are of enrolments: locked,
    preferred and forbidden by a coordinator; met have been partners, parted ended early,
    sat_together shared a circle.  wishes: asker, wished, rank.  first: who goes first;
    avoided: who, and what is to be different.  unaccepted: how many have not accepted the
    expectations, and are in it only where the run says so; untrained: how many have a required
    lesson to do, and are not in it.  vectors: what free texts mean, packed;
    None where nobody has read them.
    """

    format: str
    criteria: tuple[CriterionSpec, ...]
    seekers: Candidates | None = None
    offerers: Candidates | None = None
    peers: Candidates | None = None
    sizes: tuple[int, int] = (2, 2)
    locked: Couples = ()
    preferred: Couples = ()
    forbidden: Couples = ()
    met: Couples = ()
    parted: Couples = ()
    sat_together: Couples = ()
    wishes: tuple[tuple[str, str, int], ...] = ()
    first: tuple[str, ...] = ()
    avoided: Couples = ()
    unaccepted: int = 0
    untrained: int = 0
    vectors: Mapping[str, str] | None = None
    version: int = 1

    @property
    def shape(self) -> Shape:
        """Return the kind of problem; of old, one pool that is to be paired was circles of two."""
        if self.peers is None:
            return Shape.TWO_SIDES
        return Shape.CIRCLES if self.peers.sought is None else Shape.PEER_PAIRS

    @property
    def by_part(self) -> dict[str, Candidates]:
        sides = {MENTEE: self.seekers, MENTOR: self.offerers, PEER: self.peers}
        return {part: side for part, side in sides.items() if side is not None}

    @property
    def rows(self) -> Candidates:
        """Return who stands as seekers: mentees, or the one pool."""
        side = self.seekers if self.peers is None else self.peers
        return Candidates() if side is None else side

    @property
    def columns(self) -> Candidates:
        """Return who stands as offerers: mentors, or the one pool."""
        side = self.offerers if self.peers is None else self.peers
        return Candidates() if side is None else side

    @property
    def scores(self) -> tuple[CriterionSpec, ...]:
        return tuple(spec for spec in self.criteria if spec.is_score)

    @property
    def rules(self) -> tuple[CriterionSpec, ...]:
        return tuple(spec for spec in self.criteria if not spec.is_score)

    @property
    def labels(self) -> dict[str, str]:
        return {spec.key: spec.label for spec in self.criteria}

    @property
    def names(self) -> dict[str, str]:
        return {
            enrolment: name
            for side in self.by_part.values()
            for enrolment, name in zip(side.enrolments, side.names, strict=True)
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Snapshot:
        def side(name: str) -> Candidates | None:
            return Candidates.from_json(stored[name]) if name in stored else None

        def couples(name: str) -> Couples:
            return tuple((first, second) for first, second in stored.get(name, ()))

        fewest, most = stored.get("sizes", (2, 2))
        return cls(
            format=stored.get("format", ""),
            criteria=tuple(map(CriterionSpec.from_json, stored.get("criteria", ()))),
            seekers=side("seekers"),
            offerers=side("offerers"),
            peers=side("peers"),
            sizes=(fewest, most),
            locked=couples("locked"),
            preferred=couples("preferred"),
            forbidden=couples("forbidden"),
            met=couples("met"),
            parted=couples("parted"),
            sat_together=couples("sat_together"),
            wishes=tuple((who, whom, rank) for who, whom, rank in stored.get("wishes", ())),
            first=tuple(stored.get("first", ())),
            avoided=couples("avoided"),
            unaccepted=stored.get("unaccepted", 0),
            untrained=stored.get("untrained", 0),
            vectors=stored.get("vectors"),
            version=stored.get("version", 1),
        )

    def as_json(self) -> dict[str, object]:
        sides = {"seekers": self.seekers, "offerers": self.offerers, "peers": self.peers}
        stored: dict[str, object] = {
            "version": self.version,
            "format": self.format,
            "sizes": list(self.sizes),
            "criteria": [spec.as_json() for spec in self.criteria],
            **{name: side.as_json() for name, side in sides.items() if side is not None},
            **{name: [list(pair) for pair in getattr(self, name)] for name in COUPLES},
            "wishes": [list(wish) for wish in self.wishes],
            "first": list(self.first),
        }
        if self.unaccepted:
            stored["unaccepted"] = self.unaccepted
        if self.untrained:
            stored["untrained"] = self.untrained
        if self.vectors is not None:
            stored["vectors"] = dict(self.vectors)
        return stored


@dataclass(frozen=True)
class Facts:
    """What is counted and proved beside the proposals; None where this kind of run counts none.

    possible, allowed: pairs.  people: who has a partner.  total, best_total: points of all pairs,
    and the most that were found without what the aim puts before points; most_total: a bound on
    those, where it is not proved that there are no more.  demands: what circles put before points.
    met_again: pairs that are together again, of peers None where nobody has been; alone: people
    who are the only one of their kind in a circle; short: circles with less free time than they
    must share.  unused: keys of criteria and bonuses that were not weighed.
    """

    proved: bool = False
    possible: int | None = None
    allowed: int | None = None
    people: int | None = None
    total: int | None = None
    best_total: int | None = None
    most_total: int | None = None
    demands: Sequence[str] | None = None
    trios: int | None = None
    met_again: int | None = None
    alone: int | None = None
    short: int | None = None
    unused: Sequence[str] = ()

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Facts:
        """Return a run's stored facts; runs of old have counted less, and failed ones nothing."""
        known = {item.name for item in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})

    def as_json(self) -> dict[str, object]:
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Choice:
    """Weights by the criterion's key, rules that are off, and numbers in place of the design's."""

    weights: Mapping[str, int] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    limits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def applied_to(self, criteria: Iterable[CriterionSpec]) -> tuple[CriterionSpec, ...]:
        """Return the criteria of a snapshot as chosen; what the choice does not name stays."""
        chosen = []
        for spec in criteria:
            if spec.is_score:
                chosen.append(replace(spec, weight=self.weights.get(spec.key, spec.weight)))
            elif spec.key not in self.off or spec.kind in ALWAYS_ON:
                parameters = {**spec.parameters, **self.limits.get(spec.key, {})}
                chosen.append(replace(spec, parameters=parameters))
        return tuple(chosen)

    def differs_from(self, design: Sequence[CriterionSpec]) -> bool:
        """Say whether anything is chosen otherwise than the criteria of a design say."""
        return self.applied_to(design) != Choice().applied_to(design)

    def as_json(self) -> dict[str, object]:
        return {
            "weights": dict(sorted(self.weights.items())),
            "off": sorted(self.off),
            "limits": {
                key: dict(sorted(numbers.items())) for key, numbers in sorted(self.limits.items())
            },
        }


def choice_of(stored: Mapping[str, Any] | None) -> Choice | None:
    """Return a stored choice; None for "as the design says"."""
    if not stored:
        return None
    return Choice(
        weights={str(key): int(weight) for key, weight in stored["weights"].items()},
        off=frozenset(stored["off"]),
        limits={
            str(key): {str(name): float(value) for name, value in limits.items()}
            for key, limits in stored.get("limits", {}).items()
        },
    )
