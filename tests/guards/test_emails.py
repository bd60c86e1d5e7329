"""What is sent, what has texts and what its reader may turn off are the same kinds of e-mail."""

from __future__ import annotations

from core.notifications.kinds import ALWAYS_SENT, WORDS
from tests.guards.emails import sent, texts


def test_what_is_sent_has_texts_and_all_texts_are_sent():
    assert sent() ^ texts() == set()


def test_every_email_that_can_be_turned_off_has_words_of_its_own():
    assert set(WORDS) ^ (texts() - ALWAYS_SENT) == set()
    assert texts() >= ALWAYS_SENT
    assert len({str(words) for words in WORDS.values()}) == len(WORDS)
