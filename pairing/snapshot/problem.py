"""A frozen snapshot as the engine's problem; needs no database, so any run can be recomputed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

from pairing.engine import (
    IDENTITY,
    Bonus,
    CirclesProblem,
    Criterion,
    EngineError,
    Kind,
    Missing,
    PeersProblem,
    People,
    Problem,
    Rule,
    RuleKind,
)
from pairing.snapshot.favours import FIRST, favours
from pairing.snapshot.texts import VECTORS, read_texts, text_keys

Snapshot = dict[str, Any]
AnyProblem = Problem | CirclesProblem | PeersProblem

PARAMETERS = ("falloff", "enough_overlap", "working_minutes", "slot_minutes")
SKILLS = {Kind.OVERLAP, Kind.LEVELS}

PREFERRED = "pair:preferred"  # the colon keeps it apart from any criterion's key
PREFERRED_POINTS = 10_000  # a coordinator's wish: 10 of 100, enough to decide between near equals


@dataclass(frozen=True)
class Sides:
    """Who stands where in the engine's numbers: enrolment ids by index."""

    seekers: tuple[str, ...] = ()
    offerers: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()


def sides_of(snapshot: Snapshot) -> Sides:
    """Return the enrolments behind the engine's indexes."""
    return Sides(*(_ids(snapshot, name) for name in ("seekers", "offerers", "peers")))


def _ids(snapshot: Snapshot, side: str) -> tuple[str, ...]:
    return tuple(snapshot.get(side, {}).get("enrolments", ()))


def names_of(snapshot: Snapshot) -> dict[str, str]:
    """Return the names of everybody in a snapshot, by enrolment."""
    return {
        enrolment: name
        for side in ("seekers", "offerers", "peers")
        if side in snapshot
        for enrolment, name in zip(
            snapshot[side]["enrolments"], snapshot[side]["names"], strict=True
        )
    }


def problem_of(snapshot: Snapshot) -> AnyProblem:
    """Return the problem the snapshot describes: two sides, pairs of one pool, or circles of it.

    Free text counts where the snapshot has its vectors, else `not_weighed` names it.
    Raises EngineError if a criterion's parameters cannot be read.
    """
    snapshot = read_texts(snapshot)
    scores = [each for each in snapshot["criteria"] if each["sort"] == "score"]
    rules = tuple(_rule(each) for each in snapshot["criteria"] if each["sort"] == "rule")
    if is_peer_pairs(snapshot):
        return _peer_pairs(snapshot, scores)
    if "peers" in snapshot:
        return _circles(snapshot, scores, rules)
    seekers, offerers = _people(snapshot["seekers"]), _people(snapshot["offerers"])
    rows, columns = _index(_ids(snapshot, "seekers")), _index(_ids(snapshot, "offerers"))
    both_ways = [*snapshot["forbidden"], *snapshot["met"]]
    problem = Problem(
        seekers,
        offerers,
        tuple(_criterion(each) for each in scores),
        rules,
        locked=_pairs(_still_to_seat(snapshot), rows, columns),
        forbidden=_pairs(both_ways, rows, columns)
        | _pairs(((b, a) for a, b in both_ways), rows, columns),
        bonuses=_bonuses(snapshot, rows, columns),
    )
    more = favours(problem, snapshot, rows, columns)
    return replace(problem, bonuses=(*problem.bonuses, *more))


def is_peer_pairs(snapshot: Snapshot) -> bool:
    """Say whether the snapshot's one pool is to be paired; of old, pools were circles of two."""
    return "sought" in snapshot.get("peers", {})


def _peer_pairs(snapshot: Snapshot, scores: list[dict[str, Any]]) -> PeersProblem:
    side = snapshot["peers"]
    who = _index(_ids(snapshot, "peers"))
    people = _people(side)
    sought = {
        _sought(key): tuple(_value(value) for value in values)
        for key, values in side["sought"].items()
    }
    people = People(people.names, {**people.columns, **sought}, people.capacity)
    rules = (_rule(each) for each in snapshot["criteria"] if each["sort"] == "rule")
    problem = PeersProblem(
        people,
        tuple(replace(each, seeker_column=_sought(each.key)) for each in map(_criterion, scores)),
        tuple(replace(each, seeker_column=_sought(each.key)) for each in rules),
        bonuses=_bonuses(snapshot, who, who),
        locked=_pairs(_still_to_seat(snapshot), who, who),
        forbidden=_pairs([*snapshot["forbidden"], *snapshot.get("parted", [])], who, who),
        met=_pairs(snapshot["met"], who, who),
        stood_in=tuple(side["stood_in"]),
    )
    more = favours(problem.as_two_sides(), snapshot, who, who, one_pool=True)
    return replace(problem, bonuses=(*problem.bonuses, *more))


def _sought(key: str) -> str:
    return f"{key} sought"


def _bonuses(
    snapshot: Snapshot, rows: dict[str, int], columns: dict[str, int]
) -> tuple[Bonus, ...]:
    """Return what chosen pairs get beside the criteria; snapshots of old have none."""
    preferred = _pairs(snapshot.get("preferred", []), rows, columns)
    return (Bonus(PREFERRED, dict.fromkeys(preferred, PREFERRED_POINTS)),) if preferred else ()


