"""How a person is written in a seat."""

from __future__ import annotations


def initials(name: str) -> str:
    """Return one or two capital letters for a name: its first word's and its last word's.

    A name without letters gives a single "?", so that a seat is never blank.
    """
    words = [word for word in name.split() if word[0].isalpha()]
    if not words:
        return "?"
    letters = words[0][0] if len(words) == 1 else words[0][0] + words[-1][0]
    return letters.upper()
