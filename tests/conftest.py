"""The owner creates and migrates the test database; every test then runs as the application."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import wraps

import hypothesis
import psycopg
import pytest
import pytest_django.fixtures
import time_machine
from django.db import connection, connections
from django.db.models.signals import post_save
from django.test import TransactionTestCase
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

import tests.profile  # noqa: F401  it registers the profiles
from core.audit.models import AuditEvent
from core.audit.names import Names
from core.audit.sentences import sentence
from core.common import clock
from sessions.calendar import ics
from tests.cast import Cast, make_cast
from tests.database import make_template
from tests.kept import kept
from tests.sessions.strict_ics import check

hypothesis.settings.load_profile("same")

KEPT_TABLES = {"django_migrations", "django_content_type", "auth_permission"}


# pytest-django makes the database where a collected test is marked for it; the walks hold theirs
# for a whole module and bear no mark, so it is made for every run.
pytest_django.fixtures._get_databases_for_setup = lambda items: ({"default"}, set())


@pytest.fixture(scope="session", autouse=True)
def strict_calendars() -> Iterator[None]:
    """Hold every calendar that any test makes, for an e-mail, a page or a feed, to the RFCs."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("invitation", "publication", "feed"):
            patch.setattr(ics, name, _checked(getattr(ics, name)))
        yield


@pytest.fixture(scope="session", autouse=True)
def readable_trail() -> Iterator[None]:
    """Say every act that any test records as the page of the audit trail says it."""

    def say(instance: AuditEvent, **_signal: object) -> None:
        assert sentence(instance, Names({}))

    post_save.connect(say, AuditEvent)
    yield
    post_save.disconnect(say, AuditEvent)


def _checked(make: Callable[..., bytes]) -> Callable[..., bytes]:
    @wraps(make)
    def checked(**parts: object) -> bytes:
        body = make(**parts)
        check(body)
        return body

    return checked


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> Iterator[str]:
    """Let the owner's role create the database, from one that is migrated."""
    settings = connections["default"].settings_dict
    settings["TEST"]["TEMPLATE"] = make_template()
    owner = conninfo_to_dict(os.environ["DATABASE_OWNER_URL"])
    app, settings["USER"] = settings["USER"], owner["user"]
    yield app
    settings["USER"] = app


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_modify_db_settings: str, django_db_setup: None, django_db_blocker
) -> Iterator[None]:
    """Hand the migrated database to the tests as `roundtable_app`, under row-level security."""
    settings = connections["default"].settings_dict
    owner = settings["USER"]
    with django_db_blocker.unblock():
        connections["default"].close()
        settings["USER"] = django_db_modify_db_settings
        yield
        connections["default"].close()
        settings["USER"] = owner  # who drops it


def _empty_as_owner(test: TransactionTestCase) -> None:
    """Empty all tables after a transactional test; the application may not TRUNCATE.

    Identities go on: rows that are put back by tests.kept have theirs.
    """
    settings = connections["default"].settings_dict
    owner = conninfo_to_dict(os.environ["DATABASE_OWNER_URL"])
    with psycopg.connect(
        dbname=settings["NAME"], user=owner["user"], host=settings["HOST"], autocommit=True
    ) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            )
            if name not in KEPT_TABLES
        ]
        connection.execute(
            sql.SQL("TRUNCATE {} CASCADE").format(
                sql.SQL(", ").join(map(sql.Identifier, sorted(tables)))
            )
        )


TransactionTestCase._fixture_teardown = _empty_as_owner  # type: ignore[attr-defined]  # Django's own hook


@pytest.fixture(autouse=True)
def _clean_cache() -> Iterator[None]:
    """No test sees what another has left in Valkey."""
    from django.core.cache import cache

    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _no_strange_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing outside this machine is reached: not at set-up, not at run time."""
    import socket

    connect = socket.socket.connect

    def only_here(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if host not in {"", "::1", "localhost"} and not host.startswith("127."):
            raise RuntimeError(f"a test reached for {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)


@pytest.fixture(autouse=True)
def _requests_end(request: pytest.FixtureRequest) -> Iterator[None]:
    """Empty no table under a request that still runs: its thread holds a connection and locks."""
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")  # so that this ends before the tables are emptied
    yield
    patience = time.monotonic() + 5
    while request_threads() and time.monotonic() < patience:
        time.sleep(0.02)


def request_threads() -> list[threading.Thread]:
    """Return the live server's threads; each has a connection until its client has gone."""
    return [each for each in threading.enumerate() if "process_request_thread" in each.name]


@pytest.fixture
def cast(request: pytest.FixtureRequest, db: None) -> Cast:
    """Acme is under test; Globex is there so that a leak has something to leak."""
    if connection.in_atomic_block:
        return kept(("cast", frozen_at()), make_cast)
    return make_cast()  # a transactional test, whose rows are committed


def frozen_at() -> datetime | None:
    """Return the instant at which a test has stopped the clock: what is made then is kept apart."""
    now = clock.now()
    moved = time_machine.escape_hatch.is_travelling() or abs(now.timestamp() - time.time()) > 1
    return now if moved else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that two workers end together."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """In CI no test may be skipped: a skip is a failure that says so."""
    report = yield
    if report.skipped and os.environ.get("ROUNDTABLE_NO_SKIPS") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {report.longrepr}"
    return report
