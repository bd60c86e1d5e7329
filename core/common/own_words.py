"""A program's own words: "buddy" where ours says "mentor", in all that is translated for it.

A message is turned after it is translated and before values come into it, so that names and what
people have typed are never touched.  What a page is about is found by itself: the row that its
address names.  See docs/adr/0047-own-words.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from django.db.models import Model
from django.utils.translation import trans_real

from core.common.word_rows import KEPT, ROWS

# (notion, word) of those alone that are not ours; () where a program says all as we do
Words = tuple[tuple[str, str], ...]
NOTIONS = tuple(ROWS)
_DEEPEST = 6  # so many rows lie between any row and its program at most
# between a message and its context in a catalog of gettext
_CONTEXT = "\x04"
# values and tags of a message, and addresses
_UNTOUCHED = r"%\(\w+\)[sd]|\{\{.*?\}\}|\{%.*?%\}|\{\w*\}|<[^<>]*>|\]\([^)]*\)|\w+://\S+"

_spoken: ContextVar[Words] = ContextVar("own words", default=())
_named: ContextVar[frozenset[object]] = ContextVar("rows that a page is about", default=frozenset())


def words_of(chosen: Mapping[str, str]) -> Words:
    """Return what differs from our words in a program's choice, a word by notion."""
    return tuple(
        (notion, word)
        for notion in NOTIONS
        if (word := chosen[notion]) != notion and word in ROWS[notion]
    )


def choices_of(notion: str) -> list[tuple[str, str]]:
    """Return the words that a notion may have, each as the languages say it."""
    return [
        (word, " · ".join(forms[0] for forms in row.values())) for word, row in ROWS[notion].items()
    ]


@contextmanager
def in_words(words: Words) -> Iterator[None]:
    """Say what is translated meanwhile in these words."""
    token = _spoken.set(words)
    try:
        yield
    finally:
        _spoken.reset(token)


@contextmanager
def of_a_page(ids: Iterable[object] = ()) -> Iterator[None]:
    """Say a page in the words of the program of the rows that its address names by these ids.

    Whatever was found goes when the page is answered, also by an error.
    """
    named = _named.set(frozenset(ids))
    try:
        with in_words(()):
            yield
    finally:
        _named.reset(named)


def about(ids: Iterable[object]) -> None:
    """Say which rows the page is about, once its address has been read."""
    _named.set(frozenset(ids))
    _spoken.set(())


def found(row: object) -> None:
    """Take the words of the program of a row, if the page is about that row or one it lies in.

    It costs no statement: what is not loaded with the row is not asked for.
    """
    if (ids := _named.get()) and isinstance(row, Model) and (words := _program_words(row, ids)):
        _spoken.set(words)


def spoken() -> Words:
    """Return the words in force."""
    return _spoken.get()


def _program_words(row: Model, ids: frozenset[object], named: bool = False, deep: int = 0) -> Words:
    """Return the words of the program that a row lies in, if it or a row between has such an id."""
    named = named or row.pk in ids
    words: Words | None = getattr(row, "own_words", None)
    if words is not None:
        return words if named else ()
    if deep == _DEEPEST:  # people are one another's managers
        return ()
    relations: list[Any] = [field for field in row._meta.concrete_fields if field.is_relation]
    for relation in relations:
        below = relation.get_cached_value(row, default=None)
        if below is not None and (words := _program_words(below, ids, named, deep + 1)):
            return words
    return ()


@lru_cache(maxsize=8192)
def turned(said: str, language: str, words: Words) -> str:
    """Return a message of that language in these words; its values, tags and links stay."""
    pattern, others = _forms(language, words)
    return pattern.sub(lambda match: others.get(match[0], match[0]), said)


@lru_cache(maxsize=512)
def _forms(language: str, words: Words) -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Return what finds a base word of a language, and what is said for each."""
    others: dict[str, str] = {}
    for notion, word in words:
        rows = ROWS[notion]
        ours, theirs = rows[notion].get(language, ()), rows[word].get(language, ())
        for base, other in zip(ours, theirs, strict=False):
            others[base] = other
            others[base[0].upper() + base[1:]] = other[0].upper() + other[1:]
    longest_first = sorted(others, key=lambda form: -len(form))
    either = "|".join([_UNTOUCHED, *(rf"\b{re.escape(form)}\b" for form in longest_first)])
    return re.compile(either, re.DOTALL), others


class Translation(trans_real.DjangoTranslation):
    """A language of Django's that speaks in the words in force.

    Everything that is translated passes here: in templates, code, lazily or in the plural.
    """

    def gettext(self, message: str) -> str:
        said: str = super().gettext(message)
        words = _spoken.get()
        if not words:
            return said
        ours = message.partition(_CONTEXT)[2] or message
        if said == message:  # Django says a message of a context itself where it is not translated
            said = ours
        return said if ours in KEPT else turned(said, self.language(), words)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        said: str = super().ngettext(msgid1, msgid2, n)
        words = _spoken.get()
        # a message of a context that is not translated is asked for again without it
        return turned(said, self.language(), words) if words and _CONTEXT not in said else said


def install() -> None:
    """Let Django make its languages of ours.

    The one name of its own that this touches: it has no setting for the class, and whatever stands
    further out (the functions, a tag, a middleware) would miss lazy strings or a second language.
    """
    trans_real.DjangoTranslation = Translation  # type: ignore[misc]  # that is the way
