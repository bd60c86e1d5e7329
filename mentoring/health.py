"""For the machines that watch us: alive, and well."""

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from core.common import clock
from mentoring.tasks import HEARTBEAT_KEY

OLDEST_HEARTBEAT = 30.0  # seconds


def livez(request: HttpRequest) -> HttpResponse:
    return HttpResponse("alive\n", content_type="text/plain")


def healthz(request: HttpRequest) -> JsonResponse:
    """PostgreSQL answers, Valkey answers, and a worker has been heard within 30 s."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    beat = cache.get(HEARTBEAT_KEY)
    age = clock.now().timestamp() - beat if beat else None
    well = age is not None and age < OLDEST_HEARTBEAT
    return JsonResponse(
        {"database": "ok", "cache": "ok", "worker": "ok" if well else "not heard"},
        status=200 if well else 503,
    )
