"""The roof: settings, addresses, the API, workers, health and the home pages; it may import all."""

from mentoring.celery import app as celery_app

__all__ = ["celery_app"]  # Celery's own convention: whoever imports the project has its tasks
