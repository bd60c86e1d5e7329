"""A worker outlives its broker, whatever it was holding."""

from __future__ import annotations

from typing import Any

import pytest
from celery import current_app
from kombu import Queue


def test_a_worker_with_work_in_its_hands_lets_go_of_a_broker_that_is_away():
    """Celery takes down what is left of the connection; an error there ends the worker."""
    with current_app.connection_for_read() as connected:
        channel: Any = connected.channel()
        queue = Queue("held", channel=channel)
        queue.declare()
        connected.Producer().publish({}, routing_key="held")
        assert queue.get() is not None  # and not acknowledged: it is being worked on
        transport, client = channel.connection, channel.connection.client
        transport.client = None  # as it stands once the connection is lost
        try:
            channel.close()
        finally:
            transport.client = client


@pytest.mark.parametrize("settle", ["ack", "reject", "requeue"])
def test_what_is_done_while_the_broker_is_away_is_settled_with_nobody(settle: str) -> None:
    """Its message came over a connection that is gone; an error there ends the worker as well."""
    with current_app.connection_for_read() as connected:
        channel: Any = connected.channel()
        queue = Queue("held", channel=channel)
        queue.declare()
        queue.purge()
        for _time in range(2):
            connected.Producer().publish({}, routing_key="held")
        lost, settled = queue.get(), queue.get()
        held = channel.client.hlen(channel.unacked_key)
        settled.ack()  # the connection is there: the broker is told
        assert channel.client.hlen(channel.unacked_key) == held - 1
        transport, client = channel.connection, channel.connection.client
        transport.client = None
        try:
            channel.close()
            getattr(lost, settle)()
        finally:
            transport.client = client
