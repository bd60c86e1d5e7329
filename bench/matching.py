"""How fast the matching engine is, beside those who solve assignments, in one run.

    python -m bench.matching [--quick]

Prints one JSON line a row and ends with the goals; asserts nothing. Each row of
`best_total` is a process of its own, so that `peak_mb` is its own: ours from the people's
answers to the proof (again in a process that has matched before, as a worker has), the
peers from scores that are ready. A peer that is not installed, or would need more than a
minute or 3 GB, says so in its row. The input comes from a fixed seed.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the engine brings its own threads

import numpy as np

from bench._lines import Lines, best_of, peak_mb, timed, worked
from pairing.engine.blocks import total_points
from pairing.engine.board import TABLE_UP_TO, Aim, build_board, sweep
from pairing.engine.explain import explain
from pairing.engine.matching import match
from pairing.engine.shapes import (
    Criterion,
    Kind,
    People,
    Policy,
    Problem,
    Rule,
    RuleKind,
    no_progress,
)
from tests.pairing.engine.verify import verify

BENCH = "matching"
SKILLS = [f"skill {k}" for k in range(40)]
ZONES = [-480, -300, 0, 60, 120, 330, 480]
SIZES = (100, 1000, 2000, 5000, 10_000)
SMALL = 2000  # up to here ours, scoring and proof included, should take 1.2 x the fastest peer
# The largest size that each peer solves within a minute and 3 GB.
PEERS = {"scipy": 10_000, "lapx": 10_000, "munkres": 5000}
OURS_ALONE = ((20_000, 20_000, 1), (100_000, 30_000, 4))


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


def solve_scipy(scores: Any) -> Any:
    optimize = importlib.import_module("scipy.optimize")
    return lambda: optimize.linear_sum_assignment(scores, maximize=True)


def solve_lapx(scores: Any) -> Any:
    lap = importlib.import_module("lap")
    costs = -scores.astype(np.float32)
    return lambda: lap.lapjvs(costs, return_cost=False)


def solve_munkres(scores: Any) -> Any:
    munkres = importlib.import_module("munkres")
    costs = -scores
    return lambda: munkres.linear_sum_assignment(costs)


SOLVERS = {"scipy": solve_scipy, "lapx": solve_lapx, "munkres": solve_munkres}


def one_row(method: str, n: int, m: int, capacity: int) -> dict[str, object]:
    """Do one row of `best_total`; runs in a process of its own."""
    if method != "ours":
        ready = ready_scores(make_problem(n, m, capacity))
        seconds, pairs = worked(SOLVERS[method](ready))
        rows, columns = (np.asarray(side) for side in pairs)
        objective = int(ready[rows, columns].sum(dtype=np.int64))
        return {"seconds": seconds, "objective": objective, "peak_mb": own_peak_mb()}
    warm = make_problem(*((400, 300) if n * m > TABLE_UP_TO else (20, 20)))
    first, _ = timed(lambda: match(warm, policy=Policy.BEST_TOTAL))
    problem = make_problem(n, m, capacity)
    seconds, found = worked(lambda: match(problem, policy=Policy.BEST_TOTAL))
    return {
        "seconds": seconds,
        "objective": found.objective,
        "peak_mb": own_peak_mb(),
        "gap_ppm": found.gap_ppm,
        "rounds": found.rounds,
        "first_in_process": round(first, 2),
    }


def own_peak_mb() -> int:
    """Return the most memory of this program; getrusage would count the one that started it."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) // 1024 for line in status if "VmHWM" in line)
    except OSError:  # not Linux
        return round(peak_mb())


def ready_scores(problem: Problem) -> Any:
    """Return the table of scores that peers start from, 0 where a rule forbids a pair."""
    board = build_board(problem, no_progress)
    n, m = board.shape
    ready = np.zeros((n, m), np.int32)
    for start, block in board.blocks():
        ready[start : start + len(block)] = np.maximum(block, 0)
    return ready


