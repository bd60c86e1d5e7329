"""What every bench prints: one JSON line a row, and the goals at the end."""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

Answer = TypeVar("Answer")


def asked_quick(about: str | None) -> bool:
    """Say whether the caller has less than a minute."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--quick", action="store_true", help="under a minute")
    return bool(parser.parse_args().quick)


def timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    """Return how many seconds something takes, and what it returns."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def worked(work: Callable[[], Answer]) -> tuple[float, Answer]:
    """Return how many processor seconds something takes, and what it returns.

    What else the machine does is not in them; what other threads of ours do is.
    """
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def best_of(times: int, work: Callable[[], Answer]) -> tuple[float, Answer]:
    """Return the shortest of some runs: the others had to share the machine."""
    runs = [timed(work) for _run in range(times)]
    return min(seconds for seconds, _result in runs), runs[-1][1]


def peak_mb() -> float:
    """Return the most memory this process has ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@dataclass
class Lines:
    """The rows and goals of one bench."""

    bench: str
    goals: list[dict[str, object]] = field(default_factory=list)

    def row(
        self, case: str, size: str, method: str, seconds: float, count: int = 0, **more: object
    ) -> None:
        """Print one row; `count` is how many things took those seconds."""
        line = {"bench": self.bench, "case": case, "size": size, "method": method}
        figures: dict[str, object] = {"seconds": round(seconds, 6), "peak_mb": round(peak_mb())}
        if count:
            figures["rows_per_s"] = round(count / seconds)
        print(json.dumps(line | figures | more), flush=True)

    def goal(self, text: str, bound: float, got: float, held: bool) -> None:
        """Keep a goal and whether this run has held it."""
        found = {"goal": text, "bound": bound, "got": round(got, 4), "held": bool(held)}
        self.goals.append(found)

    def end(self) -> None:
        """Print the goals as the last line."""
        print(json.dumps({"bench": self.bench, "goals": self.goals}), flush=True)
