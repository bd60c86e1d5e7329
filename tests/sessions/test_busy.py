"""Somebody's own calendar: read apart, kept as spans, seen by them alone, avoided by proposals."""

from __future__ import annotations

import io
import json
import resource
import runpy
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from celery import current_app

from core.common import clock
from core.common.fetch import Answer, FetchError, Refusal, fetch
from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from sessions.calendar import operations
from sessions.calendar.engine import busy
from sessions.calendar.engine.busy import TooLarge, Unreadable, Wanted, busy_spans, read_apart
from sessions.calendar.operations import read_busy_calendar, tend_busy_calendars
from sessions.errors import BusyCalendarThere, JustRead, NoBusyCalendar
from sessions.models.replies import BusyCalendar
from sessions.planning.engine.times import conflicts_at
from sessions.planning.queries import availability
from tests.cast import Cast, main_of, sign_in
from tests.core.common.test_fetch import answering
from tests.sessions.build import NOON
from tests.sessions.conftest import Circle
from tests.work import run

ADDRESS = "https://calendar.example/secret.ics"
PAGE = "/o/acme/calendar/"
SLOT = datetime(2026, 3, 10, 9, tzinfo=UTC)


def stamp(at: datetime) -> int:
    return int(at.timestamp())


WANTED = Wanted(
    stamp(NOON),
    stamp(NOON + timedelta(days=400)),
    "Europe/Berlin",
    "petra@acme.example",
    "ours.example",
)


def ics(*events: str) -> bytes:
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"
    bodies = (
        f"BEGIN:VEVENT\r\nUID:{n}@elsewhere\r\nDTSTAMP:20260101T000000Z\r\n{event}END:VEVENT\r\n"
        for n, event in enumerate(events)
    )
    return f"{head}{''.join(bodies)}END:VCALENDAR\r\n".encode()


HOUR = "DTSTART:20260310T090000Z\r\nDTEND:20260310T100000Z\r\n"
AN_HOUR = [(stamp(SLOT), stamp(SLOT) + 3600)]


@pytest.mark.parametrize(
    ("event", "spans"),
    [
        pytest.param(HOUR, AN_HOUR, id="once"),
        pytest.param("DTSTART:20260310T090000Z\r\nDURATION:PT1H\r\n", AN_HOUR, id="duration"),
        pytest.param(
            "DTSTART;TZID=Europe/Berlin:20260310T100000\r\nDTEND;TZID=Europe/Berlin:20260310T110000\r\n",
            AN_HOUR,
            id="zone",
        ),
        pytest.param(
            "DTSTART:20260310T100000\r\nDTEND:20260310T110000\r\n", AN_HOUR, id="where they are"
        ),
        pytest.param(
            "DTSTART;VALUE=DATE:20260310\r\nDTEND;VALUE=DATE:20260311\r\n",
            [(stamp(SLOT) - 10 * 3600, stamp(SLOT) + 14 * 3600)],
            id="a day in Berlin",
        ),
        pytest.param(f"{HOUR}TRANSP:TRANSPARENT\r\n", [], id="free"),
        pytest.param(f"{HOUR}STATUS:CANCELLED\r\n", [], id="cancelled"),
        pytest.param(
            f"{HOUR}ATTENDEE;PARTSTAT=DECLINED:mailto:Petra@acme.example\r\n", [], id="declined"
        ),
        pytest.param(
            f"{HOUR}ATTENDEE;PARTSTAT=DECLINED:mailto:other@acme.example\r\n", AN_HOUR, id="other"
        ),
        pytest.param(f"{HOUR}RRULE:FREQ=SECONDLY\r\n", [], id="no meeting repeats by the second"),
        pytest.param("DTSTART:20200310T090000Z\r\nDTEND:20200310T100000Z\r\n", [], id="over"),
    ],
)
def test_an_event_is_busy_time_or_not(event: str, spans: list[tuple[int, int]]):
    assert busy_spans(ics(event), WANTED) == spans


def test_a_weekly_meeting_keeps_its_wall_time_and_its_exceptions():
    weekly = (
        "DTSTART;TZID=Europe/Berlin:20250317T100000\r\nDTEND;TZID=Europe/Berlin:20250317T110000\r\n"
        "RRULE:FREQ=WEEKLY;UNTIL=20260407T000000Z\r\nEXDATE;TZID=Europe/Berlin:20260316T100000\r\n"
    )
    begins = [datetime.fromtimestamp(b, UTC) for b, _ in busy_spans(ics(weekly), WANTED)]
    assert [f"{at:%d.%m. %H}" for at in begins] == [
        "09.03. 09",
        "23.03. 09",
        "30.03. 08",
        "06.04. 08",
    ]


