"""From what people answered and what is known of their work to what the engine compares.

Everything here returns plain JSON: a list for a set, an object for levels, numbers and text
as they are, None for "not answered".
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pairing.engine.shapes import Kind, RuleKind

DAY_MINUTES = 1440
WEEK_MINUTES = 7 * DAY_MINUTES
SLOT_MINUTES = 30  # where a criterion names none; half an hour, as some zones are half hours apart
MIDDLE_LEVEL = 1  # a skill named without a level: at least a beginning is there, or is wanted


def value_for(kind: str, raw: Any, *, on: date, zone: str, slot_minutes: int) -> Any:
    """Return what a criterion or rule of that kind compares, None where nothing can be read.

    `zone` is the person's time zone: availability is answered in it and compared in UTC.
    """
    if raw is None or raw in ("", [], {}):
        return None
    if kind in {Kind.OVERLAP, RuleKind.MUST_SHARE}:
        return items(raw)
    if kind == Kind.LEVELS:
        return levels(raw)
    if kind == Kind.GAP:
        return number(raw)
    if kind in {Kind.TIMEZONE, RuleKind.CLOCKS_WITHIN}:
        return minutes_from_utc(str(raw), on)
    if kind == Kind.TEXT:
        return " ".join(str(raw).split()) or None
    if kind == Kind.AVAILABILITY:
        return week_mask(raw, shift=minutes_from_utc(zone, on) or 0, slot_minutes=slot_minutes)
    return scalar(raw)


def items(raw: Any) -> list[str]:
    """Return a set of words, sorted; levels count as their skills."""
    if isinstance(raw, list | tuple | dict):
        return sorted({str(item) for item in raw})
    return [str(raw)]


def levels(raw: Any) -> dict[str, int]:
    """Return skill -> level; a skill without a level has the lowest."""
    if isinstance(raw, dict):
        return {str(skill): int(level or MIDDLE_LEVEL) for skill, level in sorted(raw.items())}
    return dict.fromkeys(items(raw), MIDDLE_LEVEL)


def scalar(raw: Any) -> str | int | float:
    """Return one value to be compared for equality; text without regard to case or edges."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, list | tuple | dict):
        return ", ".join(items(raw))
    return str(raw).strip().casefold()


def number(raw: Any) -> float | None:
    """Return the one number that is in it ("Grade 7" is 7), None if there is none or several."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int | float):
        return raw
    if isinstance(raw, date):
        return raw.toordinal()
    numbers = re.findall(r"\d+(?:\.\d+)?", str(raw))
    return float(numbers[0]) if len(numbers) == 1 else None


def minutes_from_utc(zone: str, on: date) -> int | None:
    """Return a zone's offset at noon of that day, None for a name that is no zone."""
    try:
        noon = datetime(on.year, on.month, on.day, 12, tzinfo=ZoneInfo(zone))
    except (ValueError, KeyError, OSError):
        return None
    offset = noon.utcoffset()
    return int(offset.total_seconds() // 60) if offset is not None else None


def week_mask(raw: Any, *, shift: int, slot_minutes: int) -> int | None:
    """Return the slots of a UTC week that are free, bit 0 is Monday 00:00.

    `raw` is [[weekday, start, end], …] in minutes of a local day; `shift` the zone's offset.
    """
    try:
        ranges = [(int(day), int(start), int(end)) for day, start, end in raw]
    except (TypeError, ValueError):
        return None
    mask = 0
    for day, start, end in ranges:
        first = day * DAY_MINUTES + start - shift
        last = day * DAY_MINUTES + end - shift
        for slot in range(-(-first // slot_minutes), last // slot_minutes):
            mask |= 1 << (slot % (WEEK_MINUTES // slot_minutes))
    return mask
