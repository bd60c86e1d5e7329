"""The organisation in force: held by code here, and by PostgreSQL beneath."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

from core.common import clock

APP_ROLE = "roundtable_app"
FORMER_SLUG_LEADS = timedelta(days=365)  # so long an address that was changed leads on

_current: ContextVar[int | None] = ContextVar("organisation", default=None)
# what is read often and changes seldom, for as long as this `tenant()` lasts and no longer
_kept: ContextVar[dict[str, Any]] = ContextVar("kept")


class NoTenant(RuntimeError):
    """Rows of an organisation were asked for while none was in force."""


def current_organisation_id() -> int:
    """Return the organisation in force; raises NoTenant outside `tenant()`."""
    organisation_id = _current.get()
    if organisation_id is None:
        raise NoTenant("no organisation is in force: wrap this in tenant(organisation)")
    return organisation_id


def kept() -> dict[str, Any]:
    """Return what may be read once for the organisation in force: it goes when `tenant()` closes.

    Whoever keeps something in it forgets it when its row is written.
    """
    current_organisation_id()
    return _kept.get()


@contextmanager
def tenant(
    organisation: models.Model | int,
    *,
    member: UUID | None = None,
    keep: dict[str, Any] | None = None,
) -> Iterator[None]:
    """Open a transaction in which only this organisation's rows exist.

    `member` is who looks: private bodies are shown to it alone.  `keep` is what `kept` returns, of
    several transactions that are one task.  Nests, and restores what was in force outside
    (RELEASE SAVEPOINT would keep the inner value).
    """
    organisation_id = organisation if isinstance(organisation, int) else organisation.pk
    nested = connection.in_atomic_block
    with transaction.atomic():
        before = _put(str(organisation_id), str(member or ""))
        same = nested and _current.get() == organisation_id
        fresh: dict[str, Any] = {} if keep is None else keep
        kept_before = _kept.set(_kept.get() if same else fresh)
        token = _current.set(organisation_id)
        try:
            yield
        finally:
            _current.reset(token)
            _kept.reset(kept_before)
        # At the outermost level COMMIT ends it; ROLLBACK TO SAVEPOINT undoes it by itself.
        if nested and not connection.needs_rollback:
            _put(*before)


@contextmanager
def tenant_of(slug: str, *, member: UUID) -> Iterator[str]:
    """Open the organisation of this slug as `tenant` does; raises NoTenant where none is open.

    A slug that it had until a year ago opens it too.  Yields the one it has.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, slug FROM tenancy_organisation WHERE closed_at IS NULL AND (slug = %s"
            " OR id = (SELECT organisation_id FROM tenancy_formerslug"
            " WHERE slug = %s AND left_at > %s))",
            [slug, slug, clock.now() - FORMER_SLUG_LEADS],
        )
        row = cursor.fetchone()
    if row is None:
        raise NoTenant(f"no organisation {slug} is open")
    with tenant(row[0], member=member):
        yield row[1]


def look_as(member_id: UUID) -> None:
    """Say who looks for the rest of the transaction that `tenant` has opened."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.member', %s, true)", [str(member_id)])


@contextmanager
def signed_in_user(user_id: UUID) -> Iterator[None]:
    """Open a transaction in which exactly this user's own Members exist, in any organisation."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('app.user', %s, true), set_config('app.organisation', '', true)",
                [str(user_id)],
            )
        yield
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.user', '', true)")


def _put(organisation: str, member: str) -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('app.organisation', true), current_setting('app.member', true),"
            " set_config('app.organisation', %s, true), set_config('app.member', %s, true)",
            [organisation, member],
        )
        row = cursor.fetchone()
    return row[0] or "", row[1] or ""
