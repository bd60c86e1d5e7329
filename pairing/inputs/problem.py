"""A frozen snapshot, its texts read, as the engine's problem; needs no database, so any run can
be recomputed."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np
from django.utils.translation import gettext as _

from pairing.engine.circles.shapes import CirclesProblem
from pairing.engine.peers.shapes import PeersProblem
from pairing.engine.shapes import (
    IDENTITY,
    Bonus,
    Criterion,
    EngineError,
    Kind,
    Missing,
    People,
    Problem,
    Rule,
    RuleKind,
)
from pairing.inputs.bonuses import circle_favours, favour_labels, favours
from pairing.inputs.snapshot import Candidates, Columns, Couples, CriterionSpec, Snapshot

PARAMETERS = ("falloff", "enough_overlap", "working_minutes", "slot_minutes")
SKILLS = {Kind.OVERLAP, Kind.LEVELS}

PREFERRED = "pair:preferred"  # the colon keeps it apart from any criterion's key
PREFERRED_POINTS = 10_000  # a coordinator's wish: 10 of 100, enough to decide between near equals
# of a stored snapshot: text -> its vector, packed as pairing.inputs.text_vectors does
VECTORS = "vectors"


def bonus_labels() -> dict[str, str]:
    """Return what bonuses are called in a table of reasons, by key."""
    return favour_labels() | {PREFERRED: _("Preferred by a coordinator")}


def two_sides_of(snapshot: Snapshot) -> Problem:
    """Return seekers and offerers as a problem.

    Free text counts where the snapshot has its vectors, else `not_weighed` names it.
    Raises EngineError if a criterion's parameters cannot be read; so do the other two.
    """
    snapshot = read_texts(snapshot)
    rows, columns = snapshot.rows.places, snapshot.columns.places
    both_ways = [*snapshot.forbidden, *snapshot.met]
    problem = Problem(
        _people(snapshot.rows),
        _people(snapshot.columns),
        tuple(map(_criterion, snapshot.scores)),
        tuple(map(_rule, snapshot.rules)),
        locked=_pairs(_still_to_seat(snapshot), rows, columns),
        forbidden=_pairs(both_ways, rows, columns)
        | _pairs(((b, a) for a, b in both_ways), rows, columns),
        bonuses=_bonuses(snapshot, rows, columns),
    )
    more = favours(problem, snapshot, rows, columns)
    return replace(problem, bonuses=(*problem.bonuses, *more))


def peers_of(snapshot: Snapshot) -> PeersProblem:
    """Return one pool that is to be paired as a problem."""
    snapshot = read_texts(snapshot)
    who = snapshot.rows.places
    people = _people(snapshot.rows)
    sought = {
        _sought(key): tuple(_value(value) for value in values)
        for key, values in (snapshot.rows.sought or {}).items()
    }
    people = People(people.names, {**people.columns, **sought}, people.capacity)
    problem = PeersProblem(
        people,
        tuple(
            replace(criterion, seeker_column=_sought(criterion.key))
            for criterion in map(_criterion, snapshot.scores)
        ),
        tuple(
            replace(rule, seeker_column=_sought(rule.key)) for rule in map(_rule, snapshot.rules)
        ),
        bonuses=_bonuses(snapshot, who, who),
        locked=_pairs(_still_to_seat(snapshot), who, who),
        forbidden=_pairs([*snapshot.forbidden, *snapshot.parted], who, who),
        met=_pairs(snapshot.met, who, who),
        stood_in=snapshot.rows.stood_in,
    )
    more = favours(problem.as_two_sides(), snapshot, who, who, one_pool=True)
    return replace(problem, bonuses=(*problem.bonuses, *more))


def _sought(key: str) -> str:
    return f"{key} sought"


def _bonuses(
    snapshot: Snapshot, rows: dict[str, int], columns: dict[str, int]
) -> tuple[Bonus, ...]:
    preferred = _pairs(snapshot.preferred, rows, columns)
    return (Bonus(PREFERRED, dict.fromkeys(preferred, PREFERRED_POINTS)),) if preferred else ()


def not_weighed(snapshot: Snapshot) -> list[str]:
    """Return the keys of criteria that this run does not weigh: free text needs `semantic`."""
    return [] if snapshot.vectors is not None else sorted(text_keys(snapshot))


def circles_of(snapshot: Snapshot) -> CirclesProblem:
    """Return one pool that is to sit in circles as a problem.

    Skills, levels, differences and free time are what a circle has as a whole; all else is what
    each two of it have, as in pairs.
    """
    snapshot = read_texts(snapshot)
    who, scores = snapshot.rows.places, snapshot.scores

    def columns(kinds: set[Kind]) -> tuple[str, ...]:
        return tuple(spec.key for spec in scores if spec.kind in kinds)

    free = next((spec for spec in scores if spec.kind == Kind.AVAILABILITY), None)
    used = {*columns(SKILLS), *columns({Kind.GAP}), *columns({Kind.DIFFERENT})}
    used |= {free.key} if free else set()
    people, rules = _people(snapshot.rows), tuple(map(_rule, snapshot.rules))
    as_pairs = Problem(people, people, tuple(map(_criterion, scores)), rules)
    problem = CirclesProblem(
        people,
        skills_columns=columns(SKILLS),
        level_columns=columns({Kind.GAP}),
        diversity_columns=columns({Kind.DIFFERENT}),
        weights={spec.key: spec.weight for spec in scores if spec.key in used},
        rules=rules,
        together=_pairs(_still_to_seat(snapshot), who, who),
        apart=_pairs([*snapshot.forbidden, *snapshot.met], who, who),
        met=_pairs(snapshot.sat_together, who, who),
        company_columns=tuple(
            spec.key
            for spec in scores
            if spec.kind == Kind.DIFFERENT and spec.parameters.get("company")
        ),
        criteria=tuple(one for one in as_pairs.criteria if one.key not in used),
        bonuses=(
            *_bonuses(replace(snapshot, preferred=_both_ways(snapshot.preferred)), who, who),
            *circle_favours(as_pairs, snapshot, who),
        ),
        first=frozenset(who[one] for one in snapshot.first if one in who),
    )
    return _with_free_time(problem, free) if free else problem


def _both_ways(couples: Couples) -> Couples:
    return (*couples, *((second, first) for first, second in couples))


def _with_free_time(problem: CirclesProblem, spec: CriterionSpec) -> CirclesProblem:
    criterion = _criterion(spec)
    required = _read(spec.key, lambda: int(spec.parameters.get("required_minutes") or 0))
    return replace(
        problem,
        free_column=criterion.key,
        slot_minutes=criterion.slot_minutes,
        enough_minutes=criterion.enough_overlap,
        required_minutes=required,
    )


def _still_to_seat(snapshot: Snapshot) -> Couples:
    """Return the locks that are not yet fulfilled: who already works together is left alone."""
    met = {frozenset(pair) for pair in snapshot.met}
    return tuple(pair for pair in snapshot.locked if frozenset(pair) not in met)


def _people(side: Candidates) -> People:
    columns: dict[str, tuple[Any, ...]] = {
        key: tuple(_value(value) for value in values) for key, values in side.columns.items()
    }
    columns[IDENTITY] = side.members
    return People(side.names, columns, side.capacity)


def _value(value: Any) -> Any:
    return frozenset(value) if isinstance(value, list) else value


def _criterion(spec: CriterionSpec) -> Criterion:
    parameters, key = spec.parameters, spec.key
    plain = _read(
        key, lambda: {name: parameters[name] for name in PARAMETERS if name in parameters}
    )
    ideal = _read(key, lambda: tuple(float(bound) for bound in parameters.get("ideal", (1, 2))))
    if len(ideal) != 2:
        raise EngineError(f"The ideal gap of {key!r} needs a lowest and a highest.", rule=key)
    if spec.kind == Kind.AVAILABILITY:
        plain.setdefault("slot_minutes", 30)
    return Criterion(
        key,
        cast(Kind, spec.kind) if spec.kind not in set(Kind) else Kind(spec.kind),
        key,
        key,
        spec.weight,
        missing=_read(key, lambda: Missing(parameters.get("missing", "neutral"))),
        ideal=(ideal[0], ideal[1]),
        **plain,
    )


def _rule(spec: CriterionSpec) -> Rule:
    key, parameters = spec.key, spec.parameters
    depth = _read(key, lambda: int(parameters.get("depth") or 0))
    most_apart = _read(key, lambda: round(60 * float(parameters.get("hours_apart", 3))))
    return Rule(key, _read(key, lambda: RuleKind(spec.kind)), key, key, depth, most_apart)


def _read(key: str, get: Callable[[], Any]) -> Any:
    try:
        return get()
    except (TypeError, ValueError, KeyError) as error:
        raise EngineError(f"The settings of {key!r} cannot be read: {error}.", rule=key) from None


def _pairs(
    pairs: Iterable[tuple[str, str]], rows: dict[str, int], columns: dict[str, int]
) -> frozenset[tuple[int, int]]:
    """Return the pairs as indexes; whoever is no candidate any more falls out."""
    return frozenset(
        (rows[first], columns[second])
        for first, second in pairs
        if first in rows and second in columns
    )


def has_candidates(snapshot: Snapshot) -> bool:
    if snapshot.peers is not None:
        return len(snapshot.peers) > 1
    return bool(snapshot.rows and snapshot.columns)


def text_keys(snapshot: Snapshot) -> set[str]:
    return {spec.key for spec in snapshot.criteria if spec.kind == Kind.TEXT}


def texts_of(snapshot: Snapshot) -> set[str]:
    keys = text_keys(snapshot)
    return {
        text
        for side in snapshot.by_part.values()
        for columns in (side.columns, side.sought or {})
        for key in keys & columns.keys()
        for text in columns[key]
        if text is not None
    }


def read_texts(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with vectors in the place of texts; without vectors, without those."""
    keys = text_keys(snapshot)
    if not keys:
        return snapshot
    read = {text: unpacked(packed) for text, packed in (snapshot.vectors or {}).items()}

    def in_vectors(side: Candidates | None) -> Candidates | None:
        if side is None:
            return None
        sought = None if side.sought is None else _in_vectors(side.sought, keys, read)
        return replace(side, columns=_in_vectors(side.columns, keys, read), sought=sought)

    weighed = snapshot.vectors is not None
    return replace(
        snapshot,
        criteria=tuple(spec for spec in snapshot.criteria if weighed or spec.key not in keys),
        seekers=in_vectors(snapshot.seekers),
        offerers=in_vectors(snapshot.offerers),
        peers=in_vectors(snapshot.peers),
    )


def _in_vectors(columns: Columns, keys: set[str], read: Mapping[str, tuple[int, ...]]) -> Columns:
    return {
        key: [read.get(text) for text in values] if key in keys else values
        for key, values in columns.items()
    }


def unpacked(packed: str) -> tuple[int, ...]:
    return tuple(np.frombuffer(base64.b85decode(packed), "<i2").tolist())