def test_our_own_sessions_are_no_busy_time_and_what_touches_is_one():
    ours = HOUR.replace("DTSTART", "X-NOTE:a\r\nDTSTART")
    body = ics(ours).replace(b"0@elsewhere", b"0@ours.example")
    assert busy_spans(body, WANTED) == []
    later = "DTSTART:20260310T094500Z\r\nDTEND:20260310T103000Z\r\n"
    assert busy_spans(ics(HOUR, later), WANTED) == [(stamp(SLOT), stamp(SLOT) + 5400)]


def test_published_free_busy_times_are_read():
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VFREEBUSY", "UID:a",
        "DTSTAMP:20260101T000000Z", "FREEBUSY;FBTYPE=BUSY:20260310T090000Z/PT1H",
        "FREEBUSY;FBTYPE=FREE:20260311T090000Z/PT1H", "END:VFREEBUSY", "END:VCALENDAR", "",
    ]  # fmt: skip
    assert busy_spans("\r\n".join(lines).encode(), WANTED) == AN_HOUR


@pytest.mark.parametrize("body", [b"", b"<html>Sign in</html>", b"BEGIN:VCARD\r\nEND:VCARD\r\n"])
def test_what_is_no_calendar_is_said_to_be_none(body: bytes):
    with pytest.raises(Unreadable):
        read_apart(body, WANTED)


def test_a_calendar_is_read_in_a_process_of_its_own():
    assert read_apart(ics(HOUR), WANTED) == AN_HOUR


@pytest.mark.slow
def test_a_rule_that_never_ends_takes_so_much_time_and_no_more(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(busy, "WALL_SECONDS", 2)
    never = f"{HOUR}RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31\r\n"
    with pytest.raises(TooLarge):
        read_apart(ics(*[never] * 200), WANTED)


@pytest.mark.parametrize(
    ("end", "refusal"),
    [
        ("kill -KILL $$", TooLarge),
        (f"exit {busy._TOO_LARGE}", TooLarge),
        (f"exit {busy._UNREADABLE}", Unreadable),
        ("exit 1", Unreadable),
    ],
)
def test_how_the_process_ends_says_what_was_wrong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, end: str, refusal: type[Exception]
):
    reader = tmp_path / "reader"
    reader.write_text(f"#!/bin/sh\n{end}\n")
    reader.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(reader))
    with pytest.raises(refusal):
        read_apart(ics(HOUR), WANTED)


