"""The ways in which the outbox reaches people: another one is a file here, and a line below."""

from __future__ import annotations

from typing import Any

from core.notifications.channels.base import Channel
from core.notifications.channels.email import EmailChannel

CHANNELS: dict[str, type[Channel[Any]]] = {channel.name: channel for channel in (EmailChannel,)}
