"""How long the longest file of people takes from upload to members, and how much memory.

    python -m bench.imports [--quick]

Read, planned and applied as the jobs do it, first into an empty organisation, then once more with
a changed title in each row. Prints one JSON line a row and ends with the goals; asserts nothing.
Everything runs under row-level security.
"""

from __future__ import annotations

import csv
import io
from functools import partial
from typing import Any

from bench._database import analyse, database, make_owner
from bench._lines import Lines, asked_quick, peak_mb, timed

HEADERS = (
    "Employee ID",
    "Work email",
    "First name",
    "Last name",
    "Department",
    "Job title",
    "Level",
    "Location",
    "Time zone",
    "Manager email",
)
LEVELS = ("junior", "mid", "senior", "lead")


def people_file(people: int, title: str) -> bytes:
    """Return a file of so many people; each ten report to one before them."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(HEADERS)
    for n in range(people):
        manager = f"person{n // 10}@example.org" if n else ""
        rows.writerow(
            (
                f"E{n:06}",
                f"person{n}@example.org",
                f"Given {n}",
                f"Family {n}",
                f"Department {n % 40}",
                title,
                LEVELS[n % 4],
                "Berlin",
                "Europe/Berlin",
                manager,
            )
        )
    return out.getvalue().encode()


def nobody_listens(_done: int, _total: int, _words: str = "") -> None:
    """A job's progress that is shown to nobody."""


def bring_in(lines: Lines, owner: Any, people: int, case: str, title: str) -> float:
    """Import a file in its three jobs; return the seconds of all of them."""
    from core.tenancy.context import tenant
    from programs.importing.mapping import Options
    from programs.operations import imports

    progress: Any = nobody_listens
    size, total = f"{people} rows", 0.0
    with tenant(owner.organisation):
        content = people_file(people, title)
        row = imports.open_import(name="people.csv", content=content, by=owner)
        steps = (
            ("read", partial(imports.read_import, people_import=row, progress=progress)),
            ("plan", partial(imports.plan_import, people_import=row, progress=progress)),
        )
        for name, work in steps:
            if name == "plan":
                row.refresh_from_db()
                imports.confirm_mapping(
                    people_import=row,
                    mapping=row.mapping,
                    cohorts={},
                    options=Options(**row.options),
                    by=owner,
                )
            seconds, _nothing = timed(work)
            total += seconds
            lines.row(case, size, name, seconds, people)
            row.refresh_from_db()
        digest = row.planned.digest
        imports.begin_import(people_import=row, digest=digest, by=owner)
        seconds, report = timed(
            partial(
                imports.apply_import,
                people_import=row,
                digest=digest,
                by=owner,
                progress=progress,
            )
        )
        total += seconds
        done = {"entered": report.entered, "changed": report.changed}
        lines.row(case, size, "apply", seconds, people, **done)
    return total


def main() -> None:
    quick = asked_quick(__doc__)
    lines = Lines("imports")
    with database("imports"):
        from programs.importing.tables import MAX_ROWS

        people = 5_000 if quick else MAX_ROWS
        owner = make_owner()
        analyse()
        bring_in(lines, owner, people // 10, "warm", "Tester")
        before = peak_mb()
        new = bring_in(lines, owner, people, "new", "Engineer")
        growth = peak_mb() - before
        analyse()
        again = bring_in(lines, owner, people, "again", "Senior engineer")
    lines.goal("seconds to enter them", 60, new, new <= 60)
    lines.goal("seconds to change them", 60, again, again <= 60)
    lines.goal("memory growth, MB", 300, growth, growth <= 300)
    lines.end()


if __name__ == "__main__":
    main()
