"""What the documents say is where they say it is."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from devtools.embedded import ROOT

PLACE = re.compile(r"`([\w.{},/-]+/[\w.{},/-]*)`")


def places(page: Path) -> list[str]:
    """Return the paths in a page, `a/{b,c}.py` as two."""
    named = [place for place in PLACE.findall(page.read_text()) if "<" not in place]
    return [path for place in named for path in _spread(place)]


def _spread(place: str) -> list[str]:
    parts = [part.strip("{}").split(",") for part in re.split(r"(\{[^}]*\})", place)]
    return ["".join(choice) for choice in product(*parts)]


@pytest.mark.parametrize("page", ["docs/architecture.md", "README.md"])
def test_every_path_that_a_document_names_is_there(page: str):
    found = places(ROOT / page)
    assert found
    tops = {path.name for path in ROOT.iterdir()}
    ours = [place for place in found if place.split("/")[0] in tops]
    assert [place for place in ours if not (ROOT / place).exists()] == []
