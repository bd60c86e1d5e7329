"""Days and lists in words that are not written yet: who reads them, in which language, is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.formats import date_format
from django.utils.functional import Promise, lazy
from django.utils.text import get_text_list
from django.utils.translation import gettext_lazy

day_words = lazy(date_format, str)
_list_words = lazy(get_text_list, str)


def list_words(words: Sequence[str]) -> str | Promise:
    """Return names one after another: Amara, Leila and Jonas."""
    return _list_words([*words], gettext_lazy("and"))


def settled(value: object) -> object:
    """Return a value with its words in the language in force, however deep they lie."""
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, Mapping):
        return {name: settled(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [settled(each) for each in value]
    return value
