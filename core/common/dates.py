"""Moments that somebody has sent, and days and lists in words that are not written yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise, lazy
from django.utils.text import get_text_list
from django.utils.translation import gettext_lazy

day_words = lazy(date_format, str)
_list_words = lazy(get_text_list, str)


def in_utc(moment: datetime) -> datetime | None:
    """Return an aware moment in UTC; None where it lies before year 1 or after year 9999 there.

    Python knows zones up to a day from UTC and PostgreSQL up to sixteen hours: whatever comes
    from outside is stored and compared in UTC.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def instant_of(text: str) -> datetime | None:
    """Return the moment of an ISO 8601 text with its zone, in UTC; None for anything else."""
    try:
        moment = parse_datetime(text)
    except ValueError:  # of its form, and no such day
        return None
    return in_utc(moment) if moment is not None and moment.tzinfo is not None else None


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
