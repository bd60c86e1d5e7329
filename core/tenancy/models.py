"""Isolation: the organisation in force, held by code here and by PostgreSQL beneath.

Wall 1: a GuardedQuerySet that is evaluated or written outside `tenant()` raises NoTenant.
Wall 2: row-level security on every tenant table reads the same setting, so that a forgotten
filter, raw SQL or a bulk statement sees and changes one organisation's rows only.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.db.models.functions import Now as DatabaseNow  # noqa: TID251  # a stamp is the database's
from django.urls import reverse

from core.common import clock
from core.common.ids import new_id
from core.tenancy.context import current_organisation_id, kept
from core.tenancy.privacy import Keep, Privacy

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


class _GuardedManager(models.Manager[Any]):
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
        "tenancy.Organisation",
        on_delete=models.PROTECT,
        related_name="+",
        default=current_organisation_id,
        db_index=False,
        editable=False,
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    # how its rows are exported, erased and kept; each model says it for itself
    privacy: ClassVar[Privacy]

    objects: models.Manager[Any] = _GuardedManager()

    class Meta:
        abstract = True
        # save() and related objects go through the base manager: it asks for a tenant too.
        # The default manager and no second one, which every migration would have to name.
        base_manager_name = "objects"


class StampedModel(TenantModel):
    """A row whose last writing the database itself notes, for whoever pulls what has changed.

    By its own clock, at the moment of writing, whatever wrote it: see Stamped in tables.py.
    """

    stamped_at = models.DateTimeField(db_default=DatabaseNow(), editable=False)

    class Meta(TenantModel.Meta):
        abstract = True


class Organisation(models.Model):
    """A tenant.  Global, so that its slug is found first; its number never leaves."""

    id = models.BigAutoField(primary_key=True)
    slug = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("slug"), name="organisation_slug_once")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("home", args=[self.slug])


class FormerSlug(models.Model):
    """An address that an organisation had: it leads on for a year, and is nobody else's ever.

    Global, as the slug itself is, so that it is found before any organisation is in force.
    """

    id = models.BigAutoField(primary_key=True)
    slug = models.SlugField(max_length=40)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    left_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("slug"), name="former_slug_once")]

    def __str__(self) -> str:
        return self.slug


def _own_facts() -> list[str]:
    return ["department", "team", "job_title", "level", "location"]


# names in `kept()`: the row, and that it has been written since
SETTINGS, SETTINGS_WRITTEN = "settings", "settings written"


class OrganisationSettingsQuerySet(GuardedQuerySet["OrganisationSettings"]):
    """Their one row is read once in a request (`settings_in_force`), and forgotten when written."""

    def update(self, **kwargs: Any) -> int:
        _forget_settings()
        return super().update(**kwargs)

    def _insert(self, *args: Any, **kwargs: Any) -> Any:
        _forget_settings()
        return super()._insert(*args, **kwargs)

    def _update(self, *args: Any, **kwargs: Any) -> Any:
        _forget_settings()
        return super()._update(*args, **kwargs)


def _forget_settings() -> None:
    kept().pop(SETTINGS, None)
    kept()[SETTINGS_WRITTEN] = True


class OrganisationSettings(TenantModel):
    """What an organisation has chosen for itself; exactly one row each."""

    IDLE_MINUTES: ClassVar[int] = 720  # as long a web session may be left alone, usually
    FIRST_DAYS: ClassVar[tuple[int, ...]] = (0, 5, 6)  # Monday, Saturday, Sunday

    time_zone = models.CharField(max_length=64, default="UTC")
    # of whoever has chosen none, one of LANGUAGES; empty: as each browser asks
    locale = models.CharField(max_length=12, default="en", blank=True)
    accent = models.CharField(max_length=12, default="teal")
    # a PNG that we have drawn (core/common/pictures.py), and what names it in its address; the
    # picture is read by its own page alone
    logo = models.BinaryField(blank=True, default=b"", db_default=b"")
    logo_digest = models.CharField(max_length=12, blank=True, default="", db_default="")
    threshold = models.PositiveSmallIntegerField(default=5)
    retention_days = models.PositiveIntegerField(default=1095)
    # so long after their partnership or cohort is over the words of those still here are kept;
    # None: as long as they are here
    words_months = models.PositiveSmallIntegerField(null=True, blank=True)
    # https with "{room}" where each season's own room goes; empty: sessions bring no video link
    video_template = models.CharField(max_length=200, default="", blank=True)
    # which work facts of their own people may change themselves (Member.OWN_FACTS)
    own_facts = ArrayField(models.CharField(max_length=20), default=_own_facts, blank=True)
    # one of FIRST_DAYS
    week_starts_on = models.PositiveSmallIntegerField(default=0)
    idle_minutes = models.PositiveSmallIntegerField(default=IDLE_MINUTES, db_default=IDLE_MINUTES)
    # an app's code or a passkey, of everybody who opens this organisation's pages
    asks_second_step = models.BooleanField(default=False, db_default=False)
    # its pages open after a sign-in at its own provider alone; owners' own sign-ins go on
    asks_sso = models.BooleanField(default=False, db_default=False)

    privacy = Privacy(Keep.ORGANISATION)
    objects = OrganisationSettingsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation"], name="settings_once"),
            models.CheckConstraint(name="settings_threshold", condition=Q(threshold__gte=1)),
        ]

    def __str__(self) -> str:
        return self.time_zone

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone: a fact's day is this zone's day."""
        return ZoneInfo(self.time_zone)


class Due(models.Model):
    """A moment at which an organisation is to be followed up; global, so it holds no content."""

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    # only what the hour makes due, although nothing has changed and no day has begun
    hourly = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="due_soonest")]

    def __str__(self) -> str:
        return f"{self.organisation_id} at {self.due_at:%Y-%m-%d %H:%M}"


class Tombstone(TenantModel):
    """That a row of a StampedModel was deleted, and when: its id, and which table it was in.

    The database writes it (see Stamped in tables.py), with the id of the row that is gone.
    """

    KEPT: ClassVar[timedelta] = timedelta(days=400)  # who pulls more rarely begins anew

    table = models.CharField(max_length=63)
    stamped_at = models.DateTimeField()

    privacy = Privacy(Keep.ORGANISATION)

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["organisation", "table", "stamped_at"], name="tombstone_by_table"),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.pk}"
