"""No e-mail has a sentence that is not translated: its words are marked, its values are known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from core.notifications.markdown import as_text
from core.notifications.texts import EmailTemplate, examples
from tests.marked import marked, unmarked

WORD = re.compile(r"[^\W\d_]{2,}")


@pytest.mark.parametrize(("kind", "case"), [(k, c) for k, c in examples()], ids=str)
def test_an_email_has_no_words_but_translated_ones_and_values(kind: EmailTemplate, case: str):
    example = kind.example(case)
    with marked():
        text, _passages = kind.ours(example)
    left = unmarked(as_text(f"{text.subject}\n{text.button}\n{text.body}"))
    known = set(WORD.findall(" ".join(words_in(example))))
    assert set(WORD.findall(left)) - known == set()


def words_in(value: Any) -> Iterator[str]:
    """Yield the words of a value, however deep they lie."""
    if isinstance(value, dict):
        for each in value.values():
            yield from words_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from words_in(each)
    else:
        yield str(value)
