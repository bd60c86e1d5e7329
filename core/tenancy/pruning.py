"""What is forgotten of rows that are gone."""

from __future__ import annotations

from datetime import timedelta

from core.tenancy.context import tenant
from core.tenancy.models import Tombstone
from core.tenancy.queries import live_organisations, told_since

# a pull that was begun at the last moment still ends
GRACE = timedelta(days=1)


def prune_tombstones() -> int:
    """Forget deletions of which no pull asks any more; return how many."""
    gone, before = 0, told_since() - GRACE
    for organisation in live_organisations():
        with tenant(organisation):
            gone += Tombstone.objects.filter(stamped_at__lt=before).delete()[0]
    return gone
