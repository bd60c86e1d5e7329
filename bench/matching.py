"""How fast the matching engine is, beside a limit (bare sgemm) and a naive scorer, in one run.

    python -m bench.matching [--quick]

Prints one JSON line a row and ends with the goals; asserts nothing. The input is made
here from a fixed seed. scipy and lapx, the peers of docs/adr/0004, join when they can
be imported; we depend on neither.
"""

import argparse
import importlib
import json
import random
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from pairing.engine import (
    Criterion,
    Kind,
    People,
    Policy,
    Problem,
    Rule,
    RuleKind,
    explain,
    match,
    verify,
)
from pairing.engine.blocks import total_points
from pairing.engine.board import build_board
from pairing.engine.shapes import no_progress

BENCH = "matching"
SKILLS = [f"skill {k}" for k in range(40)]
ZONES = [-480, -300, 0, 60, 120, 330, 480]


def make_side(random_: random.Random, prefix: str, size: int, capacity: int) -> People:
    def column(make: Callable[[], Any]) -> tuple[Any, ...]:
        return tuple(make() for _ in range(size))

    return People(
        tuple(f"{prefix}{i}" for i in range(size)),
        {
            "skills": column(
                lambda: {skill: random_.randint(1, 5) for skill in random_.sample(SKILLS, 4)}
            ),
            "interests": column(lambda: frozenset(random_.sample("abcdefghij", 3))),
            "department": column(lambda: random_.choice("ABCDEFGHIJKL")),
            "grade": column(lambda: random_.randint(1, 9)),
            "zone": column(lambda: random_.choice(ZONES)),
            "languages": column(lambda: frozenset(random_.sample(["de", "en", "es", "fr"], 2))),
        },
        (capacity,) * size,
    )


def make_problem(seekers: int, offerers: int, capacity: int = 1) -> Problem:
    """Return a cohort of this size, the same every time."""
    random_ = random.Random(seekers * 1_000_003 + offerers)
    return Problem(
        make_side(random_, "s", seekers, 1),
        make_side(random_, "o", offerers, capacity),
        (
            Criterion("skills", Kind.LEVELS, "skills", "skills", 8),
            Criterion("interests", Kind.OVERLAP, "interests", "interests", 3),
            Criterion("department", Kind.DIFFERENT, "department", "department", 2),
            Criterion("grade", Kind.GAP, "grade", "grade", 5),
            Criterion("zone", Kind.TIMEZONE, "zone", "zone", 4, enough_overlap=300),
        ),
        (Rule("language", RuleKind.MUST_SHARE, "languages", "languages"),),
    )


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def row(case: str, size: str, method: str, seconds: float, **more: object) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = {"bench": BENCH, "case": case, "size": size, "method": method}
    figures = {"seconds": round(seconds, 4), "peak_mb": round(peak), **more}
    print(json.dumps(line | figures), flush=True)


def bench_policies(n: int, m: int, capacity: int, goals: list[dict[str, object]]) -> None:
    """Every policy from columns to proof, and the independent check of the first."""
    problem, size = make_problem(n, m, capacity), f"{n} x {m} x {capacity}"
    for policy in Policy:
        seconds, matching = timed(lambda policy=policy: match(problem, policy=policy))
        facts = {"objective": matching.objective, "gap_ppm": matching.gap_ppm}
        row("match", size, policy, seconds, rounds=matching.rounds, **facts)
        if n == 240 and policy is Policy.NOBODY_LEFT_OUT:
            goals.append(goal("240 people under 1 s", 1.0, seconds, seconds <= 1))
        if policy is Policy.NOBODY_LEFT_OUT:
            row("verify", size, policy, timed(lambda found=matching: verify(problem, found))[0])


def bench_peers(n: int, goals: list[dict[str, object]]) -> None:
    """Our whole run against peers who are given the scores; equal objective or it says so."""
    problem = make_problem(n, n)
    seconds, matching = timed(lambda: match(problem, policy=Policy.BEST_TOTAL))
    row("best_total", f"{n} x {n}", "ours", seconds, objective=matching.objective)
    board = build_board(problem, no_progress)
    ready = np.maximum(board.scores, 0)
    for name, solve in peers().items():
        peer_seconds, pairs = timed(lambda solve=solve: solve(ready))
        objective = int(ready[pairs].sum(dtype=np.int64))
        ratio = round(peer_seconds / seconds, 2)
        same = objective == matching.objective
        row("best_total", f"{n} x {n}", name, peer_seconds, objective=objective, ratio=ratio)
        if n == 5000 and name == "scipy":
            held = same and ratio >= 10
            goals.append(goal("5,000: 10 x scipy's speed, same objective", 10, ratio, held))


def peers() -> dict[str, Callable[[Any], Any]]:
    """Return the solvers that happen to be installed, each from scores to (rows, columns)."""
    found: dict[str, Callable[[Any], Any]] = {}
    try:
        scipy = importlib.import_module("scipy.optimize")
        found["scipy"] = lambda scores: scipy.linear_sum_assignment(scores, maximize=True)
    except ImportError:
        pass
    try:
        lap = importlib.import_module("lap")
        found["lapx"] = lambda scores: (
            np.arange(len(scores)),
            lap.lapjv(-scores.astype(float))[1],
        )
    except ImportError:
        pass
    return found


def bench_scoring(n: int, goals: list[dict[str, object]]) -> None:
    """The scoring kernel against a bare product of the same shape and plain Python."""
    problem, size = make_problem(n, n), f"{n} x {n}"
    features = 100
    left = np.ones((n, features), np.float32)
    right = np.ones((features, n), np.float32)
    gemm, _ = timed(lambda: left @ right)
    row("score", size, "sgemm, 100 features", gemm, rows_per_s=round(n * n / gemm))
    ours, scores = timed(lambda: total_points(problem, no_progress))
    row("score", size, "ours", ours, rows_per_s=round(n * n / ours), ratio=round(gemm / ours, 2))
    sample = 200
    naive, parts = timed(lambda: [explain(problem, 0, j) for j in range(sample)])
    same = [sum(part.points for part in pair) for pair in parts] == scores[0, :sample].tolist()
    per_second = round(sample / naive)
    row("score", size, "pair by pair", naive, rows_per_s=per_second, same_scores=same)
    goals.append(goal("kernel at 0.3 of sgemm", 0.3, round(gemm / ours, 2), gemm / ours >= 0.3))


def goal(text: str, bound: float, got: float, held: bool) -> dict[str, object]:
    return {"goal": text, "bound": bound, "got": round(got, 3), "held": bool(held)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under a minute")
    quick = parser.parse_args().quick
    goals: list[dict[str, object]] = []
    bench_policies(240, 240, 1, goals)
    bench_policies(240, 80, 4, goals=[])
    bench_scoring(1000 if quick else 5000, goals)
    for n in (100, 1000) if quick else (100, 1000, 5000):
        bench_peers(n, goals)
    if not quick:
        bench_policies(2000, 600, 4, goals)
    print(json.dumps({"bench": BENCH, "goals": goals}))


if __name__ == "__main__":
    main()
