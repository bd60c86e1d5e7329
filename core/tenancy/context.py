"""The organisation in force: held by code here, and by PostgreSQL beneath."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db import connection, models, transaction

APP_ROLE = "roundtable_app"

_current: ContextVar[int | None] = ContextVar("organisation", default=None)


class NoTenant(RuntimeError):
    """Rows of an organisation were asked for while none was in force."""


def current_organisation_id() -> int:
    """Return the organisation in force; raises NoTenant outside `tenant()`."""
    organisation_id = _current.get()
    if organisation_id is None:
        raise NoTenant("no organisation is in force: wrap this in tenant(organisation)")
    return organisation_id


@contextmanager
def tenant(organisation: models.Model | int, *, member: UUID | None = None) -> Iterator[None]:
    """Open a transaction in which only this organisation's rows exist.

    `member` is who looks: private bodies are shown to it alone.  Nests, and restores what
    was in force outside (RELEASE SAVEPOINT would keep the inner value).
    """
    organisation_id = organisation if isinstance(organisation, int) else organisation.pk
    nested = connection.in_atomic_block
    with transaction.atomic():
        before = _put(str(organisation_id), str(member or ""))
        token = _current.set(organisation_id)
        try:
            yield
        finally:
            _current.reset(token)
        # At the outermost level COMMIT ends it; ROLLBACK TO SAVEPOINT undoes it by itself.
        if nested and not connection.needs_rollback:
            _put(*before)


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
