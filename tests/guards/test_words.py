"""Words that a reader stumbled on do not come back: on pages, in e-mails, in texts of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from devtools.embedded import ROOT
from tests.guards.wording import sentences

# what was there: what a person would say
WORDS = {
    r"letters?": "e-mail",
    r"(these|stop|such) mails|(?<!e-)mail you": "e-mail",
    r"unwanted mail": "spam folder",
    r"have not come in yet|not come in": "have not accepted the invitation",
    r"say it of": "Add a pair rule",
    r"let (it|the partnership|them) rest|it rests|yours rests|the rest is over": "pause, paused",
    r"(take|takes|took|taken) (it |run \S+ |a publication |my request )?back": "undo, withdraw",
    r"needs you today": "Nothing to do today",
    r"goes away by itself": "Items disappear when they are solved",
    r"a fact's day": "Dates use this time zone",
    r"whoever (seeks|offers)": "Mentee's answer, Mentor's answer",
    r"are made of": "Details",
    r"what is said": "Details",
    r"verdict": "Result",
    r"least number": "Minimum number",
    r"in which order": "Order",
    r"alone of their kind|only ones? of their kind": "the only one of their group",
    r"clocks": "time zones",
    r"as a must": "If required",
    r"bound %": "Score … of at most …",
    r"of %\(n\)d passes": "best of … attempts",
    r"gini of": "How evenly leading is shared",
    r"(at|sits?|stays?|of) (the|this|your|a|its|our) table": "members of, between us",
    r"anew": "again",
    r"not now": "Cancel",
    r"i come( on \S+)?$": "I'll be there",
    r"do you come|whether you come": "Can you come?",
    r"you are the {\w+}": "Your role: …",
    r"%\(\w+\)s is %\(role\)s": "role: name",
    r"if need be": "Possible",
    r"does it do to you": "What do you think?",
    r"came along|goes along": "Still open",
    r"lay down|lies face down": "Send my card",
    r"objection go": "Withdraw my objection",
    r"you owe|owed": "Waiting for you",
    r"(is|are) taken until|(is|are) open until|(?<!your )answers? until|has until": "by",
    r"lines to read": "Messages for you",
    r"part ways|or part\b": "End the partnership",
    r"proposes something to|by} proposes something": "the matter itself",
    r"decision {number} (is|waits)": "the matter itself",
    r"moves? the meeting on|hands the word|the word go|word went": "runs the meeting, speaks",
    r"the fairest choice": "it is fairest to ask",
    r"nobody any more": "everybody has left",
    r"such a cell": "a hidden figure",
    r"hangs on": "other entries need it",
    r"where do you start from": "Rate your skills",
    r"on every ground": "on a light and on a dark screen",
    r"who has been there|who have been there": "with experience",
}
# where a word is what it says
MEANT = {
    ("letters?", "programs/importing/messages.py"),  # of the alphabet
}
PATTERNS = {word: re.compile(rf"(?<!\w)(?:{word})(?!\w)", re.IGNORECASE) for word in WORDS}


@pytest.mark.slow
def test_nobody_reads_a_word_that_was_replaced():
    back = [
        f"{file}:{line}: “{words}”; say: {WORDS[word]}"
        for file, line, words in sentences()
        for word, pattern in PATTERNS.items()
        if pattern.search(words) and not _is_meant(word, file)
    ]
    assert sorted(set(back)) == []


def test_each_exception_is_needed():
    needed = {
        (word, place)
        for file, _line, words in sentences()
        for word, place in MEANT
        if file.startswith(place) and PATTERNS[word].search(words)
    }
    assert needed == MEANT


def test_a_word_that_was_replaced_is_found():
    found = {
        word
        for text in ("Say it of two people", "A letter to you", "You are the {role}.", "Not now")
        for word, pattern in PATTERNS.items()
        if pattern.search(text)
    }
    assert found == {r"say it of", r"letters?", r"you are the {\w+}", r"not now"}


# ── how hard it reads ──
LONGEST = 30  # words of a sentence
FOR_STATISTICIANS = "VanderWeele"  # names a method to who knows it
_SENTENCE = re.compile(r"(?<=[.!?:;])\s+|\n\n+")
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
LESSONS = sorted((ROOT / "programs" / "training" / "lessons").glob("*.md"))
EASY, SIX_MINUTES = 70, 1000  # Flesch's reading ease: 70 is read at 12 years; words


def test_no_sentence_is_so_long_that_it_is_read_twice() -> None:
    long = {
        f"{file}:{line}: {sentence}"
        for file, line, words in sentences()
        for sentence in _SENTENCE.split(words)
        if len(_WORD.findall(sentence)) > LONGEST and FOR_STATISTICIANS not in sentence
    }
    assert sorted(long) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_is_easy_and_short(lesson: Path) -> None:
    text = lesson.read_text()
    assert reading_ease(text) >= EASY
    assert len(_WORD.findall(text)) <= SIX_MINUTES


def test_reading_ease_tells_easy_from_hard() -> None:
    hard = "Organisational accountability necessitates comprehensive communication."
    assert reading_ease("The cat sat on the mat. It was glad.") > 100 > 0 > reading_ease(hard)


def reading_ease(text: str) -> float:
    """Return Flesch's reading ease of an English text (R. Flesch, 1948), syllables estimated."""
    words = _WORD.findall(text)
    told = [sentence for sentence in _SENTENCE.split(text) if _WORD.search(sentence)]
    syllables = sum(_syllables(word.lower()) for word in words)
    return 206.835 - 1.015 * len(words) / len(told) - 84.6 * syllables / len(words)


def _syllables(word: str) -> int:
    vowels = len(re.findall(r"[aeiouy]+", word))
    silent = word.endswith("e") and not word.endswith(("le", "ee"))
    return max(1, vowels - silent)


def _is_meant(word: str, file: str) -> bool:
    return any(word == meant and file.startswith(place) for meant, place in MEANT)
