"""Nudges while everything breaks: none lost, none doubled beyond what ADR 8 promises.

    python -m tests.faults.outbox [--emails N] [--kills N] [--crashes N] [--away SECONDS] [--seed N]

Workers and beats are killed with -9, PostgreSQL crashes, Valkey is flushed, killed and away; the
mail server hangs, answers "later", refuses one person and hangs up in the middle of DATA; one of
two workers is ten minutes ahead, and there are two beats.  The last line is a count as JSON, and
the status says whether the promise was kept.  Servers of its own, gone afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path
from typing import Any

import django
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from devtools.embedded import ROOT, Embedded

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
    "DEBUG": "no",
    "SITE_URL": "http://testserver",
    "SECRET_KEY": "faults-only-" + "k" * 50,
    "DB_POOL": "no",
    "HASHED_STATIC": "no",
    "TIME_TRAVEL": "no",  # leases by the database's clock, as in production
    "NOTIFICATION_LEASE_SECONDS": "8",
    "LOG_LEVEL": "ERROR",
}
OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "CELERY_BROKER_URL")
REFUSED_EACH = 20  # one address in so many is wrong
AT_ONCE = 2  # processes of a worker: so many e-mails may be in flight when it is killed
MODE_SECONDS = 3.0
PATIENCE = 180.0  # nothing arrives for so long: something is lost


class Server:
    """A mail server that misbehaves on demand, and keeps what it has said 250 to."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.mode = "good"
        self.refused: frozenset[str] = frozenset()
        self.last_at = time.monotonic()

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  as above
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        match self.mode:
            case "hang":
                await asyncio.sleep(5)
                return "451 4.3.0 too slow"
            case "later":
                return "451 4.7.1 later"
            case "hang up":
                server.transport.close()
                return "451 never heard"
        assert isinstance(envelope.content, bytes)
        self.kept.append(envelope.content)
        self.last_at = time.monotonic()
        return "250 kept"


class Storm:
    """Workers and beats that are started again when they end, as an orchestrator does."""

    def __init__(self, servers: Embedded, environment: dict[str, str], log: Path) -> None:
        celery = [sys.executable, "-m", "celery"]
        ahead = [sys.executable, "-m", "tests.faults.ahead"]
        work = ["-A", "mentoring.celery", "worker", "--concurrency", str(AT_ONCE)]
        work += ["--without-gossip", "--without-mingle", "--loglevel", "ERROR"]
        beat = ["-A", "mentoring.celery", "beat", "--loglevel", "ERROR", "-s"]
        self.commands = {
            "worker": [*celery, *work, "-n", "one@faults"],
            "worker ahead": [*ahead, *work, "-n", "two@faults"],
            "beat": [*celery, *beat, str(log.parent / "beat-1")],
            "second beat": [*celery, *beat, str(log.parent / "beat-2")],
        }
        self.servers, self.environment, self.log = servers, environment, log
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.ending = False

    def keep_running(self) -> None:
        while not self.ending:
            for name, command in self.commands.items():
                if name not in self.running or self.running[name].poll() is not None:
                    self.servers.processes.stop(name)  # what is left of it
                    with self.log.open("ab") as output:
                        self.running[name] = self.servers.processes.spawn(
                            name, command, env=self.environment, cwd=ROOT, output=output
                        )
            time.sleep(0.2)

    def kill(self, name: str) -> None:
        process = self.running.get(name)
        if process and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def end(self) -> None:
        self.ending = True
        for name in self.commands:
            self.kill(name)


def enqueue(owner: Any, count: int) -> list[str]:
    """Write so many nudges to a few people; return their addresses."""
    from bench._database import make_people
    from core.members.models import Member
    from core.notifications.models import QuietHours
    from core.notifications.operations import Draft, Link, enqueue_all
    from core.tenancy.context import tenant

    with tenant(owner.organisation):
        make_people(owner, count)  # one e-mail each: several to one person in the daytime are one
        people = list(Member.objects.exclude(pk=owner.pk).order_by("email"))
        QuietHours.objects.bulk_create(  # or nothing comes when this is run in an evening
            QuietHours(member=person, quiet_from=0, quiet_until=0, weekends=False)
            for person in people
        )
        words = {"who": "Circle Wye", "days": "9 to 22 November", "met": True, "until": "30 May"}
        enqueue_all(
            [
                Draft(
                    people[number],
                    "feedback.check_in_reminder",
                    f"nudge:{number}",
                    Link(signed="check-in", object_id=owner.pk),
                    words,
                )
                for number in range(count)
            ]
        )
    return [person.email for person in people]


