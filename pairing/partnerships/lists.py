"""A cohort's partnerships as a list: what it can be narrowed to and ordered by."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from core.common.lists import Chip, Column, ListFilter
from pairing.models.partnerships import Partnership, PartnershipQuerySet
from pairing.partnerships.queries import search, under_size

SMALL = "small"  # open circles under the size of the design
STATES: dict[str, tuple[str, ...]] = {
    "open": tuple(Partnership.OPEN),
    "paused": (Partnership.State.PAUSED,),
    "over": tuple(set(Partnership.State.values) - set(Partnership.OPEN)),
}


@dataclass(frozen=True)
class PartnershipsFilter(ListFilter):
    """What of a cohort's partnerships is wanted."""

    CHOICES = {"state": (*STATES, SMALL)}
    ORDERS = ("name", "state", "starts_on")

    state: str = ""

    def searched(self, rows: PartnershipQuerySet) -> PartnershipQuerySet:
        return search(rows, self.q)

    def apply(self, rows: PartnershipQuerySet) -> PartnershipQuerySet:
        rows = self.searched(rows)
        if self.state == SMALL:
            return under_size(rows)
        return rows.filter(state__in=STATES[self.state]) if self.state else rows


def partnership_chips(rows: PartnershipQuerySet, wanted: PartnershipsFilter) -> list[Chip]:
    """Return the chips by state, each counted within the words that are wanted."""
    rows = wanted.searched(rows)
    counted = rows.aggregate(
        all=Count("pk"),
        **{name: Count("pk", filter=Q(state__in=states)) for name, states in STATES.items()},
    )
    labels = {"open": _("Open"), "paused": _("Paused"), "over": _("Over"), SMALL: _("Too small")}
    counted[SMALL] = under_size(rows).count()
    values = [(name, words, counted[name]) for name, words in labels.items()]
    return wanted.chips("state", values, total=counted["all"])


def partnership_columns(wanted: PartnershipsFilter) -> list[Column]:
    return [
        wanted.column("name", _("Name")),
        wanted.column("state", _("State")),
        wanted.column("starts_on", _("Since")),
    ]


def order_of_seats(wanted: PartnershipsFilter) -> list[str]:
    """Return the order of the file, one line a seat: that of the list."""
    ways = [
        f"-partnership__{way[1:]}" if way.startswith("-") else f"partnership__{way}"
        for way in wanted.order_by
    ]
    return [*ways, "id"]