def in_its_own_process(method: str, n: int, m: int, capacity: int) -> dict[str, Any]:
    row = [method, str(n), str(m), str(capacity)]
    command = [sys.executable, "-m", "bench.matching", "--row", *row]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1][:200]}
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def bench_best_total(lines: Lines, n: int, ours_before: dict[int, float]) -> None:
    """Our whole run beside peers who are given the scores; equal objective or it says so."""
    ours = in_its_own_process("ours", n, n, 1)
    size = f"{n} x {n}"
    ours_before[n] = ours["seconds"]
    lines.row("best_total", size, "ours", ours.pop("seconds"), **ours)
    fastest = 0.0
    for name, most in PEERS.items():
        if importlib.util.find_spec({"lapx": "lap"}.get(name, name)) is None:
            skip(size, name, "not installed")
        elif n > most:
            skip(size, name, "needs more than a minute or 3 GB")
        else:
            ratio = compare(lines, name, n, ours | {"seconds": ours_before[n]})
            fastest = min(ratio, fastest) if fastest and ratio else ratio or fastest
    if n <= SMALL and fastest:
        slower = 1 / fastest
        lines.goal(f"{n}: 1.2 x the fastest on ready scores", 1.2, slower, slower <= 1.2)


def compare(lines: Lines, name: str, n: int, ours: dict[str, Any]) -> float:
    """Print a peer's row; return how many times longer it took than ours, 0 if it failed."""
    size, peer = f"{n} x {n}", in_its_own_process(name, n, n, 1)
    if "failed" in peer:
        skip(size, name, peer["failed"])
        return 0
    ratio: float = round(peer["seconds"] / ours["seconds"], 4)
    same = peer["objective"] == ours["objective"]
    memory = round(ours["peak_mb"] / peer["peak_mb"], 2)
    seconds = peer.pop("seconds")
    lines.row("best_total", size, name, seconds, **peer, ratio=ratio, same_objective=same)
    if (n, name) == (5000, "scipy"):
        lines.goal("5,000: 10 x scipy on ready scores, same sum", 10, ratio, same and ratio >= 10)
    if (n, name) == (10_000, "lapx"):
        lines.goal("10,000: 2 x lapx on ready scores, same sum", 2, ratio, same and ratio >= 2)
        lines.goal("10,000: a fifth of lapx's memory", 0.2, memory, memory <= 0.2)
    return ratio


def skip(size: str, method: str, why: str) -> None:
    line = {"bench": BENCH, "case": "best_total", "size": size, "method": method, "skipped": why}
    print(json.dumps(line), flush=True)


def bench_alone(lines: Lines, n: int, m: int, capacity: int, before: dict[int, float]) -> None:
    ours = in_its_own_process("ours", n, m, capacity)
    seconds, peak = ours.pop("seconds"), ours["peak_mb"]
    lines.row("best_total", f"{n} x {m} x {capacity}", "ours", seconds, **ours)
    if n == m:
        growth = seconds / before[10_000]
        lines.goal("growth: twice the people, 4 x the time at most", 4, growth, growth <= 4)
    else:
        lines.goal("100,000 x 30,000 within 60 s", 60, seconds, seconds <= 60)
        lines.goal("100,000 x 30,000 within 1.5 GB", 1536, peak, peak <= 1536)


def bench_policies(lines: Lines, n: int, m: int, capacity: int) -> None:
    """Every policy from columns to proof, and the independent check."""
    problem, size = make_problem(n, m, capacity), f"{n} x {m} x {capacity}"
    for policy in Policy:
        seconds, found = timed(partial(match, problem, policy=policy))
        lines.row("match", size, policy, seconds, rounds=found.rounds, objective=found.objective,
                  gap_ppm=found.gap_ppm, floor=found.floor)  # fmt: skip
        checked, _ = timed(partial(verify, problem, found))
        lines.row("verify", size, policy, checked)


