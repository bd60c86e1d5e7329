"""Sentences that many kinds of e-mail share."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

from core.members.models import Member


def written(instant: datetime, member: Member, zone: ZoneInfo) -> str:
    """Write a time in the reader's zone, with the zone, since an e-mail cannot ask for it."""
    here = instant.astimezone(ZoneInfo(member.time_zone) if member.time_zone else zone)
    return f"{date_format(here, 'l j F Y, H:i')} ({here.tzname()})"
