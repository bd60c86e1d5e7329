"""Isolation: the organisation in force, held by code here and by PostgreSQL beneath.

Wall 1: a GuardedQuerySet that is evaluated or written outside `tenant()` raises NoTenant.
Wall 2: row-level security on every tenant table reads the same setting, so that a forgotten
filter, raw SQL or a bulk statement sees and changes one organisation's rows only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models, transaction

from mentoring.common import clock
from mentoring.common.ids import new_id

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
    """Set both settings for this transaction and return what they were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('app.organisation', true), current_setting('app.member', true),"
            " set_config('app.organisation', %s, true), set_config('app.member', %s, true)",
            [organisation, member],
        )
        row = cursor.fetchone()
    return row[0] or "", row[1] or ""


Row = TypeVar("Row", bound=models.Model, covariant=True)


class GuardedQuerySet(models.QuerySet[Row]):
    """Rows of the organisation in force; every reading and every writing asks for it first."""

    def _fetch_all(self) -> None:
        current_organisation_id()
        super()._fetch_all()

    def iterator(self, *args: Any, **kwargs: Any) -> Iterator[Row]:
        current_organisation_id()
        return super().iterator(*args, **kwargs)

    def count(self) -> int:
        current_organisation_id()
        return super().count()

    def exists(self) -> bool:
        current_organisation_id()
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        current_organisation_id()
        return super().aggregate(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        current_organisation_id()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        current_organisation_id()
        return super().delete()

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[Row]:
        current_organisation_id()
        return super().bulk_create(*args, **kwargs)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        current_organisation_id()
        return super().bulk_update(*args, **kwargs)

    def _insert(self, *args: Any, **kwargs: Any) -> Any:
        current_organisation_id()
        return super()._insert(*args, **kwargs)  # type: ignore[misc]  # as above

    def _update(self, *args: Any, **kwargs: Any) -> Any:
        current_organisation_id()
        return super()._update(*args, **kwargs)  # type: ignore[misc]  # as above


class GuardedManager(models.Manager[Any]):
    # `as_manager()` would do, but its type could not be replaced by a model's own manager
    def get_queryset(self) -> GuardedQuerySet[Any]:
        return GuardedQuerySet(self.model, using=self._db)


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A reference inside one organisation.

    The database holds it with a composite key (organisation_id, x_id), which TenantTable
    adds with its index; Django's own single-column constraint and index are left out.
    """

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs["db_index"] = False
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        """Leave out what is the same for every such reference: migrations keep what differs."""
        name, path, args, kwargs = super().deconstruct()
        del kwargs["db_constraint"], kwargs["db_index"]
        return name, path, args, kwargs


class TenantModel(models.Model):
    """A row of one organisation: UUIDv7 made in Python, organisation never null."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(
        "identity.Organisation",
        on_delete=models.PROTECT,
        related_name="+",
        default=current_organisation_id,
        db_index=False,
        editable=False,
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects: models.Manager[Any] = GuardedManager()

    class Meta:
        abstract = True
        # save() and related objects go through the base manager: it asks for a tenant too.
        # The default manager and no second one, which every migration would have to name.
        base_manager_name = "objects"