def not_weighed(snapshot: Snapshot) -> list[str]:
    """Return the keys of score criteria and bonuses that this snapshot's run does not weigh.

    Forming circles weighs some kinds only, and free text needs the extra `semantic`.
    """
    if "peers" not in snapshot or is_peer_pairs(snapshot):
        return [] if VECTORS in snapshot else sorted(text_keys(snapshot))
    usable = {*SKILLS, Kind.GAP, Kind.DIFFERENT, Kind.AVAILABILITY}
    said = [PREFERRED] * bool(snapshot.get("preferred")) + [FIRST] * bool(snapshot.get("first"))
    return said + [
        each["key"]
        for each in snapshot["criteria"]
        if each["sort"] == "score" and each["kind"] not in usable
    ]


def _circles(
    snapshot: Snapshot, scores: list[dict[str, Any]], rules: tuple[Rule, ...]
) -> CirclesProblem:
    who = _index(_ids(snapshot, "peers"))

    def columns(kinds: set[Kind]) -> tuple[str, ...]:
        return tuple(each["key"] for each in scores if each["kind"] in kinds)

    free = next((each for each in scores if each["kind"] == Kind.AVAILABILITY), None)
    used = {*columns(SKILLS), *columns({Kind.GAP}), *columns({Kind.DIFFERENT})}
    used |= {free["key"]} if free else set()
    return CirclesProblem(
        _people(snapshot["peers"]),
        skills_columns=columns(SKILLS),
        level_columns=columns({Kind.GAP}),
        diversity_columns=columns({Kind.DIFFERENT}),
        weights={each["key"]: each["weight"] for each in scores if each["key"] in used},
        rules=rules,
        together=_pairs(_still_to_seat(snapshot), who, who),
        apart=_pairs([*snapshot["forbidden"], *snapshot["met"]], who, who),
        met=_pairs(snapshot.get("sat_together", []), who, who),
        company_columns=tuple(
            each["key"]
            for each in scores
            if each["kind"] == Kind.DIFFERENT and each["parameters"].get("company")
        ),
        **(_free_time(free) if free else {}),
    )


def _free_time(criterion: dict[str, Any]) -> dict[str, Any]:
    """Return what a circle's common free time is measured by."""
    read, given = _criterion(criterion), criterion["parameters"]
    return {
        "free_column": read.key,
        "slot_minutes": read.slot_minutes,
        "enough_minutes": read.enough_overlap,
        "required_minutes": _read(read.key, lambda: int(given.get("required_minutes") or 0)),
    }


def _still_to_seat(snapshot: Snapshot) -> list[list[str]]:
    """Return the locks that are not yet fulfilled: who already works together is left alone."""
    met = {frozenset(pair) for pair in snapshot["met"]}
    return [pair for pair in snapshot["locked"] if frozenset(pair) not in met]


def _people(side: dict[str, Any]) -> People:
    columns: dict[str, tuple[Any, ...]] = {
        key: tuple(_value(value) for value in values) for key, values in side["columns"].items()
    }
    columns[IDENTITY] = tuple(side["members"])
    return People(tuple(side["names"]), columns, tuple(side["capacity"]))


def _value(value: Any) -> Any:
    return frozenset(value) if isinstance(value, list) else value


def _criterion(each: dict[str, Any]) -> Criterion:
    given, key = each["parameters"], each["key"]
    plain = _read(key, lambda: {name: given[name] for name in PARAMETERS if name in given})
    ideal = _read(key, lambda: tuple(float(bound) for bound in given.get("ideal", (1, 2))))
    if len(ideal) != 2:
        raise EngineError(f"The ideal gap of {key!r} needs a lowest and a highest.", rule=key)
    if each["kind"] == Kind.AVAILABILITY:
        plain.setdefault("slot_minutes", 30)
    return Criterion(
        key,
        cast(Kind, each["kind"]) if each["kind"] not in set(Kind) else Kind(each["kind"]),
        key,
        key,
        each["weight"],
        missing=_read(key, lambda: Missing(given.get("missing", "neutral"))),
        ideal=(ideal[0], ideal[1]),
        **plain,
    )


def _rule(each: dict[str, Any]) -> Rule:
    key, kind = each["key"], each["kind"]
    given = each["parameters"]
    depth = _read(key, lambda: int(given.get("depth") or 0))
    most_apart = _read(key, lambda: round(60 * float(given.get("hours_apart", 3))))
    return Rule(key, _read(key, lambda: RuleKind(kind)), key, key, depth, most_apart)


def _read(key: str, get: Callable[[], Any]) -> Any:
    try:
        return get()
    except (TypeError, ValueError, KeyError) as error:
        raise EngineError(f"The settings of {key!r} cannot be read: {error}.", rule=key) from None


def _index(ids: Iterable[str]) -> dict[str, int]:
    return {each: index for index, each in enumerate(ids)}


def _pairs(
    pairs: Iterable[Iterable[str]], rows: dict[str, int], columns: dict[str, int]
) -> frozenset[tuple[int, int]]:
    """Return the pairs as indexes; whoever is no candidate any more falls out."""
    return frozenset(
        (rows[first], columns[second])
        for first, second in pairs
        if first in rows and second in columns
    )
