"""What the whole house does by itself: the worker's heartbeat, which `/healthz` reads."""

from celery import shared_task
from django.core.cache import cache

from core.common import clock

HEARTBEAT_KEY = "heartbeat"


@shared_task(name="mentoring.heartbeat")
def heartbeat() -> None:
    """Every ten seconds: a worker is alive and takes work."""
    cache.set(HEARTBEAT_KEY, clock.now().timestamp(), 60)
