"""`make demo`: all of Roundtable on one machine, with demo data, until Ctrl-C.

Northwind is served while Southbank is still being made.  What an earlier start has left half
made, or made of other migrations or another demo, is thrown away and made anew.

PostgreSQL, Valkey and a mail server are embedded; web, worker and beat run as in production.
PORT moves the address. DATABASE_URL with DATABASE_OWNER_URL, REDIS_URL with CELERY_BROKER_URL,
and EMAIL_URL put servers of your own in place of ours.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import signal
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from core.common import clock
from devtools import mail_server
from devtools.embedded import ROOT, CannotStart, Embedded
from devtools.processes import Processes

FOLDER = ROOT / ".data"
HOST = "127.0.0.1"
READY_SECONDS = 60.0
DATA_FROM = (
    "*/migrations/*.py",
    "*/*/migrations/*.py",
    "devtools/demo/**/*",
)
PREPARED_FROM = (*DATA_FROM, "requirements/*", "static/**/*")


class _Stopped(Exception):
    """Somebody asked us to end."""


class _Broken(Exception):
    """A step or a process failed; the message names it."""


def main() -> int:
    """Run everything; 0 when asked to end, 1 when something could not start or ended by itself."""
    began = time.monotonic()
    stop = _stop_when_told()
    try:
        port = _free_port(os.environ.get("PORT", "8000"))
        with ExitStack() as running:
            mail_port = running.enter_context(mail_server.running(FOLDER / "mail"))
            servers = Embedded("demo", durable=True)
            addresses = servers.start()
            running.callback(_end, servers)
            env = _environment(port, mail_port, addresses)
            preparation = Preparation(servers, env, stop)
            preparation.begin()
            _serve_web(servers.processes, env, port)
            preparation.make_northwind()
            _wait_until_ready(servers.processes, port, stop)
            _serve_work(servers.processes, env)
            _announce(port, time.monotonic() - began)
            preparation.make_southbank()
            _watch(servers.processes, stop)
    except _Stopped:
        return 0
    except (CannotStart, _Broken) as reason:
        print(f"make demo: {reason}", file=sys.stderr)
        return 1
    return 0


def _end(servers: Embedded) -> None:
    """Web, worker and beat first, while they still have servers to finish their work with."""
    print("\nStopping …", flush=True)
    servers.processes.stop("web", "worker", "worker-jobs", "beat")
    servers.stop()


def _stop_when_told() -> threading.Event:
    """Set by Ctrl-C, by TERM, by a closed terminal, and when the `make` above us ends."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    if "--with-parent" in sys.argv[1:]:
        parent = os.getppid()

        def watch_parent() -> None:
            while os.getppid() == parent:
                time.sleep(0.3)
            stop.set()

        threading.Thread(target=watch_parent, name="parent", daemon=True).start()
    return stop


def _free_port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise _Broken(f"PORT={text} is no port; give a number from 1 to 65535")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except OSError as error:
            raise _Broken(
                f"port {text} cannot be used ({error.strerror}); take another: make demo PORT=8001"
            ) from error
    return int(text)


def _environment(port: int, mail_port: int, addresses: dict[str, str]) -> dict[str, str]:
    """What web, worker and beat are told. The owner's URL is not among it: they never need it."""
    env = {
        **os.environ,
        **addresses,
        "DJANGO_SETTINGS_MODULE": "mentoring.settings",
        "ROOT_URLCONF": "devtools.urls",
        "DEBUG": "yes",
        "SECRET_KEY": _secret_key(),
        "SITE_URL": f"http://{HOST}:{port}",
        "MAIL_FOLDER": str(FOLDER / "mail"),
        "PYTHONUNBUFFERED": "1",
    }
    env.setdefault("NOTIFICATION_PACING", "no")  # an e-mail is to be seen at once, at any hour
    env.setdefault("EMAIL_URL", f"smtp://{mail_server.HOST}:{mail_port}")
    return env


