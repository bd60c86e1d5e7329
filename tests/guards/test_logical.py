"""Stylesheets say start and end, not left and right: so pages turn round by themselves."""

from __future__ import annotations

import re

from devtools.embedded import ROOT

PHYSICAL = re.compile(
    r"(?<![\w-])("
    r"(margin|padding|border|scroll-margin|scroll-padding)-(left|right)[\w-]*"
    r"|border-(top|bottom)-(left|right)-radius"
    r"|(left|right)\s*:"
    r"|(text-align|float|clear)\s*:\s*(left|right)"
    r")"
)


def test_no_stylesheet_says_left_or_right():
    found = [
        f"{sheet.name}:{number}: {line.strip()}"
        for sheet in sorted((ROOT / "static").glob("*.css"))
        for number, line in enumerate(sheet.read_text().splitlines(), start=1)
        if PHYSICAL.search(line.split("/*")[0])
    ]
    assert found == []


def test_the_pattern_finds_what_it_is_for():
    for line in ("margin-left: 1rem", "{ left: 0 }", "text-align: right", "border-right-width: 0"):
        assert PHYSICAL.search(line)
    for line in ("margin-inline-start: 1rem", ".lead-left { top: 0 }", "to left, transparent"):
        assert not PHYSICAL.search(line)