def bench_cold(lines: Lines) -> None:
    """The product's default for 240 people in a process that has imported nothing of it yet."""
    program = (
        "import time; started = time.perf_counter()\n"
        "from bench.matching import make_problem\n"
        "from pairing.engine.matching import match\n"
        "match(make_problem(120, 120)); print(time.perf_counter() - started)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    seconds = float(done.stdout.split()[-1])
    lines.row("cold start", "240 people", "fairest_worst_case, imports too", seconds)
    lines.goal("240 people under 1 s, cold", 1, seconds, seconds <= 1)


def bench_stability(lines: Lines, n: int) -> None:
    """One of n pairs loses its offerer and somebody new comes: who else has to move?"""
    problem = make_problem(n, n)
    before = match(problem, policy=Policy.BEST_TOTAL)
    newcomer = make_side(random.Random(7), "new", 1, 1)
    columns = {k: (v[0], *problem.offerers.columns[k][1:]) for k, v in newcomer.columns.items()}
    offerers = People(("new0", *problem.offerers.names[1:]), columns, problem.offerers.capacity)
    pairs = frozenset((p.seeker, p.offerer) for p in before.pairs if p.offerer)
    for stability in (0.0, 0.005):
        after = Problem(problem.seekers, offerers, problem.criteria, problem.rules,
                        incumbent=pairs, stability=stability)  # fmt: skip
        seconds, found = timed(partial(match, after, policy=Policy.BEST_TOTAL))
        stay = {(pair.seeker, pair.offerer) for pair in found.pairs}
        moved, total = len(pairs - stay), sum(pair.total for pair in found.pairs)
        name = f"stability {stability}"
        lines.row("one leaves", f"{n} x {n}", name, seconds, ended=moved, points=total)


def bench_scoring(lines: Lines, n: int) -> None:
    """The scoring kernel against a bare product of the same features, and plain Python."""
    problem, size = make_problem(n, n), f"{n} x {n}"
    board = build_board(problem, no_progress)
    worth, has = board.scorer.product
    gemm, _ = best_of(3, lambda: [worth[k : k + 512] @ has for k in range(0, n, 512)])
    lines.row("score", size, f"sgemm, {len(has)} features, one thread", gemm, n * n)
    table, scores = best_of(2, lambda: total_points(problem, no_progress))
    lines.row("score", size, "ours, by product", table, n * n, ratio=round(gemm / table, 2))
    nothing, free = np.full(n, 10**9), np.zeros(n, np.int64)
    by_score = Aim(scale=1, bonus=0, first=0)
    sweep(board, by_score, nothing, free, 0, no_progress)  # compiles
    ours, _ = best_of(3, lambda: sweep(board, by_score, nothing, free, 0, no_progress))
    lines.row("score", size, "ours, a compiled pass", ours, n * n, ratio=round(gemm / ours, 2))
    sample = 200
    naive, parts = timed(lambda: [explain(problem, 0, j) for j in range(sample)])
    same = [sum(part.points for part in pair) for pair in parts] == scores[0, :sample].tolist()
    lines.row("score", size, "pair by pair", naive, sample, same_scores=same)
    lines.goal("kernel at 0.3 of sgemm", 0.3, gemm / ours, gemm / ours >= 0.3)


def bench_compiler(lines: Lines) -> None:
    """What the first large run of a process costs: with machine code kept, and without."""
    program = (
        "import time; from bench.matching import make_problem\n"
        "from pairing.engine.matching import match\n"
        "from pairing.engine.shapes import Policy\n"
        "problem = make_problem(2100, 2000); started = time.perf_counter()\n"
        "match(problem, policy=Policy.BEST_TOTAL); print(time.perf_counter() - started)"
    )
    folder = tempfile.mkdtemp()
    for what in ("compiles", "finds it compiled"):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True,
                              env={**os.environ, "NUMBA_CACHE_DIR": folder})  # fmt: skip
        lines.row("first large run", "2100 x 2000", what, float(done.stdout.split()[-1]))
    shutil.rmtree(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under a minute")
    parser.add_argument("--row", nargs=4, help="one row of best_total: method, n, m, capacity")
    asked = parser.parse_args()
    if asked.row:
        method, *sizes = asked.row
        print(json.dumps(one_row(method, *(int(size) for size in sizes))))
        return
    lines, before = Lines(BENCH), dict[int, float]()
    bench_cold(lines)
    bench_policies(lines, 120, 120, 1)
    bench_policies(lines, 240, 80, 4)
    bench_scoring(lines, 2100 if asked.quick else 5000)
    for n in SIZES[:2] if asked.quick else SIZES:
        bench_best_total(lines, n, before)
    bench_stability(lines, 500 if asked.quick else 5000)
    if not asked.quick:
        bench_compiler(lines)
        bench_policies(lines, 5000, 1500, 4)
        for n, m, capacity in OURS_ALONE:
            bench_alone(lines, n, m, capacity, before)
    lines.end()


if __name__ == "__main__":
    main()
