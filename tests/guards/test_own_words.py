"""A program's own words fit every message there is, in every language."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.common.own_words import NOTIONS, turned
from core.common.word_rows import KEPT, ROWS
from devtools.messages import LANGUAGES, read
from tests.guards.test_languages import forms_of, marks

ALL = ("en", *LANGUAGES)
CHOICES = [(notion, word) for notion in NOTIONS for word in ROWS[notion] if word != notion]
VOWEL_AFTER_A = re.compile(r"\b[Aa] [aeiou]|\b[Aa]n [^aeiouAEIOUhH8\W%]")
# a base word in German is written in these ways alone; "Mentor-Seite" and "Sechserkreis" would stay
GERMAN = re.compile(r"Mentor(?!:in|ing)|Mentee(?!s?\b)|kreis|Kreis(?!(e|es|en)?\b)")
# German makes "Newcomern" of the plural after one of these, and "Newcomers" of a genitive
CASES = re.compile(
    r"\b[a-z]+es Mentee\b|\b(?:mit|von|bei|zu|zum|aus|nach|seit|unter|allen|den|diesen|deinen|euren"
    r"|anderen) Mentees\b"
)


@cache
def said_in(language: str) -> tuple[str, ...]:
    """Return each form of each message of a language that may be turned."""
    catalog = read(language if language != "en" else "de")  # it has every message of the code
    return tuple(
        english if language == "en" else said
        for message in catalog
        if message.id and message.id not in KEPT
        for english, said in forms_of(message)
    )


def touched(notion: str, language: str) -> list[str]:
    forms = "|".join(re.escape(form) for form in ROWS[notion][notion][language])
    found = re.compile(rf"\b(?:{forms})\b", re.IGNORECASE)
    return [said for said in said_in(language) if found.search(said)]


def test_a_word_has_a_form_for_each_of_the_base_word_in_every_language():
    for notion, rows in ROWS.items():
        assert next(iter(rows)) == notion
        for row in rows.values():
            assert {code: len(forms) for code, forms in row.items()} == {
                code: len(forms) for code, forms in rows[notion].items()
            }
            assert set(row) == set(ALL)


@pytest.mark.parametrize("language", ALL)
@pytest.mark.parametrize(("notion", "word"), CHOICES)
def test_a_word_stands_wherever_the_base_word_stood(notion: str, word: str, language: str):
    base, other = ROWS[notion][notion][language], ROWS[notion][word][language]
    left = re.compile(rf"\b(?:{'|'.join(map(re.escape, base))})\b", re.IGNORECASE)
    found = touched(notion, language)
    assert found
    for said in found:
        now = turned(said, language, ((notion, word),))
        assert marks(now) == marks(said)
        bare = re.sub(r"%\(\w+\)[sd]|\{\{.*?\}\}", "", now)
        assert base == other or not left.search(bare), said
        if language == "en":
            assert VOWEL_AFTER_A.findall(now) == VOWEL_AFTER_A.findall(said), now


def test_a_message_that_stays_is_one_that_there_is():
    assert KEPT - {message.id for message in read("de")} == set()


def test_german_writes_the_words_in_forms_that_others_have_too():
    found = [said for said in said_in("de") if GERMAN.search(said) or CASES.search(said)]
    assert found == []


@given(st.text(), st.sampled_from(ALL))
def test_what_has_none_of_the_words_stays_as_it_is(text: str, language: str):
    words = tuple((notion, [*ROWS[notion]][1]) for notion in NOTIONS)
    ours = chain.from_iterable(ROWS[notion][notion][language] for notion in NOTIONS)
    if not any(form in text.casefold() for form in (form.casefold() for form in ours)):
        assert turned(text, language, words) == text


@given(st.lists(st.sampled_from(["%(mentor)s", "{{ circle }}", "{session}", "<a title='mentee'>"])))
def test_values_and_tags_are_never_touched(parts: list[str]):
    words = tuple((notion, [*ROWS[notion]][1]) for notion in NOTIONS)
    assert Counter(marks(turned(" mentor ".join(parts), "en", words))) == Counter(
        marks(" mentor ".join(parts))
    )
