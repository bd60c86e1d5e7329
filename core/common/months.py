"""Months as people count them."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime


def months_before(at: datetime, months: int) -> datetime:
    """Return the same day so many months earlier, or the last one where a month has none such."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))
