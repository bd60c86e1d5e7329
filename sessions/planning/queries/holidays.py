"""Public holidays of a country; of one that nobody named, none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import holidays


def holidays_between(country: str, first: date, last: date) -> dict[date, str]:
    """Return the national holidays of a country (two letters) by day, in English.

    A country that is not known has none.  Source: the `holidays` library.
    """
    years = range(first.year, last.year + 1)
    found = {day: name for year in years for day, name in _of_year(country, year).items()}
    return {day: name for day, name in found.items() if first <= day <= last}


@lru_cache(maxsize=512)
def _of_year(country: str, year: int) -> Mapping[date, str]:
    if not country or country not in holidays.list_supported_countries():
        return {}
    return dict(holidays.country_holidays(country, years=year, language="en_US"))
