"""Names as people write them: whatever letters there are, nothing that hides or turns them."""

from __future__ import annotations

import unicodedata

# They join and part letters of Persian, Hindi and others, and make one sign of several emoji.
_JOINERS = "\u200c\u200d"
LONGEST = 150


def clean_name(text: str) -> str:
    """Return a name on one line, without control characters and marks that turn its direction."""
    composed = unicodedata.normalize("NFC", text)
    kept = (
        letter
        for letter in composed
        if letter.isspace() or letter in _JOINERS or unicodedata.category(letter)[0] != "C"
    )
    return " ".join("".join(kept).split()).strip(_JOINERS)


def name_parts(given_name: str, family_name: str, *, email: str) -> tuple[str, str]:
    """Return the two names of a person, the first never empty: e-mails greet by it.

    A single name is the given one; without any, their e-mail says how they are called.
    """
    given, family = clean_name(given_name)[:LONGEST], clean_name(family_name)[:LONGEST]
    if not given:
        given, family = family, ""
    return given or clean_name(email.partition("@")[0])[:LONGEST] or "?", family
