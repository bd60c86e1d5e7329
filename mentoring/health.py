"""For the machines that watch us: alive, well, and in figures.

Answered by the first middleware, because a probe comes by IP and in plain HTTP, and because it
asks above all when something is away: no host check, no redirect, no session, no transaction.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from core.common import clock
from mentoring import monitoring
from mentoring.monitoring import BEAT, QUEUES, heard_key

OLDEST_HEARTBEAT = 30.0  # seconds
ANSWER_WITHIN = 1.5  # seconds: who has not answered by then is away


class HealthMiddleware:
    """`/livez`, `/healthz` and `/metrics`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = {"/livez": livez, "/healthz": healthz, "/metrics": metrics}.get(request.path_info)
        return answer(request) if answer else self.get_response(request)


def livez(_request: HttpRequest) -> HttpResponse:
    """Answer as long as the process does: touches nothing else."""
    return HttpResponse("alive\n", content_type="text/plain")


def healthz(_request: HttpRequest) -> JsonResponse:
    """Say of each part whether it is there: PostgreSQL, the Valkeys, the workers, beat."""
    answers = _ask({"database": _database, "cache": _cache, "broker": _broker, "heard": _heard})
    parts = {name: "ok" if answers[name] else "away" for name in ("database", "cache", "broker")}
    heard = answers["heard"] or {}
    now = clock.now().timestamp()
    for name in (*QUEUES, BEAT):
        fresh = now - heard.get(heard_key(name), 0) < OLDEST_HEARTBEAT
        parts[name] = "ok" if fresh else "not heard"
    well = all(state == "ok" for state in parts.values())
    return JsonResponse(parts, status=200 if well else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, to whoever has the token; without one there is no such page."""
    token = settings.METRICS_TOKEN
    if not token:
        return HttpResponse(status=404)
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    answers = _ask({"rows": monitoring.row_figures, "queues": monitoring.queue_figures})
    families = [family for name in answers for family in answers[name] or []]
    return HttpResponse(monitoring.exposition(families), content_type=monitoring.CONTENT_TYPE)


@cache
def _askers() -> ThreadPoolExecutor:
    # made in the worker, not before it is forked; one that hangs keeps its thread, not the answer
    return ThreadPoolExecutor(max_workers=8, thread_name_prefix="health")


def _ask(questions: dict[str, Callable[[], Any]]) -> dict[str, Any]:
    """Ask all at once; None for who has failed or not answered in time."""
    asked: dict[str, Future[Any]] = {
        name: _askers().submit(question) for name, question in questions.items()
    }
    done, _late = wait(asked.values(), timeout=ANSWER_WITHIN)
    return {
        name: answer.result() if answer in done and answer.exception() is None else None
        for name, answer in asked.items()
    }


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    finally:
        connection.close()


def _cache() -> bool:
    answers: bool = caches["default"].answers()  # type: ignore[attr-defined]  # ours: core/common/valkey.py
    return answers


def _broker() -> bool:
    with monitoring.broker() as client:
        return bool(client.ping())


def _heard() -> dict[str, float]:
    return caches["default"].get_many([heard_key(name) for name in (*QUEUES, BEAT)])
