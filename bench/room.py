"""Meeting rooms under load: 500 tables of five phones each, through our own gunicorn.

    python -m bench.room [--quick]

Every phone comes in and then asks every two seconds whether anything is new, later where the
server is slow, as static/room.js does, over a pool of connections as a proxy keeps them. At each
table somebody moves the round on and two phones count turns, one tap in twenty is sent twice with
the same key, as a phone does that missed its answer. For each tap that changed the room is noted
when each of the other phones saw it. Afterwards every tap is looked for in PostgreSQL. Then
questions and taps are sent without waiting between two. Prints JSON lines and the goals; asserts
nothing.  This program runs on the same cores as what it measures: its share is told.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import time
import uuid
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench._database import analyse, database, enrol_people, make_owner, make_people
from bench._lines import Lines, asked_quick
from devtools.embedded import ROOT

PORT = 8791
WORKERS, THREADS = 3, 4  # as in the Dockerfile
POOL = 48  # connections that a proxy keeps open
PHONES = 5
EVERY = 2.0  # seconds between two questions of one phone, where the server is quick
SLOWER = 1.75  # as much longer at most, and for an answer that took so many times its time
PATIENCE = 20
TAP_EVERY = 20.0  # seconds between two counts of one table: a lively talk
MOVE_EVERY = 60.0
ENTER = 10.0, 60.0  # seconds over which all phones come in, quick or not; then it is measured
TWICE = 0.05


@dataclass
class Table:
    """One room: its address, a link for each phone, and the cookies of those who tap."""

    session_id: uuid.UUID
    links: list[str]
    seats: list[str]
    beat: int = 0
    sent: set[str] = field(default_factory=set)
    # the version that a tap led to, when it was made, and by which phone
    made: list[tuple[int, float, int]] = field(default_factory=list)
    # by phone: when it saw which version first
    looks: list[list[tuple[int, float]]] = field(
        default_factory=lambda: [[] for _ in range(PHONES)]
    )

    def seen_after(self, since: float) -> Iterator[float]:
        """Yield how long each other phone took to see each tap that was made since then."""
        for version, made, by in self.made:
            for place, looks in enumerate(self.looks):
                at = bisect_left(looks, (version, 0.0))
                if made > since and place != by and 0 < at < len(looks):
                    yield max(0.0, looks[at][1] - made)


def make_tables(count: int) -> tuple[Any, list[Table]]:
    """Make so many circles of five with a session that begins now; return owner and tables."""
    from core.common import clock
    from core.tenancy.context import tenant
    from pairing.models.partnerships import Partnership, Seat
    from programs.models.parts import MeetingRole
    from programs.models.programs import Cohort, Enrolment, Program
    from sessions.models.sessions import Session, Turn

    owner = make_owner()
    now = clock.now()
    with tenant(owner.organisation):
        make_people(owner, count * PHONES)
        program = Program.objects.create(name="Circles", format=Program.Format.CIRCLES)
        leads = MeetingRole.objects.create(program=program, key="facilitator", leads=True)
        watches = MeetingRole.objects.create(program=program, key="voice_watcher", priority=1)
        cohort = Cohort.objects.create(
            program=program,
            name="Autumn",
            phase=Cohort.Phase.RUNNING,
            starts_on=now.date() - timedelta(days=7),
            ends_on=now.date() + timedelta(days=90),
        )
        enrol_people(cohort.pk, owner.organisation.pk, skip=0, count=count * PHONES)
        people = list(Enrolment.objects.select_related("member__user").order_by("member__email"))
        circles = Partnership.objects.bulk_create(
            Partnership(
                cohort=cohort,
                name=f"Circle {n}",
                starts_on=cohort.starts_on,
                ends_on=cohort.last_day_from(cohort.starts_on),
                published_at=now,
            )
            for n in range(count)
        )
        seats = Seat.objects.bulk_create(
            Seat(partnership=circles[n // PHONES], enrolment=each, part="peer", taken_at=now)
            for n, each in enumerate(people)
        )
        agenda = [{"title": "Round", "minutes": 30, "kind": "round"}]
        sessions = Session.objects.bulk_create(
            Session(
                partnership=circle,
                number=1,
                starts_at=now,
                duration_minutes=60,
                day=now.date(),
                agenda=agenda,
            )
            for circle in circles
        )
        Turn.objects.bulk_create(
            Turn(session=session, role=role, seat=seats[n * PHONES + place], reason="never_led")
            for n, session in enumerate(sessions)
            for place, role in enumerate((leads, watches))
        )
        tables = [
            _table(owner, session, people[n * PHONES : (n + 1) * PHONES], seats[n * PHONES :])
            for n, session in enumerate(sessions)
        ]
    analyse()
    return owner, tables


def _table(owner: Any, session: Any, people: list[Any], seats: list[Any]) -> Table:
    from sessions.room import live as room_live

    slug = owner.organisation.slug
    return Table(
        session_id=session.pk,
        links=[room_live.link(slug, each.member_id, session.pk) for each in people],
        seats=[str(seat.pk) for seat in seats[:PHONES]],
    )


class Pool:
    """HTTP/1.1 over a few connections that stay open, as a proxy in front of gunicorn does."""

    def __init__(self) -> None:
        self.free: asyncio.Queue[tuple[Any, Any] | None] = asyncio.Queue()
        for _ in range(POOL):
            self.free.put_nowait(None)

    async def ask(self, head: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
        """Send one request and return status, headers and body; a lost connection is made anew."""
        connection = await self.free.get()
        try:
            for _attempt in range(3):
                try:
                    connection = connection or await asyncio.open_connection("127.0.0.1", PORT)
                    reader, writer = connection
                    writer.write(head.encode() + body)
                    answer = await self._read(reader)
                except (ConnectionError, asyncio.IncompleteReadError):
                    connection = None
                    continue
                if answer[1].get("connection", "").lower() == "close":
                    writer.close()
                    connection = None
                return answer
            raise ConnectionError("gunicorn has hung up three times")
        finally:
            self.free.put_nowait(connection)

    @staticmethod
    async def _read(reader: Any) -> tuple[int, dict[str, str], bytes]:
        raw = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = raw.split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _colon, value in (line.partition(":") for line in lines[1:] if line)
        }
        length = int(headers.get("content-length", 0))
        return (
            int(lines[0].split()[1]),
            headers,
            await reader.readexactly(length) if length else b"",
        )


def version_of(headers: dict[str, str]) -> int:
    """Return how many taps have changed the room that was answered."""
    return int(headers["etag"].strip('"').split("-")[1])


class Load:
    """What all phones do, and how long each answer took, in seconds."""

    def __init__(self, tables: list[Table], seconds: float, enter: float) -> None:
        self.tables, self.enter = tables, enter
        self.begins = time.monotonic() + enter
        self.ends = self.begins + seconds
        self.pool = Pool()
        self.polls: list[float] = []
        self.taps: list[float] = []
        self.wrong: list[int] = []
        self.cores = (0.0, 0.0)
        self.draw = random.Random(1)

    async def run(self, server: subprocess.Popen[bytes]) -> None:
        """Let every phone of every table live until the end."""
        phones = [
            self._phone(table, place) for table in self.tables for place in range(len(table.links))
        ]
        hosts = [self._host(table) for table in self.tables]
        counts = [self._count(table, place) for table in self.tables for place in (0, 1)]
        await asyncio.gather(*phones, *hosts, *counts, self._watch(server))

    async def _watch(self, server: subprocess.Popen[bytes]) -> None:
        """Note how many cores this program and the server use while it is measured."""
        await asyncio.sleep(self.begins - time.monotonic())
        began, ours, theirs = time.monotonic(), time.process_time(), cpu_seconds(server)
        await asyncio.sleep(self.ends - time.monotonic())
        took = time.monotonic() - began
        self.cores = (
            (time.process_time() - ours) / took,
            (cpu_seconds(server) - theirs) / took,
        )

    def _took(self, times: list[float], began: float) -> None:
        if time.monotonic() > self.begins:
            times.append(time.perf_counter() - began)

    async def _phone(self, table: Table, place: int) -> None:
        etag, link, looks = "", table.links[place], table.looks[place]
        await asyncio.sleep(self.draw.random() * self.enter)
        await self._tap(table, place, {"kind": "join"})
        while time.monotonic() < self.ends:
            began = time.perf_counter()
            status, headers, body = await self.pool.ask(
                f'GET {link} HTTP/1.1\r\nHost: testserver\r\nIf-None-Match: "{etag}"\r\n\r\n'
            )
            self._took(self.polls, began)
            if status == 200:
                etag = headers["etag"].strip('"')
                table.beat = max(table.beat, json.loads(body)["room"]["beat"])
                looks.append((version_of(headers), time.perf_counter()))
            elif status != 304:
                self.wrong.append(status)
            took = time.perf_counter() - began
            # as static/room.js does: a slow server is asked less often
            patience = max(min(PATIENCE * took, SLOWER * EVERY), min(2 * took, 15.0))
            await asyncio.sleep(max(EVERY, patience) * (0.95 + self.draw.random() * 0.1))

    async def _host(self, table: Table) -> None:
        await asyncio.sleep(self.draw.random() * self.enter)
        kind = "start"
        while time.monotonic() < self.ends:
            await self._tap(table, 0, {"kind": kind, "beat": table.beat})
            kind = "next"
            await asyncio.sleep(MOVE_EVERY * (0.5 + self.draw.random()))

    async def _count(self, table: Table, place: int) -> None:
        await asyncio.sleep(self.draw.random() * 2 * TAP_EVERY)
        while (
            not table.beat and time.monotonic() < self.ends
        ):  # before the start no turn is counted
            await asyncio.sleep(0.1)
        while time.monotonic() < self.ends and table.beat:
            seat = self.draw.choice(table.seats)
            key = await self._tap(table, place, {"kind": "heard", "seat": seat})
            table.sent.add(key)
            await asyncio.sleep(2 * TAP_EVERY * (0.5 + self.draw.random()))

    async def _tap(self, table: Table, place: int, tap: dict[str, Any]) -> str:
        key = str(uuid.uuid4())
        body = json.dumps([{"key": key, **tap}]).encode()
        head = (
            f"POST {table.links[place]} HTTP/1.1\r\nHost: testserver\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        for _time in range(2 if self.draw.random() < TWICE else 1):
            began = time.perf_counter()
            status, headers, said = await self.pool.ask(head, body)
            self._took(self.taps, began)
            if status != 200 or key not in json.loads(said)["done"]:
                self.wrong.append(status)
            elif not _time:
                table.made.append((version_of(headers), began, place))
        return key


def cpu_seconds(server: subprocess.Popen[bytes]) -> float:
    """Return what gunicorn's processes have computed so far; 0 where /proc does not say."""
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:  # it has ended meanwhile
            continue
        if server.pid in {int(found[1]), int(folder.name)}:
            ticks += int(found[11]) + int(found[12])
    return ticks / os.sysconf("SC_CLK_TCK")