def _secret_key() -> str:
    """Kept, so that a restart signs nobody out and links in old e-mails still open."""
    kept = FOLDER / "secret-key"
    kept.touch(mode=0o600)
    if not kept.read_text():
        kept.write_text(secrets.token_urlsafe(50))
    return kept.read_text()


# Before serving


class Preparation:
    """Migrate, fill and collect; nothing of it if nothing changed since the last time today."""

    def __init__(self, servers: Embedded, env: dict[str, str], stop: threading.Event) -> None:
        self.servers, self.env, self.stop = servers, env, stop
        self.processes = servers.processes
        self._prepared = servers.data / "prepared"
        self._migrated = servers.data / "migrated"  # for who waits for it in another process
        self._data_of = servers.data / "demo-data-of"  # written when all of it is there
        self._wanted = _fingerprint(env)
        self._version = _digest(path.read_bytes() for path in _files(DATA_FROM))
        told = (FOLDER / "demo.txt").exists() and (FOLDER / "demo-token").exists()
        self._has_data = told and _reads(self._data_of, self._version)
        self._is_done = self._has_data and _reads(self._prepared, self._wanted)

    def begin(self) -> None:
        """Bring the database to where the web can start."""
        if self._is_done:
            return
        print("Preparing the database and the demo's data …", flush=True)
        if not self._has_data:
            self._start_over()
        self._prepared.unlink(missing_ok=True)
        self._migrated.unlink(missing_ok=True)
        self._manage("collectstatic", "--noinput", "-v0", env=self._app)
        owner = {**self.env, "DATABASE_URL": self.env["DATABASE_OWNER_URL"], "DB_POOL": "0"}
        self._manage("migrate", "--noinput", "-v0", "--skip-checks", env=owner)
        self._seed("northwind", "--after", str(self._migrated))  # it starts in the meantime
        _finish(self.processes, "migrate", self.stop)
        self._migrated.touch()

    def make_northwind(self) -> None:
        """The organisation that the demo is about, unless it is there; and the note for people."""
        if not self._is_done:
            _finish(self.processes, "seed_demo", self.stop)
            _finish(self.processes, "collectstatic", self.stop)

    def make_southbank(self) -> None:
        """The other organisation, and the word that all of the data is there."""
        if self._is_done:
            return
        if not self._has_data:
            self._seed("southbank")
            _finish(self.processes, "seed_demo", self.stop)
            self._data_of.write_text(self._version)
            print("Southbank is there, too.", flush=True)
        self._prepared.write_text(self._wanted)

    def _seed(self, organisation: str, *words: str) -> None:
        command = [sys.executable, "-m", "devtools.demo", f"--only={organisation}", *words]
        self.processes.spawn("seed_demo", command, env=self._app, cwd=ROOT)

    @property
    def _app(self) -> dict[str, str]:
        """As production, for speed: DEBUG keeps every statement and when it ran."""
        quick = {"DB_POOL": "0", "DEBUG": "no", "TIME_TRAVEL": "yes", "HASHED_STATIC": "no"}
        return _for_app(self.env, **quick)

    def _manage(self, name: str, *words: str, env: dict[str, str]) -> None:
        command = [sys.executable, "manage.py", name, *words]
        self.processes.spawn(name, command, env=env, cwd=ROOT)

    def _start_over(self) -> None:
        """Throw away what is not whole or not of this version; servers somebody gave us keep all
        they have, and what is missing there is added."""
        if "DATABASE_URL" in os.environ:
            return
        older = self._data_of.exists() or self._prepared.exists()
        self._data_of.unlink(missing_ok=True)
        if self.servers.empty_database():
            why = "was made by another version" if older else "was left half made"
            print(f"The demo's data {why}: starting over.", flush=True)
        for email in (FOLDER / "mail").glob("*.eml"):
            email.unlink()


def _reads(note: Path, text: str) -> bool:
    return note.exists() and note.read_text() == text


def _for_app(env: dict[str, str], **more: str) -> dict[str, str]:
    return {name: value for name, value in env.items() if name != "DATABASE_OWNER_URL"} | more


