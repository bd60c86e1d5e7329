"""Journeys: one long story each, told in steps that say what they expected and what they saw."""

import pytest

pytest.register_assert_rewrite(
    "tests.journeys.beginning",
    "tests.journeys.desk",
    "tests.journeys.matching",
    "tests.journeys.running",
)
