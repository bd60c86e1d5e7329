"""The roof: settings, addresses, the API, workers, health and the home pages; it may import all."""

import gc

from mentoring.celery import app as celery_app

# Django's models, forms and addresses make objects by the hundred thousand that live as long as the
# process. At Python's 700 new ones it looks for rubbish so often that migrating spends a quarter of
# its time on it, and starting a little.
gc.set_threshold(50_000)

__all__ = ["celery_app"]  # Celery's own convention: whoever imports the project has its tasks
