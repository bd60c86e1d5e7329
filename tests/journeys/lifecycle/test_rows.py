"""The table of rows names tests that there are, and every test of the chapters is in it."""

from __future__ import annotations

from importlib import import_module

from tests.journeys.lifecycle.rows import ROWS


def test_every_row_has_its_test_and_every_journey_its_row() -> None:
    for chapter, rows in ROWS.items():
        here = import_module(f"tests.journeys.lifecycle.test_{chapter}")
        journeys = {name for name in vars(here) if name.startswith("test_")}
        named = {name for names in rows.values() for name in names}
        assert {name for name in named if "." not in name} == journeys, chapter
        for name in named - journeys:
            module, _, test = name.rpartition(".")
            found = import_module(f"tests.{module}")
            assert hasattr(found, test), name
    assert all(names for rows in ROWS.values() for names in rows.values())
