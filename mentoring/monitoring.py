"""What is told of the running house: lines of the log that belong together, figures, errors.

Figures of requests are each web process's own, kept in files of PROMETHEUS_MULTIPROC_DIR where
gunicorn runs several; those of tasks are counted in the cache by whoever does them; what waits is
asked when somebody wants to know.  None carries a name, an address, or anybody's words.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
import structlog
from celery import current_app, signals
from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import request_finished
from django.db import connection
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from core.common import clock
from core.common.ids import new_id
from core.notifications.models import Envelope
from core.tenancy.models import Due

CONTENT_TYPE = CONTENT_TYPE_LATEST
QUEUES = tuple(queue.name for queue in settings.CELERY_TASK_QUEUES)
BEAT = "beat"
TASKS = "figures-of-tasks"
SENT_AT = "sent_at"
HEARD_EVERY = 5.0  # seconds
HEARD_SECONDS = 60  # a heartbeat is remembered for so long
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
log = logging.getLogger("roundtable.request")

REQUESTS = Histogram(
    "roundtable_requests_seconds",
    "Requests by route and status, and how long they took",
    ["method", "route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
POOL = Gauge(
    "roundtable_database_pool",
    "Connections of the web processes: all, free, and requests that wait for one",
    ["what"],
    multiprocess_mode="livesum",
)


class MonitoringMiddleware:
    """Gives each request a number, its line in the log, and its place in the figures."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        request_id = _request_id(request)
        words = {"request": request_id}
        if request.path_info.startswith("/o/"):
            words["organisation"] = request.path_info.split("/")[2][:40]
        with structlog.contextvars.bound_contextvars(**words):
            response = self.get_response(request)
            seconds = time.perf_counter() - began
            route, status = _route(request), response.status_code
            REQUESTS.labels(request.method, route, status).observe(seconds)
            facts = {"method": request.method, "route": route, "status": status}
            log.info("request", extra=facts | {"ms": round(seconds * 1000)})
        response["X-Request-ID"] = request_id
        return response


def _request_id(request: HttpRequest) -> str:
    """Return the proxy's number of the request, where it gives one, or ours."""
    given = request.headers.get("X-Request-ID", "")
    return given if _REQUEST_ID.fullmatch(given) else new_id().hex


def _route(request: HttpRequest) -> str:
    """Return the address's pattern, never the address: that may be a link that opens something."""
    match = request.resolver_match
    return f"/{match.route}" if match else "other"


def _note_pool(**_signal: Any) -> None:
    pool = getattr(connection, "pool", None)
    if pool is None:
        return
    stats = pool.get_stats()
    for what in ("pool_size", "pool_available", "requests_waiting"):
        POOL.labels(what).set(stats.get(what, 0))


request_finished.connect(_note_pool)  # after Django's own, which gives the connection back


# ── figures that are asked for ──────────────────────────────────────────────────────────
def exposition(families: Iterable[Metric]) -> bytes:
    """Return all figures in Prometheus' text: those of the processes, and the families given."""
    registry: CollectorRegistry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it registers itself
    else:
        registry.register(REGISTRY)
    registry.register(_Given(families))
    return generate_latest(registry)


class _Given(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def row_figures() -> list[Metric]:
    """Return what waits as rows: e-mails, and organisations to be followed up."""
    now = clock.now()
    late = Q(state=Envelope.State.DUE, due_at__lte=now)
    try:
        emails = Envelope.objects.aggregate(
            waiting=Count("pk", filter=late),
            oldest=Min("due_at", filter=late),
            dead=Count("pk", filter=Q(state=Envelope.State.DEAD)),
        )
        marks = Due.objects.filter(due_at__lte=now).aggregate(
            waiting=Count("organisation", distinct=True), oldest=Min("due_at")
        )
    finally:
        connection.close()

    def age(moment: Any) -> float:
        return (now - moment).total_seconds() if moment else 0.0

    return [
        _gauge("emails_waiting", "E-mails that are due and not sent", emails["waiting"]),
        _gauge("emails_oldest_seconds", "How long the oldest waits", age(emails["oldest"])),
        _gauge("emails_dead", "E-mails that were given up", emails["dead"]),
        _gauge("sweeps_waiting", "Organisations that are due", marks["waiting"]),
        _gauge("sweeps_oldest_seconds", "How long the oldest waits", age(marks["oldest"])),
    ]


def queue_figures() -> list[Metric]:
    """Return what waits in the broker, and what workers have counted of their tasks."""
    waiting = GaugeMetricFamily("roundtable_queue_messages", "Messages waiting", labels=["queue"])
    age = GaugeMetricFamily(
        "roundtable_queue_oldest_seconds", "How long the oldest waits", labels=["queue"]
    )
    with broker() as client:
        for queue in QUEUES:
            waiting.add_metric([queue], client.llen(queue))
            age.add_metric([queue], _age(client.lindex(queue, -1)))
    return [waiting, age, *_task_figures()]


@contextmanager
def broker() -> Iterator[Any]:
    """Speak with the broker's Valkey itself, once: no trying again where it is away."""
    with current_app.connection_for_read() as connected:
        channel: Any = connected.channel()
        yield channel.client


def _age(message: bytes | None) -> float:
    if message is None:
        return 0.0
    sent = json.loads(message)["headers"].get(SENT_AT)
    return max(0.0, clock.now().timestamp() - sent) if sent else 0.0


def _task_figures() -> list[Metric]:
    done = CounterMetricFamily("roundtable_tasks", "Tasks done", labels=["task", "outcome"])
    took = CounterMetricFamily("roundtable_tasks_seconds", "Time they took", labels=["task"])
    for key, value in _valkey().hgetall(TASKS).items():
        kind, task, *outcome = key.decode().split("|")
        family = done if kind == "done" else took
        family.add_metric([task, *outcome], float(value))
    return [done, took]


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"roundtable_{name}", words, value=value)


