"""What the documents say is where they say it is."""

from __future__ import annotations

import re
import tomllib
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


def test_the_layers_of_architecture_md_are_those_that_import_linter_holds():
    text = (ROOT / "docs/architecture.md").read_text()
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    inside = [contract for contract in contracts if "containers" in contract]
    assert len(inside) >= 5
    for contract in inside:
        (app,) = contract["containers"]
        layers = [
            set(layer.split(" | ")) - {"urls", "api", "tasks"} for layer in contract["layers"]
        ]
        (line,) = re.findall(rf"^{app}/ +(.*>.*)$", text, re.MULTILINE)
        told = [set(layer.split(" | ")) for layer in line.split(" > ")]
        assert told == [layer for layer in layers if layer], app
