"""The settings of the workers that tests.faults.outbox kills: production's, but impatient."""

from datetime import timedelta

from mentoring.settings import *  # noqa: F403  what production runs
from mentoring.settings import CELERY_BEAT_SCHEDULE

NOTIFICATION_HOLD = timedelta()
EMAIL_TIMEOUT = 1
CELERY_BEAT_SCHEDULE = {
    name: {**entry, "schedule": 1.0, "options": {"expires": 5}}
    for name, entry in CELERY_BEAT_SCHEDULE.items()
    if name == "dispatch"
}