def hasten() -> None:
    """Let the pauses pass: what was put off by minutes is due."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_envelope SET due_at = now() - interval '1 second'"
            " WHERE state = 'due' AND lease_until IS NULL"
        )


def states() -> Counter[tuple[str, str]]:
    from core.notifications.models import Envelope

    return Counter(Envelope.objects.values_list("state", "answer"))


def again(ask: Callable[[], Any]) -> Any:
    """Ask PostgreSQL, which may just have crashed."""
    from django.db import DatabaseError, connection

    for _try in range(100):
        try:
            return ask()
        except DatabaseError:
            connection.close()
            time.sleep(0.3)
    return ask()


def faults_of(wanted: argparse.Namespace) -> list[str]:
    """Return what is to go wrong, in a drawn order."""
    faults = ["worker" if n % 3 else "worker ahead" for n in range(1, wanted.kills + 1)]
    faults += ["beat" if n % 2 else "second beat" for n in range(wanted.kills // 3 + 1)]
    faults += ["crash"] * wanted.crashes
    faults += ["flush", "valkey", "hang", "later", "hang up"]
    random.Random(wanted.seed).shuffle(faults)
    return faults


def do(fault: str, storm: Storm, server: Server, away: float) -> None:
    import redis

    match fault:
        case "crash":
            storm.servers.crash("postgresql", away=1)
        case "flush":
            redis.Redis.from_url(storm.environment["REDIS_URL"]).flushall()
        case "valkey":
            storm.servers.crash("valkey", away=away)
        case "hang" | "later" | "hang up":
            server.mode = fault
            time.sleep(MODE_SECONDS)
            server.mode = "good"
            again(hasten)
        case _:
            storm.kill(fault)


def weather(storm: Storm, server: Server, wanted: argparse.Namespace) -> float:
    """Let everything go wrong, one after another, and wait for the end; return the longest gap.

    A gap is from a fault until the next e-mail arrives.
    """
    faults = faults_of(wanted)
    longest = 0.0
    for place, fault in enumerate(faults, start=1):
        goal = wanted.emails * place // (len(faults) + 2)
        wait(lambda goal=goal: len(server.kept) >= goal, server)
        do(fault, storm, server, wanted.away)
        struck = time.monotonic()
        wait(lambda struck=struck: server.last_at > struck or nothing_due(), server)
        longest = max(longest, time.monotonic() - struck)
    wait(nothing_due, server)
    return longest


def nothing_due() -> bool:
    return not any(state == "due" for state, _answer in again(states))


def wait(true: Callable[[], bool], server: Server) -> None:
    began = time.monotonic()
    while not true() and time.monotonic() - max(began, server.last_at) < PATIENCE:
        time.sleep(0.2)
        if time.monotonic() - server.last_at > 2:
            again(hasten)


def count(server: Server, wanted: argparse.Namespace, refused: int, gap: float) -> dict[str, Any]:
    ids = Counter(str(message_from_bytes(raw)["Message-ID"]).strip() for raw in server.kept)
    ends = again(states)
    given_up = sum(n for (state, answer), n in ends.items() if state == "dead" and answer)
    doubled = len(server.kept) - len(ids)
    in_flight = AT_ONCE * wanted.kills + 2 * AT_ONCE * wanted.crashes
    lost = wanted.emails - len(ids) - given_up
    line = {
        "subject": "reminders under kill -9, crashes of the database and Valkey away",
        "tried": wanted.emails,
        "found": lost + max(0, doubled - in_flight),
        "arrived": len(ids),
        "refused": given_up,
        "lost": lost,
        "doubled": doubled,
        "doubled_at_most": in_flight,
        "different": len(set(server.kept)) - len(ids),
        "kills": wanted.kills,
        "crashes": wanted.crashes,
        "longest_gap_seconds": round(gap, 1),
    }
    kept = line["lost"] == 0 and line["different"] == 0 and doubled <= in_flight
    return {**line, "kept": kept and given_up == refused and gap <= 60 + wanted.away}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--emails", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--crashes", type=int, default=3)
    parser.add_argument("--away", type=float, default=60.0, help="seconds without Valkey")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    for variable in OURS:  # never the database of whoever runs this
        os.environ.pop(variable, None)
    server = Server()
    servers = Embedded(f"faults-{os.getpid()}", durable=False)
    port = free_port()
    mail = Controller(server, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)
    with servers as addresses, tempfile.TemporaryDirectory() as folder:
        mail.start()
        # what is committed stays, also in a crash: for that PostgreSQL need not wait for the disk
        durable = f"{addresses['DATABASE_URL']}&options=-c%20synchronous_commit%3Don"
        environment = os.environ | SETTINGS | addresses
        environment |= {"DATABASE_URL": durable, "EMAIL_URL": f"smtp://127.0.0.1:{port}"}
        subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", "migrate", "--noinput", "-v0"],
            env=environment | {"DATABASE_URL": addresses["DATABASE_OWNER_URL"]},
            cwd=ROOT,
            check=True,
        )
        os.environ.update(environment)
        django.setup()
        storm = Storm(servers, environment, Path(folder) / "storm.log")
        keeper = threading.Thread(target=storm.keep_running, daemon=True)
        try:
            line = run(storm, server, keeper, wanted)
        finally:
            storm.end()
            keeper.join()
            mail.stop()
        if not line["kept"]:
            sys.stderr.write(storm.log.read_text(errors="replace")[-6000:])
    sys.stdout.write(f"{json.dumps(line)}\n")
    return 0 if line["kept"] else 1


def run(
    storm: Storm, server: Server, keeper: threading.Thread, wanted: argparse.Namespace
) -> dict[str, Any]:
    from django.db import connection

    from bench._database import make_owner

    owner = make_owner()
    server.refused = frozenset(enqueue(owner, wanted.emails)[::REFUSED_EACH])
    keeper.start()
    server.last_at = time.monotonic()
    gap = weather(storm, server, wanted)
    line = count(server, wanted, len(server.refused), gap)
    connection.close()
    return line


if __name__ == "__main__":
    sys.exit(main())
