"""The house: platform below the five apps, wiring above them."""

from mentoring.celery import app as celery_app

__all__ = ["celery_app"]
