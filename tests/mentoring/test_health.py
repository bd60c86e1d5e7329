"""Probes are answered by IP, in plain HTTP, and whatever is away; figures only to who may read."""

from __future__ import annotations

import json
import logging
import sys
from datetime import timedelta
from types import SimpleNamespace

import pytest
import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client

from core.common import clock
from core.common.ids import new_id
from core.notifications.models import Envelope
from core.tenancy import due
from core.tenancy.context import tenant
from core.tenancy.models import Due
from mentoring import health, monitoring
from mentoring.monitoring import BEAT, QUEUES, note_heard

ALL = ("database", "cache", "broker", *QUEUES, BEAT)


@pytest.fixture
def strict(settings):
    """As in production: one host, and everything else sent to HTTPS."""
    settings.ALLOWED_HOSTS = ["roundtable.example"]
    settings.SECURE_SSL_REDIRECT = True


@pytest.mark.parametrize("address", ["/livez", "/healthz", "/metrics"])
def test_a_probe_by_ip_and_in_plain_http_is_answered(db, strict, address):
    answer = Client().get(address, headers={"host": "10.0.0.7:8000"})
    assert answer.status_code in {200, 404, 503}
    assert "Location" not in answer


def test_livez_asks_nothing_of_the_database(strict):
    """No mark: pytest would refuse a test without one its database."""
    assert Client().get("/livez", headers={"host": "10.0.0.7"}).content == b"alive\n"


def test_healthz_says_that_all_is_well(db):
    note_heard(*QUEUES, BEAT)
    answer = Client().get("/healthz")
    assert answer.json() == dict.fromkeys(ALL, "ok")
    assert answer.status_code == 200


def test_healthz_names_who_was_not_heard(db):
    note_heard("now", "emails", "sweeps", BEAT)
    answer = Client().get("/healthz")
    assert answer.json() == {**dict.fromkeys(ALL, "ok"), "jobs": "not heard"}
    assert answer.status_code == 503


@pytest.mark.parametrize("part", ["database", "cache", "broker"])
def test_healthz_says_which_part_is_away(db, monkeypatch, part):
    def fails() -> bool:
        raise OperationalError("away")

    note_heard(*QUEUES, BEAT)
    monkeypatch.setattr(health, f"_{part}", fails)
    answer = Client().get("/healthz")
    assert answer.json() == {**dict.fromkeys(ALL, "ok"), part: "away"}
    assert answer.status_code == 503


def test_there_are_no_figures_without_a_token(settings, db):
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "t" * 32
    for given in ("", "Bearer ", "Bearer " + "x" * 32, "t" * 32, "Bearer ümlaut"):
        assert Client().get("/metrics", headers={"authorization": given}).status_code == 401


def figures(settings) -> dict[str, float]:
    settings.METRICS_TOKEN = "t" * 32
    answer = Client().get("/metrics", headers={"authorization": "Bearer " + "t" * 32})
    assert answer.status_code == 200
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@pytest.mark.django_db(transaction=True)
def test_the_figures_count_what_waits(settings, cast):
    now = clock.now()
    with tenant(cast.acme):
        Due.objects.all().delete()
        due.mark(at=now - timedelta(minutes=2))
    for state, due_at in [("due", now - timedelta(hours=1)), ("due", now + timedelta(hours=1))]:
        envelope(cast, state, due_at)
    envelope(cast, "dead", now)
    read = figures(settings)
    assert read["roundtable_emails_waiting"] == 1
    assert 3600 <= read["roundtable_emails_oldest_seconds"] < 3700
    assert read["roundtable_emails_dead"] == 1
    assert read["roundtable_sweeps_waiting"] == 1
    assert 120 <= read["roundtable_sweeps_oldest_seconds"] < 220


def envelope(cast, state, due_at):
    Envelope.objects.create(
        organisation=cast.acme,
        email_id=new_id(),
        channel="email",
        state=state,
        due_at=due_at,
    )


def test_the_figures_count_requests_by_route_and_never_by_address(settings, db):
    before = figures(settings)
    Client().get("/account/login/")
    Client().get("/l/check-in/secret-of-somebody/")
    after = figures(settings)
    name = 'roundtable_requests_seconds_count{method="GET",route="/account/login/",status="200"}'
    assert after[name] == before.get(name, 0) + 1
    assert not any("secret-of-somebody" in name for name in after)


