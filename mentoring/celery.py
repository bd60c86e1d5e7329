"""The Celery application of workers and beat; each app's `tasks.py` is found by itself."""

import os
from typing import Any

from celery import Celery
from kombu.transport.redis import Channel, QoS


class _WithoutBroker(QoS):
    """Settles a message only with the broker that brought it.

    What a worker has done while its broker was away it would settle over a connection that is no
    more: it then ends, and with it the job that goes on without a broker.  Nothing is lost by
    silence: the message comes again when its time is up, and finds that all is done.
    """

    def ack(self, delivery_tag: Any) -> None:
        if self._is_connected():
            super().ack(delivery_tag)

    def reject(self, delivery_tag: Any, requeue: bool = False) -> None:
        if self._is_connected():
            super().reject(delivery_tag, requeue=requeue)

    def _is_connected(self) -> bool:
        return getattr(self.channel.connection, "client", None) is not None


Channel.QoS = _WithoutBroker
# Nor is what it holds given back when the broker goes away, which would end it in the same way:
# what a message hints at is a row, and is said again.
Channel.do_restore = False

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")

app = Celery("mentoring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# the roof is no installed app: it has no tables
app.autodiscover_tasks(["mentoring", "mentoring.exports"])
