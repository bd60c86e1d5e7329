"""The Celery application of workers and beat; each app's `tasks.py` is found by itself."""

import os

from celery import Celery
from kombu.transport.redis import Channel

# What a worker holds when its broker goes away it would give back, over a connection that is no
# more: it then ends, and with it the job that goes on without a broker.  Nothing has to be given
# back: what a message hints at is a row, and is said again.
Channel.do_restore = False

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")

app = Celery("mentoring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# the roof is no installed app: it has no tables
app.autodiscover_tasks(["mentoring", "mentoring.exports"])
