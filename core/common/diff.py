"""What has changed from one text to the next, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, GONE, NEW = "same", "gone", "new"
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    kind: str
    text: str


def compare(before: str, after: str) -> tuple[Piece, ...]:
    """Return the pieces of two texts in reading order; those that are not new make up `before`."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    pieces: list[Piece] = []
    for tag, i, j, k, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(SAME, "".join(old[i:j])))
            continue
        if i < j:
            pieces.append(Piece(GONE, "".join(old[i:j])))
        if k < n:
            pieces.append(Piece(NEW, "".join(new[k:n])))
    return tuple(pieces)
