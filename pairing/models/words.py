"""Whose words are whose: what partners say to each other is read by them and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db.models import Exists, F, OuterRef, Q

from core.members.models import Member, TenantQuerySet
from core.tenancy.models import Row
from pairing.models.partnerships import Seat

if TYPE_CHECKING:
    from typing import Self


class WordsQuerySet(TenantQuerySet[Row]):
    """Rows that hold words of a partnership: its partners read them, coordinators do not.

    Who has left a table that goes on reads them no longer; who sat there to its end still does.
    `partnership` is the path to it.
    """

    partnership: ClassVar[str] = "partnership_id"

    def visible_to(self, member: Member) -> Self:
        """Return those of this person's own partnerships."""
        own = Seat.objects.filter(
            Q(left_at=None) | Q(left_at__gte=F("partnership__ended_at")),
            partnership=OuterRef(self.partnership),
            enrolment__member=member,
        )
        return super().visible_to(member).filter(Exists(own))
