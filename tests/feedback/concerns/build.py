"""A desk with handlers, and concerns raised at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.members.models import Member
from core.tenancy.context import tenant
from feedback.concerns import operations, queries
from feedback.models.concerns import ConcernDesk, ConcernFile
from pairing.models.partnerships import Partnership, Seat
from tests.cast import Cast, make_member
from tests.feedback.build import make_cohort, make_partnership

CANARY = "canary-of-concerns"


@dataclass
class Desk:
    """Petra and Pavel are partners; Cora, then Hanna, handle what is raised."""

    cast: Cast
    hanna: Member
    seats: list[Seat]

    @property
    def partnership(self) -> Partnership:
        return self.seats[0].partnership

    def raise_it(self, **facts: Any) -> ConcernFile:
        """Raise a concern as Petra, about Pavel unless said otherwise."""
        values = {
            "topic": "conflict",
            "urgency": "week",
            "words": f"{CANARY} report",
            "about": self.cast.pavel,
        } | facts
        with tenant(self.cast.acme, member=self.cast.petra.pk):
            return operations.raise_concern(by=self.cast.petra, **values)

    def read_by(self, member: Member | None, file: ConcernFile) -> list[str]:
        """Return what the database shows to somebody; None is a task."""
        with tenant(self.cast.acme, member=member.pk if member else None):
            return [said.text for said in queries.texts_of(file)]


def make_desk(cast: Cast) -> Desk:
    hanna = make_member(cast.acme, "Hanna")
    seats = make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)
    with tenant(cast.acme):
        for member in (cast.cora, hanna):
            operations.name_handler(by=cast.olga, member=member)
        operations.set_up_desk(by=cast.olga, phone="+49 30 112", kept_days=90)
        operations.make_link(by=cast.olga)
    return Desk(cast, hanna, seats)


def link_path(cast: Cast) -> str:
    """Return the path of the link that asks for no sign-in."""
    with tenant(cast.acme):
        address = queries.link_of(ConcernDesk.objects.get())
    return "/c/" + address.partition("/c/")[2]
