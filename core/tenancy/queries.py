"""The open organisations, which one has an address, and the settings of the one in force."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from core.common import clock
from core.tenancy.context import FORMER_SLUG_LEADS, kept
from core.tenancy.models import (
    SETTINGS,
    SETTINGS_WRITTEN,
    FormerSlug,
    Organisation,
    OrganisationSettings,
    StampedModel,
    Tombstone,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet


def live_organisations() -> list[Organisation]:
    """Return every organisation that is not closed, in a steady order: what a sweep visits."""
    return list(Organisation.objects.filter(closed_at=None).order_by("pk"))


def organisation_at(slug: str, *, at_any_age: bool = False) -> Organisation | None:
    """Return the open organisation with this address, or that had it until a year ago.

    `at_any_age` is for what a machine was once told and does not follow: see `registered_slug`.
    """
    organisation = Organisation.objects.filter(slug=slug, closed_at=None).first()
    if organisation is not None:
        return organisation
    former = FormerSlug.objects.select_related("organisation").filter(
        slug=slug, organisation__closed_at=None
    )
    if not at_any_age:
        former = former.filter(left_at__gt=clock.now() - FORMER_SLUG_LEADS)
    row = former.first()
    return row.organisation if row else None


def settings_in_force() -> OrganisationSettings:
    """Return what the organisation in force has chosen; read once in a request or a task.

    Once they are written (see OrganisationSettingsQuerySet) they are read anew each time, since
    what was written may still be undone.
    """
    found = kept().get(SETTINGS)
    if found is None:
        found = OrganisationSettings.objects.defer("logo").get()
        if SETTINGS_WRITTEN not in kept():
            kept()[SETTINGS] = found
    assert isinstance(found, OrganisationSettings)
    return found


# The clock of the database, or the beginning of the oldest transaction that has written and not
# ended.  A row is stamped after its transaction has got its number, so what nobody can see yet is
# stamped at this instant or later.  The view shows us the transactions of our own role, which is
# who writes.
_UNSEEN_SINCE = """
    SELECT least(clock_timestamp(), min(xact_start)) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
"""


def unseen_since() -> datetime:
    """Return the instant before which every stamped row there is can be seen.

    To be asked before the rows are read.  Whoever reads what was stamped before it, and next time
    goes on from it, misses nothing and gets nothing twice.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction looks only once
        cursor.execute(_UNSEEN_SINCE)
        (instant,) = cursor.fetchone()
    assert isinstance(instant, datetime)
    return instant


def told_since() -> datetime:
    """Return the instant since which every deletion is still known."""
    return clock.now() - Tombstone.KEPT


def tombstones_of(model: type[StampedModel]) -> QuerySet[Tombstone]:
    """Return what is left of rows of this model that were deleted."""
    rows: QuerySet[Tombstone] = Tombstone.objects.filter(table=model._meta.db_table)
    return rows
