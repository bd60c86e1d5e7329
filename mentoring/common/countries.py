"""The countries of the world by their two letters, and how people write them.

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
# Other spellings that HR systems export.
_ALSO = {
    "bharat": "IN",
    "brasil": "BR",
    "czech republic": "CZ",
    "deutschland": "DE",
    "england": "GB",
    "españa": "ES",
    "frankreich": "FR",
    "great britain": "GB",
    "holland": "NL",
    "indien": "IN",
    "italia": "IT",
    "italien": "IT",
    "korea": "KR",
    "niederlande": "NL",
    "polen": "PL",
    "polska": "PL",
    "republic of korea": "KR",
    "russian federation": "RU",
    "schweiz": "CH",
    "schweden": "SE",
    "spanien": "ES",
    "suisse": "CH",
    "südafrika": "ZA",
    "the netherlands": "NL",
    "türkiye": "TR",
    "uk": "GB",
    "united states of america": "US",
    "usa": "US",
    "vereinigtes königreich": "GB",
    "vereinigte staaten": "US",
    "viet nam": "VN",
    "österreich": "AT",
}


@cache
def countries() -> dict[str, str]:
    """Return the English name of each country by its code, in the order of the names."""
    table = files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and line[0] != "#")
    named = {code: _CALLED.get(code, name) for code, name in rows}
    return dict(sorted(named.items(), key=lambda row: _plain(row[1])))


def country_code(text: str) -> str:
    """Return the code of a country that is given by code or name; "" if there is none such."""
    wanted = unicodedata.normalize("NFC", text).strip().casefold()
    return _spellings().get(wanted, "")


@cache
def _spellings() -> dict[str, str]:
    named = {name.casefold(): code for code, name in countries().items()}
    return {**named, **_ALSO, **{code.casefold(): code for code in countries()}}


def _plain(name: str) -> str:
    """Return a name as an index sorts it: Å beside A."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
