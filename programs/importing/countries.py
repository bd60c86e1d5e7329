"""How the files of HR systems write a country: its two letters, its name, or a name of its own.

Source: ISO 3166-1 as the IANA time zone database names it (iso3166.tab, package tzdata).
"""

import unicodedata
from functools import cache
from importlib.resources import files

# Beside the table's own names: what it abbreviates, other spellings, other languages.
_SPELLINGS = {
    "bharat": "IN",
    "brasil": "BR",
    "congo (democratic republic)": "CD",
    "congo (republic)": "CG",
    "czech republic": "CZ",
    "deutschland": "DE",
    "england": "GB",
    "españa": "ES",
    "eswatini": "SZ",
    "frankreich": "FR",
    "great britain": "GB",
    "holland": "NL",
    "indien": "IN",
    "italia": "IT",
    "italien": "IT",
    "korea": "KR",
    "myanmar": "MM",
    "niederlande": "NL",
    "north korea": "KP",
    "polen": "PL",
    "polska": "PL",
    "republic of korea": "KR",
    "russian federation": "RU",
    "schweden": "SE",
    "schweiz": "CH",
    "south korea": "KR",
    "spanien": "ES",
    "suisse": "CH",
    "südafrika": "ZA",
    "the netherlands": "NL",
    "türkiye": "TR",
    "uk": "GB",
    "united kingdom": "GB",
    "united states of america": "US",
    "usa": "US",
    "vereinigte staaten": "US",
    "vereinigtes königreich": "GB",
    "viet nam": "VN",
    "österreich": "AT",
}


def country_code(text: str) -> str:
    """Return the code of a country that is given by code or name; "" if there is none such."""
    return _codes().get(unicodedata.normalize("NFC", text).strip().casefold(), "")


@cache
def _codes() -> dict[str, str]:
    table = files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and line[0] != "#"]
    names = {name.casefold(): code for code, name in rows}
    return names | _SPELLINGS | {code.casefold(): code for code, _name in rows}
