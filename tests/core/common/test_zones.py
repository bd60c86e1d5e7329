"""Zones as people call them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from core.common.zones import city_of, zone_words


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Lisbon", "Lisbon time"),
        ("America/New_York", "New York time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        ("UTC", "UTC"),
        ("Etc/GMT+5", "Etc/GMT+5"),
    ],
)
def test_a_zone_is_named_by_its_city(zone: str, words: str):
    assert zone_words(zone) == zone_words(ZoneInfo(zone)) == words


def test_the_smallest_place_comes_first():
    assert city_of("America/Argentina/Buenos_Aires") == "Buenos Aires, Argentina"
    assert city_of("UTC") == ""
