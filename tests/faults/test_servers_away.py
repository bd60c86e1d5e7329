"""Production behind its proxy, as `deploy/rehearse` starts it, while a server is away."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from devtools.rehearsal import Rehearsal, promises
from mentoring.monitoring import BEAT, QUEUES
from tests.database import make_template
from tests.devtools.test_embedded import GIVEN

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="there is no nginx here"),
]

WITHIN = 2.0  # seconds: so long at most a page keeps somebody waiting
SIGNED_IN = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from core.members.models import User
user = User.objects.create(email="somebody@example.org")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.create()
print("key", session.session_key)
"""

WORK = """
from core.tenancy.context import tenant
from mentoring.privacy.export import start_export
from tests.cast import make_cast
cast = make_cast()
with tenant(cast.acme):
    print("job", start_export(by=cast.petra).pk)
"""


@contextmanager
def with_schema(rehearsal: Rehearsal) -> Iterator[None]:
    """Start its servers with the tests' own schema: migrating anew would take longer."""
    with pytest.MonkeyPatch.context() as environment:
        for name in GIVEN:
            environment.delenv(name, raising=False)
        rehearsal.start_servers()
        environment.setenv("DATABASE_OWNER_URL", rehearsal.dsn("roundtable_owner"))
        with psycopg.connect(rehearsal.dsn("postgres", "postgres"), autocommit=True) as server:
            server.execute("ALTER ROLE roundtable_owner CREATEDB")
            template = make_template()
            server.execute("ALTER ROLE roundtable_owner NOCREATEDB")
            server.execute("DROP DATABASE roundtable")
            server.execute(f"ALTER DATABASE {template} RENAME TO roundtable")
        yield


@pytest.fixture(scope="module")
def production() -> Iterator[Rehearsal]:
    rehearsal = Rehearsal(f"away-{os.getpid()}")
    try:
        with with_schema(rehearsal):
            rehearsal.start_serving()
            yield rehearsal
    finally:
        rehearsal.stop()


@pytest.fixture(scope="module")
def cookie(production: Rehearsal) -> str:
    told = production.manage("shell", "--no-imports", "--command", SIGNED_IN)
    key = told.rsplit("key ", 1)[1].strip()
    return f"sessionid={key}"


def test_an_operator_may_rely_on(production):
    """First of all: what follows takes parts away and brings them back."""
    assert [words for words, holds in promises(production) if not holds] == []


def test_without_the_cache_people_stay_signed_in(production, cookie):
    assert production.get("/organisations/", Cookie=cookie).status == 200
    production.kill("cache")
    try:
        for _time in range(3):
            page = production.get("/organisations/", Cookie=cookie)
            assert (page.status, page.seconds < WITHIN) == (200, True)
        form = production.get("/account/login/")
        assert (form.status, form.seconds < WITHIN) == (200, True)
        health = production.get_from_web("/healthz")
        assert (health.status, health.seconds < WITHIN) == (503, True)
        assert b'"cache": "away"' in health.body
        assert b'"database": "ok"' in health.body
    finally:
        production.start("cache")
    production.wait_until_well(seconds=150)


def test_without_the_broker_pages_go_on_and_work_waits(production, cookie):
    production.kill("broker")
    try:
        page = production.get("/organisations/", Cookie=cookie)
        assert (page.status, page.seconds < WITHIN) == (200, True)
        health = production.get_from_web("/healthz")
        assert (health.status, health.seconds < WITHIN) == (503, True)
        assert b'"broker": "away"' in health.body
        told = production.manage("shell", "--no-imports", "--command", WORK, TIME_TRAVEL="yes")
        job = told.rsplit("job ", 1)[1].strip()
        assert state_of(production, job) == "queued"
        # so long that who is heard of afterwards has come back
        production.wait_for(lambda: nobody_is_heard(production), "web", seconds=90)
    finally:
        production.start("broker")
    production.wait_until_well(seconds=150)
    # its hint was lost: a sweep says it again half a minute later
    production.wait_for(lambda: state_of(production, job) == "done", "worker-jobs", seconds=90)


def test_without_the_database_pages_say_so_at_once_and_are_back_within_seconds(production, cookie):
    production.kill("database")
    try:
        for _time in range(4):
            for path in ("/", "/organisations/", "/o/acme/"):
                page = production.get(path, Cookie=cookie)
                assert (path, page.status, page.seconds < WITHIN) == (path, 503, True)
                assert b"Its database does not answer" in page.body
                assert page.headers["retry-after"] == "5"
        assert production.get("/livez").status == 200
        health = production.get_from_web("/healthz")
        assert (health.status, health.seconds < WITHIN) == (503, True)
        assert b'"database": "away"' in health.body
    finally:
        production.start("database")
    back = production.wait_for(
        lambda: production.get("/organisations/", Cookie=cookie).status == 200, "web"
    )
    assert back < 5
    production.wait_until_well(seconds=150)


def test_without_web_the_proxy_says_so_itself(production):
    production.kill("web")
    try:
        page = production.get("/account/login/")
        assert (page.status, page.seconds < WITHIN) == (503, True)
        assert b"away for a moment" in page.body
        assert page.headers["retry-after"] == "5"
    finally:
        production.start("web")
    production.wait_for(lambda: production.get("/livez").status == 200, "web")


def test_every_secret_of_web_is_changed_as_running_md_says(production, cookie):
    """Passwords of the database, and the key, with the old one beside it and without."""
    old = dict(production.secrets)

    def restart() -> None:
        production.write_secrets()
        production.kill("web")
        production.start("web")
        production.wait_for(lambda: production.get("/livez").status == 200, "web")

    def signed_in() -> bool:
        return production.get("/organisations/", Cookie=cookie).status == 200

    for name in ("database_owner", "database_app", "database_backup"):
        production.secrets[name] = f"new {old[name]}"
    production.script("database.sh")
    app = production.dsn_by_tcp("roundtable_app")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(app, password=old["database_app"])
    psycopg.connect(app, password=production.secrets["database_app"]).close()
    production.secrets |= {"secret_key": f"new {old['secret_key']}", "metrics_token": "another"}
    production.secrets["secret_key_fallbacks"] = old["secret_key"]
    restart()
    assert signed_in()
    figures = production.get_from_web("/metrics", Authorization="Bearer another")
    assert figures.status == 200
    production.secrets["secret_key_fallbacks"] = ""
    restart()
    assert not signed_in()


def state_of(production: Rehearsal, job: str) -> str:
    with psycopg.connect(production.dsn("postgres")) as server:
        return server.execute("SELECT state FROM jobs_job WHERE id = %s", [job]).fetchone()[0]


def nobody_is_heard(production: Rehearsal) -> bool:
    said = json.loads(production.get_from_web("/healthz").body)
    return {said[name] for name in (*QUEUES, BEAT)} == {"not heard"}
