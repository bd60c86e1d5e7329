"""Cells to values. Each parser returns what it could read and a fault for what it could not.

Nothing is guessed: a date that could be two days, a zone that is only an offset and a level
outside its scale stay out and are named. An empty cell is empty and no fault.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from zoneinfo import available_timezones

from programs.importing.countries import country_code
from programs.importing.messages import Code
from programs.importing.values import (
    MINUTES_PER_DAY,
    Part,
    Problem,
    Reading,
    Skill,
    Slot,
    fold,
    merge_slots,
)

MAX_NAME = 150
MAX_LINE = 200
MAX_TEXT = 5_000
MAX_EMAIL = 254
MAX_SKILL_LEVEL = 5
MAX_LEVEL = 20
MAX_CAPACITY = 20
# A birthday in a hire-date column is no reason to refuse; the year 0205 is a slip of the hand.
FIRST_YEAR, LAST_YEAR = 1900, 2100

_PARTICLES = frozenset(("von", "van", "der", "den", "de", "del", "della", "di", "da", "dos", "la"))
_SHOWN = 60
_LONGEST = 2 * MAX_TEXT
_PASTED = "\ufeff\u200b\u2060"
_CONTROL = dict.fromkeys(
    code
    for code in (
        *range(0x20),
        *range(0x7F, 0xA0),
        *(0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)),  # turn text around
        *range(0xD800, 0xE000),
    )
    if code not in (0x09, 0x0A)
)


def _fault(code: Code, params: Mapping[str, str | int] | None = None) -> Problem:
    return Problem("", code, params or {})  # the reader of the row knows of which field


def quoted(text: str) -> str:
    """Return the text short enough to be repeated in a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def clean(text: str) -> str:
    """Return the text composed (NFC), trimmed, with newlines but no other control characters.

    Composing sorts a run of combining marks by insertion, so it never sees more than a few
    times what any cell may hold; what is cut off here is refused as too long all the same.
    """
    text = text[:_LONGEST]
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _trim(text)


def _trim(text: str) -> str:
    return text.translate(_CONTROL).strip().strip(_PASTED).strip()


def parse_text(text: str, *, limit: int = MAX_TEXT) -> Reading[str]:
    """Return a long text, its own line breaks kept."""
    value = clean(text)
    if len(value) > limit:
        return Reading("", (_fault(Code.TEXT_TOO_LONG, {"text": quoted(value), "limit": limit}),))
    return Reading(value)


def parse_line(text: str, *, limit: int = MAX_LINE) -> Reading[str]:
    """Return a short text on one line, with single spaces."""
    return parse_text(" ".join(clean(text).split()), limit=limit)


# They join and part letters of Persian, Hindi and others.
_JOINERS = "\u200c\u200d"


def parse_name(text: str) -> Reading[str]:
    """Return a name without anything that hides, or that turns the text after it around."""
    visible = (
        character
        for character in clean(text)
        if character.isspace() or character in _JOINERS or unicodedata.category(character)[0] != "C"
    )
    return parse_line("".join(visible), limit=MAX_NAME)


_MAILBOX = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


def parse_email(text: str) -> Reading[str]:
    """Return an address that mail can reach, case folded, or "" and why.

    ASCII only, and checked before anything is composed or folded: the Kelvin sign becomes a
    plain k by either, and would give one person the address of another.
    """
    value = _trim(text[:_LONGEST])
    if not value:
        return Reading("", (_fault(Code.EMAIL_MISSING),))
    folded = value.casefold() if value.isascii() else ""
    mailbox, _, domain = folded.partition("@")
    usable = (
        len(folded) <= MAX_EMAIL
        and len(mailbox) <= 64
        and _MAILBOX.fullmatch(mailbox)
        and _DOMAIN.fullmatch(domain)
        and all(len(label) <= 63 for label in domain.split("."))
    )
    if not usable:
        return Reading("", (_fault(Code.EMAIL_UNUSABLE, {"text": quoted(value)}),))
    return Reading(folded)


_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?", re.A)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?: 00:00(?::00)?)?", re.A)


