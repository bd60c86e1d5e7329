"""The ways in which the outbox reaches people: another one is a file here, and a line below.

In-app is a file here too, and no line: its message is the row itself, see in_app.py.
"""

from __future__ import annotations

from typing import Any

from core.notifications.channels.base import Channel
from core.notifications.channels.email import EmailChannel
from core.notifications.channels.slack import SlackChannel
from core.notifications.channels.teams import TeamsChannel

CHANNELS: dict[str, type[Channel[Any]]] = {
    channel.name: channel for channel in (EmailChannel, SlackChannel, TeamsChannel)
}
