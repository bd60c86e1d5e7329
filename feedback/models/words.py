"""Private bodies: who may read them, as the database decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import Row

if TYPE_CHECKING:
    from typing import Self


class Audience(models.TextChoices):
    """Who reads a body beside those whom it names, as things stand on the day they look."""

    COORDINATOR = "coordinator", _("My coordinator")


class WordsQuerySet(TenantQuerySet[Row]):
    def visible_to(self, member: Member) -> Self:
        """Only the stated readers; the database shows it to nobody else in any case.

        Who is among an audience it alone decides: who runs the program today and is no partner.
        """
        rows = super().visible_to(member)
        return rows.filter(Q(readers__contains=[member.pk]) | ~Q(audience=""))