def parse_date(text: str, *, order: str = "") -> Reading[date | None]:
    """Return a day that is written so that it can only be that day.

    Year first is read as year, month, day. Year last is read as `order` says ("dmy" or "mdy")
    and without one only where it leaves no choice: one number is above 12, or both are equal.
    A day number of a spreadsheet is no date.
    """
    value = clean(text)
    if not value:
        return Reading(None)
    params = {"text": quoted(value)}
    if match := _YEAR_FIRST.fullmatch(value):
        year, month, day = int(match[1]), int(match[3]), int(match[4])
    elif match := _YEAR_LAST.fullmatch(value):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        if not order and first != second and first <= 12 and second <= 12:
            return Reading(None, (_fault(Code.DATE_AMBIGUOUS, params),))
        is_day_first = second <= 12 if not order or first > 12 or second > 12 else order == "dmy"
        day, month = (first, second) if is_day_first else (second, first)
    else:
        return Reading(None, (_fault(Code.DATE_UNREADABLE, params),))
    try:
        if FIRST_YEAR <= year <= LAST_YEAR:
            return Reading(date(year, month, day))
    except ValueError:
        pass
    return Reading(None, (_fault(Code.DATE_IMPOSSIBLE, params),))


def judge_dates(texts: Iterable[str]) -> str:
    """Return how a whole column writes its days: "dmy", "mdy", or "" where it does not say.

    One 18.02.2017 says it for all the others; failing that, points stand after a day first.
    """
    matches = [match for text in texts if (match := _YEAR_LAST.fullmatch(text[:40].strip()))]
    day_first = any(int(match[1]) > 12 >= int(match[3]) for match in matches)
    month_first = any(int(match[3]) > 12 >= int(match[1]) for match in matches)
    if day_first != month_first:
        return "dmy" if day_first else "mdy"
    all_points = bool(matches) and all(match[2] == "." for match in matches)
    return "dmy" if all_points and not month_first else ""


def parse_full_name(text: str) -> Reading[tuple[str, str]]:
    """Return given and family name of one cell: "Byron, Ada" and "Ada Byron" are the same.

    Without a comma the last word is the family name, with the small words before it.
    """
    whole = parse_line(text, limit=2 * MAX_NAME)
    before, comma, after = whole.value.partition(",")
    if comma:
        given, family = after.strip(), before.strip()
    else:
        words = whole.value.split()
        at = len(words) - 1
        while at > 1 and words[at - 1] in _PARTICLES:
            at -= 1
        given, family = " ".join(words[:at] or words[:1]), " ".join(words[max(at, 1) :])
    faults = [*whole.faults]
    for part in (given, family):
        faults += parse_name(part).faults
    return Reading(("", "") if faults else (given, family), tuple(faults))


@lru_cache(maxsize=1)
def _zones() -> Mapping[str, str]:
    # "Factory" and "localtime" are placeholders of the database and no place on earth.
    return {fold(name): name for name in available_timezones() - {"Factory", "localtime"}}


def parse_time_zone(text: str) -> Reading[str]:
    value = clean(text)
    if not value:
        return Reading("")
    zone = _zones().get(fold(value).replace(" ", "_"), "")
    faults = () if zone else (_fault(Code.TIME_ZONE_UNKNOWN, {"text": quoted(value)}),)
    return Reading(zone, faults)


def parse_country(text: str) -> Reading[str]:
    value = clean(text)
    if not value:
        return Reading("")
    code = country_code(value)
    return Reading(code, () if code else (_fault(Code.COUNTRY_UNKNOWN, {"text": quoted(value)}),))


_LEVEL = re.compile(r"(?:level|grade|stufe|l|g)?\s*(\d{1,3})(?:\.0+)?", re.A | re.I)


def parse_level(text: str) -> Reading[int | None]:
    """Return a level or grade from 0 to MAX_LEVEL: "5", "L5", "Grade 5"; no other ladders."""
    return _number(text, _LEVEL, MAX_LEVEL, Code.LEVEL_UNREADABLE)


_WHOLE = re.compile(r"(\d{1,3})(?:\.0+)?", re.A)


def parse_capacity(text: str) -> Reading[int | None]:
    """Return for how many partners there is room, from 0 to MAX_CAPACITY."""
    return _number(text, _WHOLE, MAX_CAPACITY, Code.CAPACITY_UNREADABLE)


def _number(text: str, shape: re.Pattern[str], limit: int, code: Code) -> Reading[int | None]:
    value = clean(text)
    if not value:
        return Reading(None)
    match = shape.fullmatch(value)
    if match and int(match[1]) <= limit:
        return Reading(int(match[1]))
    return Reading(None, (_fault(code, {"text": quoted(value), "limit": limit}),))


_PART_WORDS: dict[Part, str] = {
    "peer": "peer|peers|circle|circle member|kollege|kollegin|kreis",
    "mentor": "mentor|mentors|mentorin|mentor:in|mentor*in",
    "mentee": "mentee|mentees|mentoree|protégé|protegé",
    "both": "both|mentor and mentee|mentor & mentee|mentor/mentee|mentor + mentee"
    "|beide|beides|mentor und mentee",
}
_PARTS: dict[str, Part] = {
    fold(word): part for part, words in _PART_WORDS.items() for word in words.split("|")
}


