"""What programs that simulate share: how many, the seed, the plant, and one line of JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence


def simulate(
    arguments: Sequence[str],
    run: Callable[[int, int, str], Counter[str]],
    *,
    about: str | None,
    of: str,
    subject: str,
    bad: Sequence[str],
    plants: Sequence[str],
) -> int:
    """Run it over so many `of` and print what was tried and found; the status is 0 if nothing was.

    `bad` are the counts of which each is a finding.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument(f"--{of}", dest="number", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--plant", choices=plants, default="")
    asked = parser.parse_args(arguments)
    counts = run(asked.number, asked.seed, asked.plant)
    found = sum(counts[name] for name in bad)
    line = {"subject": subject, "tried": counts[of], "found": found, **counts}
    sys.stdout.write(f"{json.dumps(line)}\n")
    return int(found > 0)