# ── heartbeats ──────────────────────────────────────────────────────────────────────────
def heard_key(name: str) -> str:
    """Return where it is noted when the workers of a queue, or beat, were last heard."""
    return f"heard:{name}"


def note_heard(*names: str) -> None:
    """Note that these are alive; `/healthz` reads it."""
    now = clock.now().timestamp()
    caches["default"].set_many({heard_key(name): now for name in names}, HEARD_SECONDS)


_noted = [0.0]


@signals.heartbeat_sent.connect
def _note_worker(**_signal: Any) -> None:
    """Note that the workers of these queues live, from their main process: no task delays it."""
    if time.monotonic() - _noted[0] >= HEARD_EVERY:
        _noted[0] = time.monotonic()
        consumed = current_app.amqp.queues.consume_from
        note_heard(*(queue for queue in QUEUES if queue in consumed))
        if alive := os.environ.get("WORKER_ALIVE_FILE"):  # for the container's own health check
            Path(alive).touch()


# ── tasks ───────────────────────────────────────────────────────────────────────────────
_began: dict[str, float] = {}


@signals.before_task_publish.connect
def _note_sending(headers: dict[str, Any], **_signal: Any) -> None:
    headers[SENT_AT] = clock.now().timestamp()


@signals.task_prerun.connect
def _begin(task_id: str, task: Any, args: Iterable[Any], **_signal: Any) -> None:
    """Give the lines of a task its name, its number and its organisation's."""
    _began[task_id] = time.perf_counter()
    words = {"task": task.name, "task_id": task_id}
    first = next(iter(args), None)
    if isinstance(first, int):
        words["organisation"] = str(first)
    structlog.contextvars.bind_contextvars(**words)


@signals.task_postrun.connect
def _end(task_id: str, task: Any, retval: object, state: object, **_signal: Any) -> None:
    """Count a task by how it ended; a job says that itself: it has failed without raising."""
    seconds = time.perf_counter() - _began.pop(task_id, time.perf_counter())
    structlog.contextvars.unbind_contextvars("task", "task_id", "organisation")
    word = retval if isinstance(retval, str) else str(state or "failure").lower()
    try:
        with _valkey().pipeline() as pipe:
            pipe.hincrby(TASKS, f"done|{task.name}|{word}", 1)
            pipe.hincrbyfloat(TASKS, f"took|{task.name}", seconds)
            pipe.execute()
    except redis.RedisError:
        log.debug("a task could not be counted")  # figures never stop work


def _valkey() -> Any:
    return caches["default"]._cache.get_client(write=True)  # type: ignore[attr-defined]  # Django has no public way


# ── reports of errors ───────────────────────────────────────────────────────────────────
@signals.worker_init.connect
def report_errors(**_signal: Any) -> None:
    """Have errors reported where SENTRY_DSN says: where they happened, nothing anybody typed."""
    if not settings.SENTRY_DSN:
        return
    try:
        import sentry_sdk  # the extra `sentry`
    except ImportError as error:
        raise ImproperlyConfigured("SENTRY_DSN needs requirements/sentry.txt") from error
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        before_send=without_words,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=0,
    )


def without_words(event: Any, _hint: Any) -> Any:
    """Take out of a report what may be somebody's: addresses, messages, arguments."""
    for part in ("request", "user", "extra", "breadcrumbs", "logentry", "message"):
        event.pop(part, None)
    for error in event.get("exception", {}).get("values", []):
        error["value"] = ""
    return event
