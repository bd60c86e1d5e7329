"""A stored snapshot: the same JSON whoever reads it, and a problem of one of three kinds."""

import json

import pytest

from pairing.inputs.snapshot import Snapshot
from pairing.solve import compute, solver_of

CRITERION = {
    "key": "skills", "sort": "score", "kind": "levels", "label": "Skills", "weight": 5,
    "seeker_field": "answer:sought", "offerer_field": "answer:offered", "parameters": {},
    "words": {"go": "Go"},
}  # fmt: skip


def people(prefix, count):
    return {
        "enrolments": [f"{prefix}{i}" for i in range(count)],
        "members": [f"member {prefix}{i}" for i in range(count)],
        "names": [f"Name {prefix}{i}" for i in range(count)],
        "capacity": [1] * count,
        "seated": [False] * count,
        "columns": {"skills": [{"go": 1 + i % 2} for i in range(count)]},
    }


def stored(**more):
    pairs = {key: [] for key in ("locked", "preferred", "forbidden", "met", "parted")}
    favours = {"wishes": [], "first": [], "avoided": []}
    return {"version": 1, "sizes": [3, 4], "criteria": [CRITERION], **pairs, **favours, **more}


MENTORS = stored(
    format="mentor", seekers=people("s", 3), offerers=people("o", 3), locked=[["s0", "o1"]],
    wishes=[["s1", "o0", 1]], first=["s1"], avoided=[["s1", "goals"]], vectors={"x": "packed"},
)  # fmt: skip
PEERS = stored(
    format="pairs", met=[["p0", "p1"]],
    peers=people("p", 4) | {"sought": people("p", 4)["columns"], "stood_in": [0, 0, 1, 0]},
)  # fmt: skip
CIRCLES = stored(format="circles", peers=people("p", 7), sat_together=[["p0", "p1"]])


@pytest.mark.parametrize("as_stored", [MENTORS, PEERS, CIRCLES])
def test_a_snapshot_is_stored_as_it_was_read(as_stored):
    again = json.loads(json.dumps(Snapshot.from_json(as_stored).as_json()))

    assert again == {"sat_together": [], **as_stored}


@pytest.mark.parametrize("as_stored", [PEERS, CIRCLES])
def test_every_kind_of_problem_is_solved_and_compared_alike(as_stored):
    snapshot = Snapshot.from_json(as_stored)

    result = compute(snapshot, policy="best_total", seed=0)
    square = solver_of(snapshot).as_two_sides()

    seated = [who for proposal in result.proposals for who, _part in proposal.people]
    assert sorted(seated) == sorted(snapshot.rows.enrolments)
    assert square.seekers.names == square.offerers.names == snapshot.rows.names


def test_who_waits_or_wishes_may_fit_in_full_already():
    snapshot = Snapshot.from_json(MENTORS | {"avoided": [], "locked": [], "vectors": None})

    result = compute(snapshot, policy="best_total", seed=0)

    assert all(proposal.score <= 100 for proposal in result.proposals)
    assert len(result.proposals) == 3
