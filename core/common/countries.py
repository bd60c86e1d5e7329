"""The countries of the world by their two letters.

Source: ISO 3166-1 as the IANA time zone database names it (iso3166.tab, package tzdata).
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files

# What the table abbreviates, as people call it.
_CALLED = {
    "CD": "Congo (Democratic Republic)",
    "CG": "Congo (Republic)",
    "GB": "United Kingdom",
    "KP": "North Korea",
    "KR": "South Korea",
    "MM": "Myanmar",
    "SZ": "Eswatini",
}


@cache
def countries() -> dict[str, str]:
    """Return the English name of each country by its code, in the order of the names."""
    table = files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and line[0] != "#")
    named = {code: _CALLED.get(code, name) for code, name in rows}
    return dict(sorted(named.items(), key=lambda row: _plain(row[1])))


def _plain(name: str) -> str:
    """Return a name as an index sorts it: Å beside A."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
