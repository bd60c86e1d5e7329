"""pytest plugin (`-p tests.figures`): what a proof has tried and what it has found.

A test counts in a `Figure`; `--figures` prints the sums at the end of the run, one JSON line a
subject.  A test that fails has found something, counted or not; of planted faults it has not.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field

import pytest

COUNTED = pytest.StashKey[list["Figure"]]()
PROPERTY = "figure"


@dataclass
class Figure:
    """One subject's count in one test; `more` are further numbers of its line.

    Of faults that were `planted` all are to be found, of others none.
    """

    subject: str
    planted: bool = False
    tried: int = 0
    found: int = 0
    more: Counter[str] = field(default_factory=Counter)


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[..., Figure]:
    """Lend a count for a subject; what stands in it when the test ends is its part of the sum."""

    def begin(subject: str, *, planted: bool = False) -> Figure:
        counted = Figure(subject, planted)
        request.node.stash.setdefault(COUNTED, []).append(counted)
        return counted

    return begin


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--figures", action="store_true", help="print what was tried and found")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send the counts with the report: a worker's memory ends with it."""
    report = yield
    if call.when == "call":
        for counted in item.stash.get(COUNTED, []):
            found = counted.found
            if report.failed and not counted.planted:
                found = max(found, 1)
            numbers = {"tried": counted.tried, "found": found, **counted.more}
            report.user_properties.append((PROPERTY, [counted.subject, numbers]))
    return report


def lines_of(reports: Iterable[pytest.TestReport]) -> list[str]:
    """Return one JSON line a subject, its numbers summed over all tests."""
    sums: dict[str, Counter[str]] = {}
    for report in reports:
        for name, value in report.user_properties:
            if name == PROPERTY and isinstance(value, list | tuple):
                subject, numbers = value
                total = sums.setdefault(subject, Counter())
                for key, number in numbers.items():
                    total[key] += number
    return [json.dumps({"subject": subject, **total}) for subject, total in sorted(sums.items())]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if terminalreporter.config.getoption("--figures"):
        kinds = ("passed", "failed")
        reports = [report for kind in kinds for report in terminalreporter.getreports(kind)]
        for line in lines_of(reports):
            terminalreporter.write_line(line)
