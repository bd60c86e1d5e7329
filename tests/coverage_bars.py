"""Say which files `make coverage` has seen too little of, and where; fail if there is one.

Run as `python -m tests.coverage_bars` after a measured run.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

OF_EACH, OVERALL = 95, 90  # percent of lines and branches
HELD = {"operations", "queries", "engine"}  # a file of that name, or in a folder of that name


def is_held(path: str) -> bool:
    """Say whether a file must reach the bar by itself."""
    place = Path(path)
    return not HELD.isdisjoint({*place.parts, place.stem})


def complaints(report: dict[str, Any]) -> Iterator[str]:
    """Name each file below its bar with the lines that no test has run, and the whole."""
    for path, file in sorted(report["files"].items()):
        percent = file["summary"]["percent_covered"]
        if is_held(path) and percent < OF_EACH:
            # the branches of a line that was not run are missing with it
            branches = [b for b in file["missing_branches"] if b[0] not in file["missing_lines"]]
            never = ", ".join([*ranges(file["missing_lines"]), *(f"{a}→{b}" for a, b in branches)])
            yield f"{percent:5.1f} %  {path}: {never}"
    if (percent := report["totals"]["percent_covered"]) < OVERALL:
        yield f"{percent:5.1f} %  of everything, where {OVERALL} % are wanted"


def ranges(lines: Iterable[int]) -> list[str]:
    """Write consecutive lines as one range."""
    runs = [
        [line for _, line in run]
        for _, run in groupby(enumerate(sorted(lines)), lambda pair: pair[1] - pair[0])
    ]
    return [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]


def main() -> int:
    from coverage import Coverage  # the bars can be read without what measures

    measured = Coverage()
    measured.load()
    with TemporaryDirectory() as folder:
        target = Path(folder) / "coverage.json"
        measured.json_report(outfile=str(target))
        report = json.loads(target.read_text())
    print(f"{report['totals']['percent_covered']:.1f} % of all lines and branches have run")
    below = list(complaints(report))
    print(*below, sep="\n")
    return int(bool(below))


if __name__ == "__main__":
    sys.exit(main())
