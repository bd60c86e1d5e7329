"""Production without containers: what docker-compose.yml says, as plain processes on one machine.

The services' own commands with their own environment, behind the proxy's own file, at the ports
they have there; each service has a loopback address in place of its name.  For root our services
and the proxy get no more than their containers would: a root that is read only, the `tmpfs` and
the secrets that compose names, no capabilities.  Anybody else's find these in a folder.

`deploy/rehearse` starts it, asks what must hold, and ends it; the tests of outages kill parts of
it.  It needs Linux, nginx and openssl beside what the demo needs.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import secrets
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import yaml

from devtools import mail_server
from devtools.embedded import ROOT, CannotStart, Embedded
from devtools.processes import wait_until

DOCKERFILE = (ROOT / "Dockerfile").read_text()
SITE_URL = "https://localhost"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
SERVING = ("web", "worker-now", "worker-emails", "worker-sweeps", "worker-jobs", "beat")
KEPT = ("compiled", "erased")  # the volumes of our services
# What PostgreSQL's image adds to pg_hba.conf; here all come by loopback, which initdb trusts.
BY_TCP = "host all all all scram-sha-256"
HTTP, HTTPS, WEB, POSTGRESQL, VALKEY = 8080, 8443, 8000, 5432, 6379  # as in compose
VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*)|:\?)?\}")


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


class Rehearsal:
    """The services of docker-compose.yml on this machine."""

    def __init__(self, name: str) -> None:
        words = shlex.split(SERVICES["database"]["environment"]["POSTGRES_INITDB_ARGS"])
        self._servers = Embedded(name, durable=False, initdb=words)
        # not in /tmp: that is each service's own
        self.folder = Path(tempfile.mkdtemp(prefix="roundtable-rehearsal-", dir="/var/tmp"))
        self.hosts = _addresses(SERVICES)
        self.secrets = {name: secrets.token_urlsafe(40) for name in COMPOSE["secrets"]}
        self.secrets["email_url"] = "smtp://127.0.0.1:9"  # nobody, until start_serving
        self.secrets |= dict.fromkeys(("secret_key_fallbacks", "sentry_dsn"), "")  # may be empty
        self._contained = _can_contain()
        self._closing = ExitStack()

    # Starting

    def start_servers(self) -> None:
        """Make what the image holds, start PostgreSQL with its roles, and both Valkeys."""
        self.folder.chmod(0o755)
        for name in ("run/secrets", "run/metrics", "tmp", *KEPT):
            (self.folder / name).mkdir(parents=True)
        self._collect_static()
        self._servers.prepare()
        self.start("database")
        with psycopg.connect(self.dsn("postgres", "postgres"), autocommit=True) as server:
            (file,) = server.execute("SHOW hba_file").fetchone() or ("",)
            rules = [line for line in Path(file).read_text().splitlines() if line[:4] != "host"]
            Path(file).write_text("\n".join([*rules, BY_TCP, ""]))
            server.execute("SELECT pg_reload_conf()")
        self.script("database.sh")
        self.start("cache")
        self.start("broker")

    @property
    def archive(self) -> Path:
        """The folder to which PostgreSQL copies what it has written."""
        return self._servers.data / "archive"

    def start_recovered(self, cluster: Path) -> str:
        """Start a second PostgreSQL on a recovered folder; return how its superuser reaches it."""
        return self._servers.start_another_postgresql(cluster)

    def dsn(self, role: str, database: str = "roundtable") -> str:
        """Return the address at which a role reaches a database."""
        return self._servers.dsn(role, database)

    def dsn_by_tcp(self, role: str, database: str = "roundtable") -> str:
        """Return the address at which our services reach the database, with a password."""
        return f"postgresql://{role}@{self.hosts['database']}:{POSTGRESQL}/{database}"

    def script(self, name: str, *words: str | Path, **env: str) -> str:
        """Run a script of deploy/ where PostgreSQL's programs reach the server as superuser."""
        given = {
            "ROLES_SQL": str(ROOT / "deploy" / "roles.sql"),
            "OWNER_PASSWORD": self.secrets["database_owner"],
            "APP_PASSWORD": self.secrets["database_app"],
            "BACKUP_PASSWORD": self.secrets["database_backup"],
        }
        done = subprocess.run(
            [ROOT / "deploy" / name, *words],
            env=self.tools() | given | env,
            capture_output=True,
            text=True,
            check=False,  # what it said is worth more than its status
        )
        if done.returncode:
            raise CannotStart(f"deploy/{name} failed:\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    def tools(self) -> dict[str, str]:
        """Return an environment in which PostgreSQL's programs are found and reach the server."""
        folder = self._servers.postgres_binaries()
        path = f"{folder}:{os.environ['PATH']}"
        return {"PATH": path, "PGHOST": str(self._servers.sockets)}

    def start_serving(self) -> None:
        """Write what the operator gives, and start all that serves."""
        mail = self.folder / "mail"
        port = self._closing.enter_context(mail_server.running(mail))
        self.secrets["email_url"] = f"smtp://{mail_server.HOST}:{port}"
        self.write_secrets()
        for name in SERVING:
            self.start(name)
        self.start("proxy")
        self.wait_for(lambda: self.get_from_web("/livez").status == 200, "web")
        self.wait_for(lambda: self.get("/livez").status == 200, "proxy", seconds=10)

    def check(self, name: str) -> bool:
        """Run a service's own health check where the service runs."""
        kind, *words = SERVICES[name]["healthcheck"]["test"]
        words = words if kind == "CMD" else ["sh", "-c", *words]
        words = [self._here(word.replace("127.0.0.1", self.hosts[name])) for word in words]
        if self._contained and name in {*SERVING, "proxy"}:
            pid = self._servers.processes.pid(name)
            words = ["nsenter", f"--target={pid}", "--mount", *words]
        path = f"{Path(sys.executable).parent}:{self.tools()['PATH']}"
        return subprocess.run(words, env={"PATH": path}, check=False).returncode == 0

    def _collect_static(self) -> None:
        """Do what the image does while it is built: without a secret, without a database."""
        (step,) = re.findall("^RUN (.*collectstatic.*)$", DOCKERFILE, re.MULTILINE)
        said = dict(re.findall(r"^    DJANGO_SETTINGS_MODULE=.* (DEBUG)=(\S+)", DOCKERFILE, re.M))
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        env = {"PATH": path, "STATIC_ROOT": str(self.folder / "static"), **said}
        subprocess.run(["sh", "-c", step], env=env, cwd=ROOT, check=True)

    def manage(self, *words: str, service: str = "web", **env: str) -> str:
        """Run a command of manage.py in a container of a service, as `docker compose run` does."""
        command = [sys.executable, "-W", "ignore", "manage.py", *words]
        done = subprocess.run(
            _container(service, self.folder, command) if self._contained else command,
            env=self.environment(service) | {"DB_POOL": "no"} | env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CannotStart(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    def start(self, name: str) -> None:
        """Start one service, the first time or again."""
        if name == "database":
            words = [_filled(str(word)) for word in SERVICES[name]["command"][1:]]
            said = dict(word.removeprefix("-c").split("=", 1) for word in words)
            self._servers.make_folder(self.archive)
            archive = said["archive_command"].replace("/backups/archive", str(self.archive))
            here = {"archive_command": archive, "listen_addresses": self.hosts[name]}
            self._servers.start_postgresql(**said | here)
        elif name in {"cache", "broker"}:
            here_too = ["--bind", self.hosts[name], "--port", str(VALKEY)]
            self._servers.start_valkey(name, *here_too, *SERVICES[name]["command"][1:])
        elif name == "proxy":
            (program, *words) = SERVICES[name]["entrypoint"]
            command = [program, "-c", str(self._proxy_file()), *words]
            self._spawn(name, command, dict(os.environ))
        else:
            words = SERVICES[name].get("command") or _image_command()
            command = [sys.executable, "-W", "ignore", "-m", *map(_filled, words)]
            self._spawn(name, [self._here(word) for word in command], self.environment(name))

    def _spawn(self, name: str, command: list[str], env: dict[str, str]) -> None:
        command = _container(name, self.folder, command) if self._contained else command
        with (self.folder / f"{name}.log").open("ab") as output:
            self._servers.processes.spawn(name, command, env=env, cwd=ROOT, output=output)

    def kill(self, name: str) -> None:
        """End a service as a power cut would."""
        self._servers.processes.kill("postgresql" if name == "database" else name)

    def stop(self) -> None:
        """End everything, and remove what it has left."""
        with suppress(ValueError):
            self._servers.processes.stop("proxy", *SERVING)
        self._servers.stop(delete=True)
        self._closing.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # What the operator gives

    def environment(self, service: str) -> dict[str, str]:
        """Return a service's environment: compose's, with addresses for names."""
        env = {
            name: self._kept(self._here(_filled(str(value), self._given())))
            for name, value in SERVICES[service]["environment"].items()
        }
        for name in ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL"):
            env[name] = re.sub(
                r"(?<=[@/])(database|cache|broker)\b", lambda host: self.hosts[host[1]], env[name]
            )
        # what the image says, and where web listens among others
        env |= {
            "PATH": os.environ["PATH"],
            "HOME": "/nowhere",
            "PYTHONDONTWRITEBYTECODE": "1",
            "DJANGO_SETTINGS_MODULE": "mentoring.settings",
            "STATIC_ROOT": str(self.folder / "static"),
            "COMPILED_DIR": str(self.folder / "compiled"),
            "WEB_ADDRESS": f"{self.hosts['web']}:{WEB}",
        }
        if "WORKER_ALIVE_FILE" in env and not self._contained:
            env["WORKER_ALIVE_FILE"] += f"-{service}"
        return env

    def _given(self) -> dict[str, str]:
        return {"SITE_URL": SITE_URL, "FROM_EMAIL": "Roundtable <roundtable@localhost>"}

    def _here(self, value: str) -> str:
        """Return a value with compose's folders in ours, where a service has none of its own."""
        if self._contained:
            return value
        return re.sub(r"(?<!\S)/(run|tmp)/", rf"{self.folder}/\1/", value)

    def _kept(self, value: str) -> str:
        """Return a value with the folders that outlast a container in ours."""
        return re.sub(f"^/({'|'.join(KEPT)})/", rf"{self.folder}/\1/", value)

    def write_secrets(self) -> None:
        for name, value in self.secrets.items():
            if not name.startswith("tls_"):
                (self._secrets / name).unlink(missing_ok=True)
                (self._secrets / name).write_text(f"{value}\n")
        if not self.certificate.exists():
            self._make_certificate()
        for file in self._secrets.iterdir():
            file.chmod(0o444)

    def _make_certificate(self) -> None:
        key, certificate = self._secrets / "tls_key", self.certificate
        command = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ]
        command += ["-nodes", "-subj", "/CN=localhost", "-days", "2"]
        names = f"subjectAltName=DNS:localhost,IP:{self.hosts['proxy']}"
        command += ["-addext", names, "-keyout", str(key), "-out", str(certificate)]
        subprocess.run(command, check=True, capture_output=True)

    @property
    def _secrets(self) -> Path:
        return self.folder / "run" / "secrets"

    @property
    def certificate(self) -> Path:
        return self._secrets / "tls_certificate"

    def _proxy_file(self) -> Path:
        text = (ROOT / "deploy" / "nginx.conf").read_text()
        folders = [("/tmp/", f"{self.folder}/tmp/"), ("/run/secrets/", f"{self._secrets}/")]
        for theirs, ours in [
            ("//web:", f"//{self.hosts['web']}:"),
            ("listen 8", f"listen {self.hosts['proxy']}:8"),
            *([] if self._contained else folders),
        ]:
            if theirs not in text:
                raise CannotStart(f"deploy/nginx.conf does not say {theirs!r} any more")
            text = text.replace(theirs, ours)
        file = self.folder / "nginx.conf"
        file.write_text(text)
        return file

    # Asking

    def get(self, path: str, *, secure: bool = True, **headers: str) -> Answer:
        """Ask the proxy, over TLS with the certificate checked, or in plain HTTP by IP."""
        return self.ask("GET", path, secure=secure, headers=headers)

    def ask(
        self,
        method: str,
        path: str,
        *,
        secure: bool = True,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        began = time.monotonic()
        if secure:
            trusted = ssl.create_default_context(cafile=str(self.certificate))
            talk: http.client.HTTPConnection = http.client.HTTPSConnection(
                self.hosts["proxy"], HTTPS, timeout=20, context=trusted
            )
            headers = {"Host": "localhost"} | (headers or {})
        else:
            talk = http.client.HTTPConnection(self.hosts["proxy"], HTTP, timeout=20)
        return _asked(talk, method, path, body, headers or {}, began)

    def get_from_web(self, path: str, **headers: str) -> Answer:
        """Ask the web process past the proxy, by IP: as a probe or Prometheus inside does."""
        talk = http.client.HTTPConnection(self.hosts["web"], WEB, timeout=20)
        return _asked(talk, "GET", path, None, headers, time.monotonic())

    @contextmanager
    def slow_clients(self, count: int, beginning: bytes) -> Iterator[None]:
        """Hold that many connections open that have sent a beginning and then say no more."""
        with ExitStack() as held:
            trusted = ssl.create_default_context(cafile=str(self.certificate))
            for _client in range(count):
                plain = socket.create_connection((self.hosts["proxy"], HTTPS), timeout=20)
                talk = held.enter_context(trusted.wrap_socket(plain, server_hostname="localhost"))
                talk.sendall(beginning)
            yield

    def wait_for(self, true: Callable[[], bool], what: str, seconds: float = 60) -> float:
        """Wait until it holds and return how long that took; CannotStart with the log if never."""
        began = time.monotonic()

        def holds() -> bool:
            with suppress(OSError, http.client.HTTPException):
                return true()
            return False

        if not wait_until(holds, seconds=seconds, pause=0.1):
            raise CannotStart(f"{what}: not within {seconds:.0f} s\n{self.log(what)}")
        return time.monotonic() - began

    def wait_until_well(self, seconds: float = 60) -> float:
        """Wait until /healthz says so; CannotStart with what it says and the logs of those away."""
        said: dict[str, str] = {}

        def well() -> bool:
            said.clear()
            answer = self.get_from_web("/healthz")
            said.update(json.loads(answer.body))
            return answer.status == 200

        try:
            return self.wait_for(well, "web", seconds)
        except CannotStart as never:
            ill = [name for name, state in said.items() if state != "ok"]
            names = [name for name in SERVING if name.removeprefix("worker-") in ill]
            logs = "\n".join(f"{name}:\n{self.log(name)}" for name in names)
            raise CannotStart(f"/healthz said at last {said}\n{logs}\n{never}") from never

    def log(self, name: str) -> str:
        """Return the end of a service's log."""
        file = self.folder / f"{name}.log"
        return file.read_text(errors="replace")[-3000:] if file.exists() else ""


def _asked(
    talk: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | None,
    headers: dict[str, str],
    began: float,
) -> Answer:
    try:
        talk.request(method, path, body, headers)
        answer = talk.getresponse()
        text = answer.read()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, named, text, time.monotonic() - began)
    finally:
        talk.close()


def _filled(text: str, given: dict[str, str] | None = None) -> str:
    """Return a text of the compose file with its variables, as compose fills them in."""
    return VARIABLE.sub(lambda name: (given or {}).get(name[1], name[2] or ""), text)


def _image_command() -> list[str]:
    words = re.search(r"^CMD \[(.*)\]$", DOCKERFILE, re.MULTILINE)
    assert words
    return [word.strip(' "') for word in words[1].split(",")]


def _addresses(names: Iterable[str]) -> dict[str, str]:
    """Return a loopback address for each name, which no other process takes."""
    pid = os.getpid()
    tail = f"{pid // 250 % 250}.{1 + pid % 250}"
    return {name: f"127.{number}.{tail}" for number, name in enumerate(names, start=20)}


def _can_contain() -> bool:
    """Tell whether we may give a process mounts of its own."""
    command = ["unshare", "--mount", "mount", "--make-rprivate", "/"]
    return (
        os.geteuid() == 0
        and all(map(shutil.which, ("unshare", "setpriv", "nsenter")))
        and not subprocess.run(command, capture_output=True, check=False).returncode
    )


def _container(service: str, folder: Path, command: list[str]) -> list[str]:
    """Return a command that sees no more of this machine than compose allows the service.

    Our own keep their user: Python may lie where only root enters.  Without capabilities it is
    a user like any other.
    """
    said = SERVICES[service]
    steps = ["set -e", "mount --make-rprivate /", "mount -t tmpfs -o mode=755 tmpfs /run"]
    steps += ["mkdir /run/secrets", "mount -t tmpfs -o mode=1777,size=64m tmpfs /dev/shm"]
    steps += [f"cp {folder}/run/secrets/{name} /run/secrets/" for name in said["secrets"]]
    for words in said["tmpfs"]:
        path, _colon, options = words.partition(":")
        options = f"noexec,nosuid,nodev,{options}"  # as Docker mounts it
        steps += [f"mkdir -p {path}", f"mount -t tmpfs -o {options} tmpfs {path}"]
    if service != "proxy":  # a mount of its own stays writable
        steps += [f"mount --bind {folder}/{name} {folder}/{name}" for name in KEPT]
    steps += ["mount -o remount,bind,ro /"]
    user, _colon, group = said.get("user", "").partition(":")
    who = f"--reuid={user} --regid={group} --clear-groups" if user else ""
    steps += [f'exec setpriv {who} --no-new-privs --inh-caps=-all --bounding-set=-all -- "$@"']
    return ["unshare", "--mount", "sh", "-c", "\n".join(steps), service, *command]


def main() -> int:
    """Start production, ask what must hold, end it; 0 when all of it does."""
    began = time.monotonic()
    rehearsal = Rehearsal(f"rehearsal-{os.getpid()}")
    try:
        rehearsal.start_servers()
        rehearsal.write_secrets()
        rehearsal.manage("migrate", "--noinput", "-v0", service="migrate")
        rehearsal.start_serving()
        print(f"started after {time.monotonic() - began:.0f} s")
        for words, holds in promises(rehearsal):
            print("ok     " if holds else "FAILED ", words, flush=True)
            if not holds:
                return 1
    except CannotStart as reason:
        print(f"deploy/rehearse: {reason}", file=sys.stderr)
        return 1
    finally:
        rehearsal.stop()
    print(f"all of it after {time.monotonic() - began:.0f} s")
    return 0


SLOW_HEADERS = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: "
SLOW_BODY = (
    b"POST /account/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
    b"Content-Length: 100000\r\n\r\na"
)


def promises(rehearsal: Rehearsal) -> Iterator[tuple[str, bool]]:
    """Ask, one after another, what an operator relies on."""
    page = rehearsal.get("/account/login/")
    yield "the sign-in page comes over TLS", page.status == 200 and b"<form" in page.body
    yield "browsers are told to stay with TLS", "strict-transport-security" in page.headers
    yield "a request has a number", len(page.headers.get("x-request-id", "")) == 32
    plain = rehearsal.get("/account/login/", secure=False)
    yield (
        "plain HTTP leads to TLS",
        (plain.status, plain.headers["location"]) == (301, f"{SITE_URL}/account/login/"),
    )
    yield (
        "a probe by IP in plain HTTP hears /livez",
        rehearsal.get("/livez", secure=False).status == 200,
    )
    waited = rehearsal.wait_until_well()
    yield f"/healthz says that all parts are there (after {waited:.0f} s)", True
    for name, beginning in [("headers", SLOW_HEADERS), ("bodies", SLOW_BODY)]:
        with rehearsal.slow_clients(60, beginning):
            # of three: the first request of a web process reads its templates
            fastest = min(rehearsal.get("/account/login/").seconds for _time in range(3))
            yield f"60 slow {name} hold nobody up ({fastest:.2f} s)", fastest < 2
    largest = max((rehearsal.folder / "static").rglob("*.js"), key=lambda file: file.stat().st_size)
    path = f"/static/{largest.relative_to(rehearsal.folder / 'static')}"
    (style, *_more) = re.findall(r'href="(/static/[^"]+\.css)"', page.body.decode())
    kept = rehearsal.get(style)
    yield "a static file may be kept", "immutable" in kept.headers["cache-control"]
    with rehearsal.slow_clients(60, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()):
        fastest = min(rehearsal.get("/account/login/").seconds for _time in range(3))
        yield f"60 slow readers hold nobody up ({fastest:.2f} s)", fastest < 2
    for name in (*SERVING, "proxy", "database"):
        rehearsal.wait_for(partial(rehearsal.check, name), name, seconds=90)
        yield f"{name} is healthy by its own check", True
    large = rehearsal.ask("POST", "/account/login/", body=b"a" * 13_000_000)
    yield "a body of 13 MB is refused", large.status == 413
    yield "and the page says so", b"A file may have 10 MB" in large.body
    yield from _of_who_asks(rehearsal)
    told = rehearsal.manage(
        "create_organisation", "First", "owner@first.example", service="worker-jobs"
    )
    (link,) = re.findall(f"{SITE_URL}(\\S+)", told)
    joined = rehearsal.get(link)
    yield "the first owner's link opens", joined.status == 200 and b"First" in joined.body
    token = {"Authorization": f"Bearer {rehearsal.secrets['metrics_token']}"}
    for secure in (True, False):
        world = rehearsal.get("/metrics", secure=secure, **token)
        yield "no figures for the world", world.status == 404
    figures = rehearsal.get_from_web("/metrics", **token)
    yield "figures for who has the token", b"roundtable_requests_seconds_count" in figures.body
    yield "figures of the pool", b"roundtable_database_pool" in figures.body
    yield "figures of the queues", b'roundtable_queue_messages{queue="jobs"}' in figures.body


def _of_who_asks(rehearsal: Rehearsal) -> Iterator[tuple[str, bool]]:
    """Ask whether a client can lie about its host, its address, and TLS."""
    liar = rehearsal.get("/account/login/", Host="evil.example")
    yield "another host is refused", liar.status == 400
    liar = rehearsal.get("/account/login/", secure=False, Host="evil.example")
    yield "and sent nowhere else", liar.headers["location"].startswith(f"{SITE_URL}/")
    liar = rehearsal.get("/account/login/", secure=False, **{"X-Forwarded-Proto": "https"})
    yield "plain HTTP cannot call itself TLS", liar.status == 301
    statuses = set()
    for number in range(150):  # the limit: 120 at once
        claimed = {"X-Forwarded-For": f"192.0.2.{number}"}
        statuses.add(rehearsal.ask("POST", "/account/login/", body=b"", headers=claimed).status)
    yield "limits count by the true address, whatever a client claims", 429 in statuses


if __name__ == "__main__":
    sys.exit(main())
