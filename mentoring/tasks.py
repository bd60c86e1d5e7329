"""What the whole house does by itself, whoever is looking: beat's schedule is in the settings."""

from celery import shared_task
from django.core.cache import cache

from core.common import clock
from core.tenancy import due
from mentoring import follow_ups

HEARTBEAT_KEY = "heartbeat"


@shared_task(name="mentoring.heartbeat")
def heartbeat() -> None:
    """Every ten seconds: a worker is alive and takes work; `/healthz` reads it."""
    cache.set(HEARTBEAT_KEY, clock.now().timestamp(), 60)


@shared_task(name="mentoring.follow_up_due")
def follow_up_due() -> None:
    """Every ten seconds: what follows from the changes of the organisations that are due."""
    follow_ups.follow_up_due()


@shared_task(name="mentoring.mark_all_due")
def mark_all_due() -> None:
    """Every hour: every organisation, for what only the day makes due."""
    due.mark_all()
