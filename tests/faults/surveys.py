"""Small anonymous surveys of which all that may be shown is shown: whose answers follow from it?

    python -m tests.faults.surveys [--surveys N] [--seed N] [--plant means|cells|parts]

Each survey has 1 to 30 people in one or two parts, who answer a scale and a choice, often nearly
alike.  Somebody who knows the rules, who was asked, their parts and how many answered tries all
answers that leave the same results behind.  A person is recovered if one answer only is possible
for them, a cell if a number under k that is not shown can be one number only.  The last line
counts, as JSON, what was tried and found, and the status says whether nothing was.

`--plant` breaks a rule, and it must be found: `means` of all alike are shown, small `cells` are
shown, or one of two `parts` is shown where the other may not be.
"""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
os.environ.setdefault("SECRET_KEY", "faults-only-" + "k" * 50)
django.setup()

from feedback.builder import results  # noqa: E402  after setup()
from feedback.surveys.anonymous import PART  # noqa: E402  after setup()
from feedback.surveys.items import Choice, Scale  # noqa: E402  after setup()
from tests.faults.simulating import simulate  # noqa: E402  after setup()

PLANTS = ("means", "cells", "parts")
STEPS = 5
HOW = Scale("how", "How?", [str(step) for step in range(STEPS)])
OPTIONS = ("a", "b", "c", "d")
WHICH = Choice("which", "Which?", [(key, key) for key in OPTIONS])


def people(chance: random.Random) -> list[dict[str, Any]]:
    """Return the answers of one survey: few or many, mixed or nearly alike, in one part or two."""
    usual, alike = chance.randint(1, STEPS), chance.random()
    mentors = chance.random() if chance.random() < 0.6 else 0.0
    answers = []
    for _number in range(chance.randint(1, 30)):
        same = chance.random() < alike
        answers.append(
            {
                "how": usual if same else chance.randint(1, STEPS),
                "which": OPTIONS[0] if same else chance.choice(OPTIONS),
                PART: "mentor" if chance.random() < mentors else "mentee",
            }
        )
    return answers


def compositions(total: int, cells: int) -> Iterator[tuple[int, ...]]:
    if cells == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in compositions(total - first, cells - 1):
            yield (first, *rest)


@cache
def histograms(n: int) -> dict[int, list[tuple[int, ...]]]:
    """Return how n people can have answered the scale, by the sum of their answers."""
    by_total: dict[int, list[tuple[int, ...]]] = {}
    for counts in compositions(n, STEPS):
        total = sum(step * count for step, count in enumerate(counts, start=1))
        by_total.setdefault(total, []).append(counts)
    return by_total


def followed(worlds: Sequence[tuple[int, ...]], shown: Sequence[int | None]) -> Counter[str]:
    """Count what follows where these are all the histograms that are possible of some people."""
    sure = sum(
        len({counts[place] for counts in worlds}) == 1 and worlds[0][place] < results.K
        for place, cell in enumerate(shown)
        if cell is None
    )
    small = sum(cell is not None and cell < results.K for cell in shown)
    everybody = any(
        all(counts[place] == sum(counts) for counts in worlds) for place in range(len(shown))
    )
    return Counter(people=sum(worlds[0]) if everybody else 0, cells=sure + small)


def of_scale(shown: Mapping[str, Any]) -> Iterator[Counter[str]]:
    """Attack what is shown of the scale: the mean of all, the cells, the mean of each part."""
    groups = [(shown["total"], shown["n"]), *map(tuple, shown.get("parts", {}).values())]
    if len(groups) == 2:  # the part that is not shown follows from the whole
        groups.append((groups[0][0] - groups[1][0], groups[0][1] - groups[1][1]))
    for total, n in groups:
        cells = shown.get("cells", [None] * STEPS) if n == shown["n"] else [None] * STEPS
        worlds = [
            counts
            for counts in histograms(n)[total]
            if all(cell in (None, count) for cell, count in zip(cells, counts, strict=True))
        ]
        yield followed(worlds, cells)


def of_choice(shown: Mapping[str, Any]) -> Counter[str]:
    """Attack the cells of a choice: what else leaves the same behind, by the rules."""
    worlds = [
        counts
        for counts in compositions(shown["n"], len(OPTIONS))
        if results.visible(counts, results.K) == shown["cells"]
    ]
    return followed(worlds or [tuple(cell or 0 for cell in shown["cells"])], shown["cells"])


def planted(answers: Sequence[Mapping[str, Any]], shown: dict[str, Any], plant: str) -> None:
    """Show what a broken rule would."""
    values = [answer["how"] for answer in answers]
    if plant == "means":
        shown["how"] = {"n": len(values), "total": sum(values)}
    elif plant == "cells" and len(values) >= results.K_CELLS:
        counter = Counter(answer["which"] for answer in answers)
        shown["which"] = {"n": len(values), "cells": [counter[key] for key in OPTIONS]}
    elif plant == "parts" and "how" in shown and "parts" not in shown["how"]:
        mentors = [answer["how"] for answer in answers if answer[PART] == "mentor"]
        if results.K <= len(mentors) < len(values):
            shown["how"]["parts"] = {"mentor": [sum(mentors), len(mentors)]}


def recovered(surveys: int, seed: int, plant: str = "") -> Counter[str]:
    """Return what was tried and found; the same seed gives the same surveys."""
    found: Counter[str] = Counter(surveys=surveys, shown=0, people=0, cells=0)
    for number in range(surveys):
        answers = people(random.Random(f"{seed}-{number}"))
        shown = results.publishable([HOW, WHICH], answers)
        planted(answers, shown, plant)
        for attack in of_scale(shown["how"]) if "how" in shown else ():
            found.update(attack)
        if "which" in shown:
            found.update(of_choice(shown["which"]))
        found["shown"] += len(shown)
    return found


def main(arguments: Sequence[str]) -> int:
    return simulate(
        arguments,
        recovered,
        about=__doc__,
        of="surveys",
        subject="all that may be shown of small anonymous surveys",
        bad=("people", "cells"),
        plants=PLANTS,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