def parse_part(text: str) -> Reading[Part | None]:
    value = " ".join(clean(text).split())
    if not value:
        return Reading(None)
    part = _PARTS.get(fold(value))
    faults = () if part else (_fault(Code.PART_UNKNOWN, {"text": quoted(value)}),)
    return Reading(part, faults)


def _items(text: str) -> tuple[list[str], list[Problem]]:
    """Cut a list at ; | or newlines; at commas only where it has none of those."""
    whole = parse_text(text)
    cut = r"[;|\n]" if re.search(r"[;|\n]", whole.value) else r","
    items = [item for part in re.split(cut, whole.value) if (item := " ".join(part.split()))]
    return items, list(whole.faults)


def parse_words(text: str) -> Reading[tuple[str, ...]]:
    """Return a list of words or phrases, each once, in the order given."""
    words: dict[str, str] = {}
    items, faults = _items(text)
    for item in items:
        if len(item) > MAX_LINE:
            faults.append(_fault(Code.TEXT_TOO_LONG, {"text": quoted(item), "limit": MAX_LINE}))
        else:
            words.setdefault(fold(item), item)
    return Reading(tuple(words.values()), tuple(faults))


# A number in brackets or after a colon is a level, good or bad; words in brackets are a name.
_SKILL = re.compile(r"(?P<name>.*?)\s*(?:\(\s*(?P<a>[+-]?\d[\d.,/]*)\s*\)|:\s*(?P<b>[+-]?\d+))?")


def parse_skills(text: str) -> Reading[tuple[Skill, ...]]:
    """Return skills as in "Facilitation (4); Listening (3)", each once.

    A skill with a level outside 1 to 5 is left out and named, not kept without its level: an
    offer of unknown depth would count in matching as if somebody had made it.
    """
    skills: dict[str, Skill] = {}
    items, faults = _items(text)
    for item in items:
        match = _SKILL.fullmatch(item)
        name = match["name"] if match else item
        level_text = (match["a"] or match["b"]) if match else None
        level = int(level_text) if level_text and re.fullmatch(r"[1-5]", level_text) else None
        shown: dict[str, str | int] = {"skill": quoted(name)}
        if not name:
            faults.append(_fault(Code.SKILL_UNREADABLE, {"text": quoted(item)}))
        elif len(name) > MAX_LINE:
            faults.append(_fault(Code.TEXT_TOO_LONG, {"text": quoted(name), "limit": MAX_LINE}))
        elif level_text and level is None:
            shown |= {"level": quoted(level_text), "limit": MAX_SKILL_LEVEL}
            faults.append(_fault(Code.SKILL_LEVEL, shown))
        elif skills.setdefault(fold(name), Skill(name, level)).level != level:
            faults.append(_fault(Code.SKILL_REPEATED, shown))
    return Reading(tuple(skills.values()), tuple(faults))


_DAY_WORDS = (
    "mon monday mo montag",
    "tue tues tuesday di dienstag",
    "wed wednesday mi mittwoch",
    "thu thur thurs thursday do donnerstag",
    "fri friday fr freitag",
    "sat saturday sa samstag",
    "sun sunday so sonntag",
)
_DAYS = {word: day for day, words in enumerate(_DAY_WORDS) for word in words.split()}
_SLOT = re.compile(
    r"([a-z]+)\.?\s+(\d{1,2})(?:[:.](\d{2}))?\s*[-\u2013\u2014]\s*(\d{1,2})(?:[:.](\d{2}))?", re.A
)


def parse_availability(text: str) -> Reading[tuple[Slot, ...]]:
    """Return the free times of a week, joined where they overlap or touch, in week order."""
    slots: list[Slot] = []
    items, faults = _items(text)
    for item in items:
        if slot := _slot(item):
            slots.append(slot)
        else:
            faults.append(_fault(Code.AVAILABILITY_UNREADABLE, {"text": quoted(item)}))
    return Reading(merge_slots(slots), tuple(faults))


def _slot(item: str) -> Slot | None:
    match = _SLOT.fullmatch(item.casefold())
    day = _DAYS.get(match[1]) if match else None
    if not match or day is None:
        return None
    start_past, end_past = int(match[3] or 0), int(match[5] or 0)
    start, end = int(match[2]) * 60 + start_past, int(match[4]) * 60 + end_past
    if start_past > 59 or end_past > 59 or not start < end <= MINUTES_PER_DAY:
        return None
    return Slot(day, start, end)
