"""A strict reading of iCalendar, written from the grammar and not from our own writer.

Every calendar that any test makes is read by it (tests/conftest.py): e-mails, downloads, feeds.
Source: RFC 5545, 3.1 (content lines, folding), 3.2 (parameters), 3.3.5 (DATE-TIME), 3.3.11
(TEXT), 3.6.1 (VEVENT), 3.6.6 (VALARM), 3.8.7.4 (SEQUENCE); RFC 5546, 3.2 (what each METHOD wants).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = r"[A-Za-z0-9-]+"
_SAFE = r"[\t \x21\x23-\x2b\x2d-\x39\x3c-\x7e\x80-\U0010ffff]*"
_QUOTED = r'"[\t \x21\x23-\x7e\x80-\U0010ffff]*"'
_VALUE = rf"(?:{_QUOTED}|{_SAFE})"
_LINE = re.compile(rf"({_NAME})((?:;{_NAME}={_VALUE}(?:,{_VALUE})*)*):(.*)", re.S)
_PARAMETER = re.compile(rf";({_NAME})=({_VALUE}(?:,{_VALUE})*)")
_TEXT = re.compile(
    r"(?:[\t \x21\x22\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e\x80-\U0010ffff]|\\[\\;,nN])*"
)
_UTC = re.compile(r"\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3])[0-5]\d[0-5]\dZ")
_TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "NAME", "X-WR-CALNAME", "UID", "PRODID"}
_TRIGGER = re.compile(r"-P(?:\d+D|T\d+M)")
_TIMES = {"DTSTART", "DTEND", "DTSTAMP", "LAST-MODIFIED"}
_ONCE = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "STATUS", "ORGANIZER"}


@dataclass(frozen=True)
class Line:
    name: str
    parameters: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value as it was meant: without its escapes."""
        return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], self.value)


def lines_of(body: bytes) -> list[Line]:
    """Return the unfolded content lines; raises AssertionError where the grammar is broken."""
    assert body.endswith(b"\r\n"), "the last line has no end"
    assert b"\n" not in body.replace(b"\r\n", b""), "a line ends without CRLF"
    assert b"\r" not in body.replace(b"\r\n", b""), "a carriage return within a line"
    for octets in body.split(b"\r\n"):
        assert len(octets) <= 75, f"{len(octets)} octets: {octets!r}"
        octets.decode()  # no character is cut in two by folding
    found = []
    for line in body.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]:
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line), f"a control character: {line!r}"
        match = _LINE.fullmatch(line)
        assert match, f"no content line: {line!r}"
        parameters = dict(_PARAMETER.findall(match[2]))
        found.append(
            Line(match[1].upper(), {k.upper(): v for k, v in parameters.items()}, match[3])
        )
    return found


def check(body: bytes) -> list[dict[str, Line]]:
    """Check a whole calendar and return its events by property; raises AssertionError."""
    lines = lines_of(body)
    assert (lines[0].name, lines[0].value) == ("BEGIN", "VCALENDAR")
    assert (lines[-1].name, lines[-1].value) == ("END", "VCALENDAR")
    events: list[dict[str, Line]] = []
    head: dict[str, Line] = {}
    inside: dict[str, Line] | None = None
    alarm: dict[str, Line] | None = None
    alarms: list[list[str]] = []
    for line in lines[1:-1]:
        if alarm is not None or (line.name, line.value) == ("BEGIN", "VALARM"):
            assert inside is not None, "an alarm belongs to an event"
            if line.name == "TRIGGER":
                alarms[-1].append(line.value)
            alarm = _alarm(line, alarm)
        elif line.name == "BEGIN":
            assert line.value == "VEVENT", f"an unexpected {line.value}: times are in UTC"
            inside = {}
            alarms.append([])
        elif line.name == "END":
            assert inside is not None
            events.append(inside)
            inside = None
        else:
            where = head if inside is None else inside
            assert line.name not in where, f"{line.name} twice"
            _check_value(line)
            where[line.name] = line
    assert head["VERSION"].value == "2.0"
    assert head["PRODID"].value
    assert head["CALSCALE"].value == "GREGORIAN"
    _check_method(head["METHOD"].value, events)
    for event, triggers in zip(events, alarms, strict=True):
        assert triggers == ([] if event["STATUS"].value == "CANCELLED" else ["-P1D", "-PT10M"])
    return events


def method_of(body: bytes) -> str:
    return next(line.value for line in lines_of(body) if line.name == "METHOD")


def _alarm(line: Line, alarm: dict[str, Line] | None) -> dict[str, Line] | None:
    """Take in one line of an alarm (RFC 5545, 3.6.6); None after its last."""
    if line.name == "BEGIN":
        return {}
    if line.name == "END":
        assert alarm is not None
        assert alarm.keys() == {"ACTION", "TRIGGER", "DESCRIPTION"}
        assert alarm["ACTION"].value == "DISPLAY"
        assert _TRIGGER.fullmatch(alarm["TRIGGER"].value)
        assert _TEXT.fullmatch(alarm["DESCRIPTION"].value)
        return None
    return {**(alarm or {}), line.name: line}


def _check_value(line: Line) -> None:
    if line.name in _TEXTS:
        assert _TEXT.fullmatch(line.value), f"not escaped: {line.value!r}"
    if line.name in _TIMES:
        assert _UTC.fullmatch(line.value), f"not in UTC: {line.value!r}"
        assert "TZID" not in line.parameters
    if line.name in {"ORGANIZER", "ATTENDEE"}:
        assert re.fullmatch(r"mailto:[^\s@]+@[^\s@]+", line.value), line.value


def _check_method(method: str, events: list[dict[str, Line]]) -> None:
    assert method in {"PUBLISH", "REQUEST", "CANCEL"}
    for event in events:
        assert event.keys() >= _ONCE, f"missing {_ONCE - event.keys()}"
        assert event["DTSTART"].value < event["DTEND"].value
        assert event["SEQUENCE"].value.isdigit()
        assert int(event["SEQUENCE"].value) < 2**31
        assert event["DTSTAMP"].value == event["LAST-MODIFIED"].value
        if method == "CANCEL":
            assert event["STATUS"].value == "CANCELLED"
        if method in {"REQUEST", "CANCEL"}:
            assert len(events) == 1, "all components of one message have one UID"
            attendee = event["ATTENDEE"]
            assert attendee.parameters["PARTSTAT"] in {"NEEDS-ACTION", "ACCEPTED", "DECLINED"}
        if method == "REQUEST":
            assert event["STATUS"].value == "CONFIRMED"
        if method == "PUBLISH":
            assert "ATTENDEE" not in event, "whoever reads a feed is asked nothing"
    uids = [event["UID"].value for event in events]
    assert len(set(uids)) == len(uids)
