"""The own words of the program that an e-mail is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from core.common import own_words
from core.common.own_words import Words
from core.tenancy.context import kept

_READ = "own words"


def in_words_of(program_id: UUID | None) -> AbstractContextManager[None]:
    """Say what is translated meanwhile as a program of the organisation in force does."""
    words = _all().get(program_id, ()) if program_id else ()
    return own_words.in_words(words)


def forget() -> None:
    """Let the words be read anew: a program has chosen others."""
    kept().pop(_READ, None)


def _all() -> Mapping[UUID, Words]:
    """Return the words of each program that has its own, in one statement a task or request."""
    known: Mapping[UUID, Words] | None = kept().get(_READ)
    if known is None:
        # programs lie above this app, so settings name who knows
        read: Callable[[], Mapping[UUID, Words]] = import_string(settings.PROGRAM_WORDS)
        known = kept()[_READ] = read()
    return known
