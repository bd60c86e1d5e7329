"""Refuse pools that cannot be meant, naming the person and the rule."""

from pairing.engine.errors import EngineError
from pairing.engine.peers.shapes import PeersProblem
from pairing.engine.rules import blocked_by
from pairing.engine.shapes import Problem
from pairing.engine.validate import check_index_pairs, check_people, check_problem


def check_peers(problem: PeersProblem) -> None:
    """Raise EngineError for the first thing in the problem that cannot be meant."""
    people = problem.people
    check_people(people, "peers")
    two_sides = problem.as_two_sides()
    seekers = type(people)(people.names, people.columns, (1,) * len(people))
    sides = Problem(seekers, people, problem.criteria, problem.rules, bonuses=two_sides.bonuses)
    check_problem(sides)
    for pairs, what in (
        (problem.locked, "locked"),
        (problem.forbidden, "forbidden"),
        (problem.met, "met before"),
    ):
        check_index_pairs(pairs, people, people, what)
        for i, j in pairs:
            if i == j:
                name = people.names[i]
                raise EngineError(f"{name} is {what} with themselves.", person=name)
    if problem.stood_in and len(problem.stood_in) != len(people):
        raise EngineError(
            f"There are {len(problem.stood_in)} counts of the third for {len(people)} people."
        )
    _check_locks(problem, two_sides)


def _check_locks(problem: PeersProblem, two_sides: Problem) -> None:
    people, held = problem.people, set[int]()
    pairs = {frozenset(pair) for pair in problem.locked}
    for i, j in sorted(tuple(sorted(pair)) for pair in pairs):
        for one in (i, j):
            name = people.names[one]
            if one in held:
                raise EngineError(f"{name} is locked to more than one partner.", person=name)
            if not people.places()[one]:
                raise EngineError(f"{name} is locked to a partner but takes nobody.", person=name)
        held |= {i, j}
        broken = blocked_by(two_sides, i, j) or blocked_by(two_sides, j, i)
        if broken:
            why = "is forbidden" if broken[0] == "forbidden" else f"breaks the rule {broken[0]!r}"
            raise EngineError(
                f"{people.names[i]} with {people.names[j]} is locked but {why}.",
                person=people.names[i],
                rule=broken[0],
            )