class _NoMemory(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise MemoryError


@pytest.mark.parametrize(
    ("body", "code", "written"),
    [
        (io.BytesIO(ics(HOUR)), 0, AN_HOUR),
        (io.BytesIO(b"<html>Sign in</html>"), 3, None),
        (_NoMemory(), 4, None),
    ],
)
def test_the_process_bounds_itself_before_it_reads_and_says_how_it_ended(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    body: io.BytesIO,
    code: int,
    written: list[tuple[int, int]] | None,
):
    bounds: dict[int, tuple[int, int]] = {}
    stdin = SimpleNamespace(buffer=body)
    head = io.BytesIO(json.dumps(asdict(WANTED)).encode())

    def head_of() -> bytes:
        assert bounds == {
            resource.RLIMIT_CPU: (busy.CPU_SECONDS, busy.CPU_SECONDS),
            resource.RLIMIT_AS: (busy.MEMORY, busy.MEMORY),
        }
        return head.read()

    monkeypatch.setattr(body, "readline", head_of, raising=False)
    monkeypatch.setattr(resource, "setrlimit", bounds.__setitem__)
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(SystemExit) as end:
        runpy.run_path(busy.__file__, run_name="__main__")
    assert end.value.code == code
    shown = capsys.readouterr().out
    assert (json.loads(shown) if shown else None) == (written and [list(s) for s in written])


def add(member: Member, address: str = ADDRESS) -> UUID:
    return operations.add_busy_calendar(address=address, by=member).pk


def answers(monkeypatch: pytest.MonkeyPatch, body: bytes | FetchError) -> None:
    def answer(*args: object, **options: object) -> Answer:
        if isinstance(body, FetchError):
            raise body
        return Answer(200, "text/calendar", body)

    monkeypatch.setattr(operations, "fetch", answer)


def test_the_address_is_sealed_and_of_what_is_read_spans_alone_are_kept(
    cast: Cast, noon: None, monkeypatch: pytest.MonkeyPatch
):
    answers(monkeypatch, ics(f"{HOUR}SUMMARY:Surgeon\r\nATTENDEE:mailto:dr@clinic.example\r\n"))
    with tenant(cast.acme):
        mine = add(cast.petra)
    read_busy_calendar(cast.acme.pk, mine)
    with tenant(cast.acme):
        row = BusyCalendar.objects.values().get()
        assert not BusyCalendar.objects.visible_to(cast.cora).exists()
    assert (row["spans"], row["problem"]) == ([list(span) for span in AN_HOUR], "")
    assert not any(word in str(row) for word in ("calendar.example", "Surgeon", "clinic"))


def test_it_is_fetched_by_the_safe_client_within_its_bounds(
    cast: Cast, noon: None, monkeypatch: pytest.MonkeyPatch
):
    body = ics(HOUR)
    with answering(b"HTTP/1.1 200 OK\r\n\r\n", body) as url:
        monkeypatch.setattr(operations, "fetch", partial(fetch, loopback=True))
        with tenant(cast.acme):
            mine = add(cast.petra, url)
        read_busy_calendar(cast.acme.pk, mine)
    with tenant(cast.acme):
        assert BusyCalendar.objects.get().spans == [list(span) for span in AN_HOUR]
    monkeypatch.setattr(operations, "fetch", fetch)
    read_busy_calendar(cast.acme.pk, mine)
    with tenant(cast.acme):
        assert BusyCalendar.objects.get().problem == Refusal.INSIDE


def test_every_refusal_of_the_client_has_words():
    assert {str(refusal) for refusal in Refusal} <= set(BusyCalendar.Problem.values)


def test_where_it_cannot_be_read_what_was_known_stays_and_it_is_said_since_when(
    cast: Cast, noon: None, monkeypatch: pytest.MonkeyPatch
):
    with tenant(cast.acme):
        mine = add(cast.petra)
    answers(monkeypatch, ics(HOUR))
    read_busy_calendar(cast.acme.pk, mine)
    answers(monkeypatch, FetchError(Refusal.STATUS))
    for hours in (6, 12):
        with clock.at(NOON + timedelta(hours=hours)):
            read_busy_calendar(cast.acme.pk, mine)
    with tenant(cast.acme):
        OrganisationSettings.objects.update(time_zone="Europe/Berlin")
    page = main_of(sign_in(cast.petra).get(PAGE))
    assert "We could not read it since 2 March 2026, 19:00" in " ".join(page.split())
    assert "it refuses to show the calendar" in page
    with tenant(cast.acme):
        assert BusyCalendar.objects.get().spans == [list(span) for span in AN_HOUR]
    answers(monkeypatch, ics())
    read_busy_calendar(cast.acme.pk, mine)
    with tenant(cast.acme):
        row = BusyCalendar.objects.get()
    assert (row.spans, row.problem, row.failing_since) == ([], "", None)


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        (None, BusyCalendar.Problem.UNREADABLE),
        (f"{HOUR}RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31\r\n", BusyCalendar.Problem.LARGE),
    ],
)
def test_what_is_wrong_with_a_calendar_that_came_is_kept(
    cast: Cast, noon: None, monkeypatch: pytest.MonkeyPatch, event: str | None, problem: str
):
    monkeypatch.setattr(busy, "WALL_SECONDS", 2)
    answers(monkeypatch, ics(*[event] * 200) if event else b"<html>Sign in</html>")
    with tenant(cast.acme):
        mine = add(cast.petra)
    read_busy_calendar(cast.acme.pk, mine)
    with tenant(cast.acme):
        row = BusyCalendar.objects.get()
    assert (row.problem, row.failing_since, row.read_at) == (problem, NOON, None)


def test_a_worker_is_told_to_read_once_the_calendar_is_kept(
    cast: Cast,
    noon: None,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
):
    answers(monkeypatch, ics(HOUR))
    words: list[tuple[str, list[Any]]] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args, retry: words.append((name, args))
    )
    with django_capture_on_commit_callbacks(execute=True):
        with tenant(cast.acme):
            mine = add(cast.petra)
        assert words == []
    assert words == [(operations.READ_TASK, [cast.acme.pk, str(mine)])]
    ((name, args),) = words
    run(name, *args)
    with tenant(cast.acme):
        assert BusyCalendar.objects.get().spans == [list(span) for span in AN_HOUR]