async def tapping_alone(tables: list[Table], seconds: float) -> float:
    """Return how many taps a second are taken when nobody waits between two."""
    load = Load(tables, seconds, 0.0)

    async def tap_on(table: Table) -> None:
        while time.monotonic() < load.ends:
            key = await load._tap(table, 0, {"kind": "heard", "seat": table.seats[1]})
            table.sent.add(key)

    await asyncio.gather(*(tap_on(table) for table in tables[: POOL // 4] if table.beat))
    return len(load.taps) / seconds


async def as_fast_as_it_goes(links: list[str], seconds: float) -> float:
    """Return how many questions a second are answered when nobody waits between two."""
    pool, ends, asked = Pool(), time.monotonic() + seconds, 0

    async def ask_on(link: str) -> None:
        nonlocal asked
        etag = ""
        while time.monotonic() < ends:
            head = f'GET {link} HTTP/1.1\r\nHost: testserver\r\nIf-None-Match: "{etag}"\r\n\r\n'
            _status, headers, _body = await pool.ask(head)
            etag = headers.get("etag", "").strip('"')
            asked += 1

    await asyncio.gather(*(ask_on(link) for link in links[:POOL]))
    return asked / seconds


def served() -> subprocess.Popen[bytes]:
    """Start gunicorn as production does and wait until it answers."""
    command = [sys.executable, "-m", "gunicorn", "mentoring.wsgi", "--bind", f"127.0.0.1:{PORT}"]
    command += ["--workers", str(WORKERS), "--threads", str(THREADS), "--preload"]
    command += ["--keep-alive", "30", "--no-control-socket", "--log-level", "error"]
    environment = {**os.environ, "DB_POOL": "yes"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            for _time in range(10 * WORKERS):  # each worker loads the addresses once
                asyncio.run(Pool().ask("GET /livez HTTP/1.1\r\nHost: testserver\r\n\r\n"))
        except OSError:
            time.sleep(0.2)
        else:
            return process
    process.kill()
    raise TimeoutError("gunicorn does not answer")


def found_in_rows(owner: Any, tables: list[Table]) -> tuple[int, int]:
    """Return how many taps are missing in PostgreSQL, and how many turns are there too many."""
    from core.tenancy.context import tenant
    from sessions.models.rooms import Room, Tap

    lost = doubled = 0
    with tenant(owner.organisation):
        rows: dict[uuid.UUID, list[str]] = {}
        for session_id, key in Tap.objects.filter(kind="heard").values_list("session", "key"):
            rows.setdefault(session_id, []).append(str(key))
        spoken = {
            room.session_id: sum(room.state["counts"].values()) for room in Room.objects.all()
        }
        moved: dict[uuid.UUID, int] = {}
        for session_id in Tap.objects.filter(kind="next").values_list("session", flat=True):
            moved[session_id] = moved.get(session_id, 0) + 1
    for table in tables:
        found = rows.get(table.session_id, [])
        lost += len(table.sent - set(found))
        doubled += len(found) - len(set(found))
        most = len(table.sent) + moved.get(table.session_id, 0)
        doubled += max(0, spoken.get(table.session_id, 0) - most)
    return lost, doubled


def percentile(times: list[float], share: float) -> float:
    """Return the time in milliseconds that this share of the answers kept."""
    ordered = sorted(times)
    return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def main() -> None:
    """Load 500 rooms for a minute (quick: 60 for 10 seconds) and print what came of it."""
    quick = asked_quick(__doc__)
    rooms, seconds = (60, 10.0) if quick else (500, 60.0)
    lines = Lines("room")
    with database("room"):
        owner, tables = make_tables(rooms)
        server = served()
        try:
            load = Load(tables, seconds, ENTER[0] if quick else ENTER[1])
            asyncio.run(load.run(server))
            ours, theirs = load.cores
            since = time.perf_counter() - (time.monotonic() - load.begins)
            seen = [late for table in tables for late in table.seen_after(since)]
            size = f"{rooms} rooms, {rooms * PHONES} phones"
            lines.row(
                "cores used",
                size,
                "of the load, and of gunicorn",
                seconds,
                os.cpu_count() or 0,
                generator=round(ours, 2),
                server=round(theirs, 2),
            )
            for case, times in (
                ("asking", load.polls),
                ("tapping", load.taps),
                ("seen by the others", seen),
            ):
                p50, p95, p99 = (round(percentile(times, s), 1) for s in (0.5, 0.95, 0.99))
                method = f"gthread {WORKERS} x {THREADS}"
                lines.row(
                    case, size, method, seconds, len(times), p50_ms=p50, p95_ms=p95, p99_ms=p99
                )
            links = [link for table in tables for link in table.links]
            short = 3 if quick else 8
            for case, method, work in (
                ("asking, no pause", "304 from Valkey", as_fast_as_it_goes(links, short)),
                ("tapping, no pause", "one read and one write", tapping_alone(tables, short)),
            ):
                before = cpu_seconds(server)
                rate = asyncio.run(work)
                # what one answer computes: unlike a rate it does not depend on who else computes
                cpu = 1000 * (cpu_seconds(server) - before) / (rate * short)
                size = f"{POOL} connections"
                lines.row(case, size, method, short, round(rate * short), cpu_ms=round(cpu, 2))
        finally:
            server.terminate()
            server.wait()
        lost, doubled = found_in_rows(owner, tables)
    lines.goal("taps lost", 0, lost, lost == 0)
    lines.goal("taps counted twice", 0, doubled, doubled == 0)
    lines.goal("answers that were wrong", 0, len(load.wrong), not load.wrong)
    for case, most, times in (
        ("p95 of questions, ms", 200, load.polls),
        ("p95 of taps, ms", 500, load.taps),
        ("p95 of seen by the others, ms", 4000, seen),
    ):
        slow = percentile(times, 0.95)
        lines.goal(case, most, slow, slow <= most)
    lines.end()


if __name__ == "__main__":
    main()
