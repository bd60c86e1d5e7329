"""What is the same for many e-mails of one batch: read once in it, and anew everywhere else."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from core.tenancy.context import kept

Value = TypeVar("Value")

_READ = "of a batch"


def begin() -> dict[str, Any]:
    """Return what the `tenant(…, keep=…)` of each e-mail of one organisation is to keep.

    What is changed while a batch is being sent is said from the next one on: it lasts minutes.
    """
    return {_READ: {}}


def once(about: Hashable, read: Callable[[], Value]) -> Value:
    """Return what `read` returns; in a batch it is called once for what it is `about`."""
    known: dict[Hashable, Value] | None = kept().get(_READ)
    if known is None:
        return read()
    if about not in known:
        known[about] = read()
    return known[about]