def test_it_is_read_again_every_six_hours_and_forgotten_when_somebody_leaves(
    cast: Cast, noon: None, monkeypatch: pytest.MonkeyPatch
):
    told: list[list[UUID]] = []
    monkeypatch.setattr(operations, "_let_read", told.append)
    answers(monkeypatch, ics(HOUR))

    def asked(**later: float) -> list[UUID]:
        told.clear()
        with tenant(cast.acme):
            tend_busy_calendars(at=NOON + timedelta(**later))
        return told[0]

    with tenant(cast.acme):
        mine = add(cast.petra)
    assert told == [[mine]]
    assert asked(minutes=1) == []
    assert asked(minutes=2) == [mine]  # nobody has read it: the word was lost
    assert asked(minutes=3) == []
    read_busy_calendar(cast.acme.pk, mine)
    assert asked(hours=5) == []
    assert asked(hours=6) == [mine]
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(state="left", left_at=clock.now())
        assert tend_busy_calendars(at=NOON + timedelta(hours=7)) == 1
        assert not BusyCalendar.objects.exists()
    read_busy_calendar(cast.acme.pk, mine)  # a late word finds nothing


def test_there_is_one_for_a_person_and_reading_it_at_will_has_a_limit(cast: Cast, noon: None):
    with tenant(cast.acme):
        add(cast.petra)
        with pytest.raises(BusyCalendarThere):
            add(cast.petra)
        with pytest.raises(JustRead):
            operations.read_again(by=cast.petra)
        with clock.at(NOON + timedelta(minutes=3)):
            operations.read_again(by=cast.petra)
        operations.remove_busy_calendar(by=cast.petra)
        for act in (operations.remove_busy_calendar, operations.read_again):
            with pytest.raises(NoBusyCalendar):
                act(by=cast.petra)


def test_it_is_given_read_and_removed_on_the_page_of_my_calendar(cast: Cast, noon: None):
    petra = sign_in(cast.petra)
    for typed in (
        "",
        "nonsense",
        "ftp://calendar.example/a.ics",
        "http://me:word@calendar.example/",
    ):
        answer = petra.post(f"{PAGE}busy/add/", {"address": typed})
        assert answer.status_code == 422
        assert not typed or f'value="{typed}"' in answer.content.decode()
    webcal = ADDRESS.replace("https", "webcal")
    assert petra.post(f"{PAGE}busy/add/", {"address": webcal})["Location"] == PAGE
    page = petra.get(PAGE).content.decode()
    assert ADDRESS in page
    assert "We are reading it now" in page
    assert petra.post(f"{PAGE}busy/add/", {"address": ADDRESS}).status_code == 422
    refused = petra.post(f"{PAGE}busy/read/", follow=True).content.decode()
    assert "It was read a moment ago" in refused
    assert petra.post(f"{PAGE}busy/remove/")["Location"] == PAGE
    assert ADDRESS not in petra.get(PAGE).content.decode()
    assert ADDRESS not in sign_in(cast.cora).get(PAGE).content.decode()


def test_proposals_avoid_it_and_say_no_more_than_that_a_time_does_not_suit(
    cast: Cast, circle: Circle, monkeypatch: pytest.MonkeyPatch
):
    with tenant(cast.acme):
        gathering = availability.gather(partnership=circle.partnership, at=NOON)
        best = availability.proposed_times(gathering=gathering)[0]
        begins = best.starts_at
        hours = f"DTSTART:{begins:%Y%m%dT%H%M%SZ}\r\nDURATION:PT1H\r\n"
        mine = add(cast.petra)
    answers(monkeypatch, ics(hours))
    read_busy_calendar(cast.acme.pk, mine)
    with tenant(cast.acme):
        gathering = availability.gather(partnership=circle.partnership, at=NOON)
        proposals = availability.proposed_times(gathering=gathering)
        (absentee,) = [
            each for each in gathering.absentees(begins, 60) if each.member.pk == cast.petra.pk
        ]
    assert begins not in [proposal.starts_at for proposal in proposals]
    assert absentee.why.startswith("is not free then")


def test_a_span_ends_where_the_next_meeting_begins(cast: Cast, circle: Circle):
    with tenant(cast.acme):
        row = add(cast.petra)
        BusyCalendar.objects.filter(pk=row).update(
            spans=[[stamp(SLOT) - 7200, stamp(SLOT) - 3600], *([list(s) for s in AN_HOUR])]
        )
        gathering = availability.gather(partnership=circle.partnership, at=NOON)
    (diary,) = [each for each in gathering.diaries if each.key == str(cast.petra.pk)]
    free = {
        minutes: not conflicts_at([diary], SLOT + timedelta(minutes=minutes), 60)
        for minutes in (-90, -60, -30, 0, 59, 60)
    }
    assert free == {-90: False, -60: True, -30: False, 0: False, 59: False, 60: True}
