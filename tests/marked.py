"""A language made up for tests: each translated string stands between marks, others do not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.utils import translation

BEGIN, END = "⟦", "⟧"
# the innermost first: a value that is translated itself stands in another one's marks
MARKED = re.compile(f"{BEGIN}[^{BEGIN}{END}]*{END}")
ASKED = ("gettext", "ngettext", "pgettext", "npgettext")


@contextmanager
def marked() -> Iterator[None]:
    """Let everything that is translated meanwhile say so."""
    asked: Any = vars(translation)["_trans"]
    with pytest.MonkeyPatch.context() as patch:
        for name in ASKED:
            patch.setattr(asked, name, _marking(getattr(asked, name)))
        yield


def _marking(real: Any) -> Any:
    def asked(*words: Any) -> str:
        said = str(real(*words))
        # a format or an empty string is no text
        return f"{BEGIN}{said}{END}" if re.search(r"[^\W\d_]{2}", said) else said

    return asked


def unmarked(text: str) -> str:
    """Return what is left of a text without what has been translated."""
    before = ""
    while before != text:
        before, text = text, MARKED.sub(" ", text)
    return text
