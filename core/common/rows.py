"""Rows one by one: what is wrong with one of them holds up no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import OperationalError, transaction

Row = TypeVar("Row")
log = logging.getLogger(__name__)


def row_by_row(
    rows: Iterable[Row],
    act: Callable[[Row], object],
    *,
    refusals: tuple[type[Exception], ...] = (),
    most: int = 0,
) -> int:
    """Do something about each row in a savepoint of its own; return how much was done.

    `act` returns how much it did, if that may be another number than one; `refusals` say that
    somebody was faster.  Any other error is logged and taken back, and the next row's turn comes.
    After `most` the others wait for the next round, so that a transaction stays short; a row about
    which nothing was done does not count, or such rows would stand at the head for ever.
    """
    done = 0
    for row in rows:
        try:
            with transaction.atomic():
                did = act(row)
        except refusals:
            continue
        except OperationalError:  # PostgreSQL is away: it is not the row
            raise
        except Exception:
            log.exception("a follow-up failed for %s", _which(row))
            continue
        done += did if isinstance(did, int) else 1
        if most and done >= most:
            break
    return done


def _which(row: object) -> str:
    """Return what a log may say of a row: which it is, never whose."""
    return f"{type(row).__name__} {getattr(row, 'pk', '')}".strip()