def _fingerprint(env: dict[str, str]) -> str:
    """Changes with the day, the addresses and every file that preparing reads."""
    facts = [clock.now().date().isoformat(), env["DATABASE_URL"], env["SITE_URL"], sys.version]
    stats = [(path, path.stat()) for path in _files(PREPARED_FROM)]
    facts += [f"{path} {stat.st_mtime_ns} {stat.st_size}" for path, stat in stats]
    return _digest(f"{fact}\n".encode() for fact in facts)


def _files(patterns: Iterable[str]) -> list[Path]:
    files = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return sorted(path for path in files if "__pycache__" not in path.parts)


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def _finish(processes: Processes, name: str, stop: threading.Event) -> None:
    """Wait for a step; raises _Broken if it, or another that runs beside it, fails."""
    while not stop.wait(0.05):
        failed = next((one for one in processes.ended() if one.process.returncode), None)
        if failed:
            raise _Broken(f"{failed.name} failed (status {failed.process.returncode})")
        if any(one.name == name for one in processes.ended()):
            processes.stop(name)
            return
    raise _Stopped


# Serving


def _serve_web(processes: Processes, env: dict[str, str], port: int) -> None:
    web = [sys.executable, "-m", "gunicorn", "mentoring.wsgi", "--bind", f"{HOST}:{port}"]
    web += ["--workers", "2", "--threads", "4", "--preload", "--graceful-timeout", "3"]
    web += ["--log-level", "warning", "--no-control-socket"]
    processes.spawn("web", web, env=_for_app(env), cwd=ROOT)


def _serve_work(processes: Processes, env: dict[str, str]) -> None:
    """Worker and beat, once the web answers: they would slow down its start."""
    # As root Celery warns against it; here everything belongs to whoever ran `make demo`.
    celery = [sys.executable, "-W", "ignore:You're running the worker"]
    celery += ["-m", "celery", "--app", "mentoring", "--quiet"]
    worker = [*celery, "worker", "--loglevel", "warning"]
    worker += ["--without-mingle", "--without-gossip"]  # nobody is to be greeted
    # Production has a worker for each queue. Here two do: what takes minutes stops nothing else,
    # and two more would be 250 MB for one person's e-mails.
    quick = [*worker, "--concurrency", "2", "--queues", "now,emails,sweeps", "--hostname", "quick"]
    jobs = [*worker, "--concurrency", "1", "--queues", "jobs", "--hostname", "jobs"]
    beat = [*celery, "beat", "--loglevel", "warning", "--pidfile", ""]
    beat += ["--schedule", str(FOLDER / "beat-schedule")]
    # Celery closes Django's pool after every task, so its processes go without one.
    processes.spawn("worker", quick, env=_for_app(env, DB_POOL="0"), cwd=ROOT)
    processes.spawn("worker-jobs", jobs, env=_for_app(env, DB_POOL="0"), cwd=ROOT)
    processes.spawn("beat", beat, env=_for_app(env, DB_POOL="0"), cwd=ROOT)


def _wait_until_ready(processes: Processes, port: int, stop: threading.Event) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not stop.wait(0.05):
        _insist_all_run(processes)
        if _answers(f"http://{HOST}:{port}/livez"):
            return
        if time.monotonic() > deadline:
            raise _Broken(f"web did not answer within {READY_SECONDS:.0f} s")
    raise _Stopped


def _answers(url: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:  # refused, or a status that is no success
        return False


def _announce(port: int, seconds: float) -> None:
    address = f"http://{HOST}:{port}"
    print(f"\nRoundtable is ready after {seconds:.1f} s: {address}/\n")
    told = FOLDER / "demo.txt"
    if told.exists():
        print(told.read_text().strip(), end="\n\n")
    print(f"Mail: {address}/_mail/\nCtrl-C stops everything.", flush=True)


def _watch(processes: Processes, stop: threading.Event) -> None:
    while not stop.wait(0.3):
        _insist_all_run(processes)


def _insist_all_run(processes: Processes) -> None:
    for one in processes.ended():
        raise _Broken(f"{one.name} ended by itself (status {one.process.returncode})")


if __name__ == "__main__":
    sys.exit(main())