def test_the_figures_count_tasks_by_how_they_ended(settings, db):
    task = SimpleNamespace(name="pairing.compute_match_run")
    for retval, state in [("failed", "SUCCESS"), (None, "SUCCESS"), (None, "FAILURE")]:
        monitoring._begin(task_id="1", task=task, args=[7, "x"])
        monitoring._end(task_id="1", task=task, retval=retval, state=state)
    read = figures(settings)
    for outcome in ("failed", "success", "failure"):
        name = f'roundtable_tasks_total{{outcome="{outcome}",task="pairing.compute_match_run"}}'
        assert read[name] == 1


def test_a_waiting_message_has_an_age(settings, db):
    with monitoring.broker() as client:
        client.delete(*monitoring.QUEUES)  # whatever an earlier test has sent
        old = {"headers": {monitoring.SENT_AT: clock.now().timestamp() - 90}}
        client.lpush("jobs", json.dumps(old))
        read = figures(settings)
        client.delete("jobs")
    assert read['roundtable_queue_messages{queue="jobs"}'] == 1
    assert 90 <= read['roundtable_queue_oldest_seconds{queue="jobs"}'] < 100
    assert read['roundtable_queue_oldest_seconds{queue="now"}'] == 0


def test_what_a_task_sends_says_when(monkeypatch):
    headers: dict[str, object] = {}
    monitoring._note_sending(headers=headers)
    assert headers[monitoring.SENT_AT] == pytest.approx(clock.now().timestamp(), abs=5)


def test_a_worker_says_for_which_queues_it_lives(monkeypatch):
    queues = SimpleNamespace(consume_from={"now": 1, "else": 2})
    monkeypatch.setattr(
        monitoring, "current_app", SimpleNamespace(amqp=SimpleNamespace(queues=queues))
    )
    monkeypatch.setattr(monitoring, "_noted", [0.0])
    monitoring._note_worker()
    heard = cache.get_many([monitoring.heard_key(name) for name in QUEUES])
    assert list(heard) == ["heard:now"]


def test_a_request_has_a_number_and_its_line_names_the_organisation(db, cast, caplog):
    caplog.set_level("INFO", "roundtable.request")
    answer = Client().get("/account/login/", headers={"x-request-id": "from-the-proxy-1"})
    assert answer["X-Request-ID"] == "from-the-proxy-1"
    for forged in ("short", "x" * 65, 'with "quotes" and spaces'):
        answer = Client().get("/account/login/", headers={"x-request-id": forged})
        assert answer["X-Request-ID"] != forged
        assert len(answer["X-Request-ID"]) == 32
    line = caplog.records[0]
    assert (line.method, line.route, line.status) == ("GET", "/account/login/", 200)


def test_lines_of_the_log_are_json(monkeypatch):
    written = settings.LOGGING["formatters"]["json"]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=written["foreign_pre_chain"], processors=written["processors"]
    )
    with structlog.contextvars.bound_contextvars(request="r1", organisation="acme"):
        try:
            raise ValueError("two\nlines")
        except ValueError:
            import sys

            record = logging.LogRecord(
                "x", logging.ERROR, "", 0, "it %s", ("broke",), sys.exc_info()
            )
        line = formatter.format(record)
    assert "\n" not in line
    read = json.loads(line)
    assert (read["event"], read["level"], read["logger"]) == ("it broke", "error", "x")
    assert (read["request"], read["organisation"]) == ("r1", "acme")
    assert "ValueError" in read["exception"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("/account/login/", "text/html", "does not answer"),
        ("/api/v1/programs/", "application/problem+json", "unavailable"),
    ],
)
def test_a_page_says_that_the_database_is_away(monkeypatch, path, kind, words):
    def away(*_args: object, **_more: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", away)
    answer = Client(raise_request_exception=False).get(
        path, headers={"authorization": "Bearer something"}
    )
    assert answer.status_code == 503
    assert answer["Content-Type"].startswith(kind)
    assert answer["Retry-After"] == "5"
    assert words in answer.content.decode()


def test_a_report_of_an_error_carries_no_words(settings, monkeypatch):
    heard = {}
    fake = SimpleNamespace(init=lambda **said: heard.update(said))
    monkeypatch.setitem(sys.modules, "sentry_sdk", fake)
    settings.SENTRY_DSN = ""
    monitoring.report_errors()
    assert heard == {}
    settings.SENTRY_DSN = "https://key@errors.example/1"
    monitoring.report_errors()
    assert heard["dsn"] == settings.SENTRY_DSN
    assert heard["include_local_variables"] is False
    event = {
        "request": {"url": "/l/check-in/secret/"},
        "exception": {"values": [{"type": "ValueError", "value": "what she wrote"}]},
        "logentry": {"message": "words"},
        "tags": {"task": "x"},
    }
    assert heard["before_send"](event, {}) == {
        "exception": {"values": [{"type": "ValueError", "value": ""}]},
        "tags": {"task": "x"},
    }
