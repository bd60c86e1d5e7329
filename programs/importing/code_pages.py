"""Which letters the bytes of an old file mean: guessed from its words, and shown to be judged."""

import re
from collections.abc import Sequence
from itertools import islice

from programs.importing.messages import gettext_noop as _

# Of equals the first wins: "Jörg" is the same in three of them.
CODE_PAGES: dict[str, str] = {
    "cp1252": _("Windows, Western Europe"),
    "cp1250": _("Windows, Central Europe"),
    "cp1254": _("Windows, Turkish"),
    "mac_roman": _("Mac"),
    "cp850": _("DOS"),
    "cp1251": _("Windows, Cyrillic"),
}
_COMMON: dict[str, frozenset[str]] = {
    "cp1252": frozenset("äöüßÄÖÜéèêëàâáãåæçíîïñóôõòøœúùûÉÈÀÁÂÅÆÇÍÑÓÔØŒÚ"),
    "cp1250": frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽľĺŕôäĽőűöüŐŰÖÜșțăâîß"),
    "cp1254": frozenset("çğıöşüÇĞİÖŞÜâî"),
    "mac_roman": frozenset("äöüßÄÖÜéèêëàâáãåæçíîïñóôõòøœúùûÉÈÀÁÂÅÆÇÍÑÓÔØŒÚ"),
    "cp850": frozenset("äöüßÄÖÜéèêëàâáãåæçíîïñóôõòøúùûÉÈÀÁÂÅÆÇÍÑÓÔØÚ"),
    "cp1251": frozenset(chr(code) for code in (*range(0x410, 0x450), 0x401, 0x451)),
}
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_JUDGED = 2_000
_LONGEST_WORD = 40
_SAMPLES = 3


def foreign_words(raw: bytes) -> list[bytes]:
    """Return the first words that have a letter beyond ASCII, each once."""
    words = (match[0] for match in _WORD.finditer(raw))
    foreign = (word for word in words if not word.isascii() and len(word) <= _LONGEST_WORD)
    return list(dict.fromkeys(islice(foreign, _JUDGED)))


def guess_code_page(words: Sequence[bytes]) -> str:
    """Return the code page in which most of these words look like words."""
    return max(CODE_PAGES, key=lambda page: sum(_is_word(word, page) for word in words))


def _is_word(word: bytes, page: str) -> bool:
    text = word.decode(page, "replace")
    foreign = [letter for letter in text if not letter.isascii()]
    if not all(letter in _COMMON[page] for letter in foreign):
        return False
    if text != text.upper() and text[1:] != text[1:].lower():
        return False  # no capital in the middle of a word
    # whole words of foreign letters are Cyrillic; elsewhere plain letters stand between them
    return (len(foreign) * 2 > len(text)) == (page == "cp1251") or len(text) <= 2


def samples(words: Sequence[bytes]) -> dict[str, list[str]]:
    """Return how the first words read in each code page, for somebody who knows the names."""
    shown = sorted(words[:50], key=len, reverse=True)[:_SAMPLES]
    return {page: [word.decode(page, "replace") for word in shown] for page in CODE_PAGES}
