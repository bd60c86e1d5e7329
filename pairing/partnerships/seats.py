"""Who sits in a partnership, who may change what belongs to it, and the lock for doing so."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404

from core.members.models import Member
from core.members.requests import MemberRequest
from pairing.errors import NotTheirs
from pairing.models.partnerships import Partnership, Seat
from pairing.models.runs import COORDINATING


def partnership_of(request: MemberRequest, partnership_id: UUID) -> Partnership:
    """Return a partnership this member sees, or 404."""
    rows = Partnership.objects.visible_to(request.member).select_related(
        "organisation", "cohort__program", "cohort__organisation"
    )
    return get_object_or_404(rows, id=partnership_id)


def seat_of(partnership: Partnership, member: Member) -> Seat | None:
    """Return the open seat of this person in the partnership, if there is one."""
    return (
        Seat.objects.open()
        .filter(partnership=partnership, enrolment__member=member)
        .select_related("enrolment__member")
        .first()
    )


def require_seat(partnership: Partnership, by: Member) -> Seat:
    """Return the open seat of this person; raises NotTheirs without one."""
    seat = seat_of(partnership, by)
    if seat is None:
        raise NotTheirs
    return seat


def open_seats(partnership: Partnership) -> list[Seat]:
    """Return the open seats in the order in which they were taken: their order at the table."""
    seats = Seat.objects.open().filter(partnership=partnership)
    return list(seats.select_related("enrolment__member").order_by("id"))


def people_told(partnership: Partnership) -> list[Member]:
    """Return the members in the open seats who may be written to."""
    seats = (
        partnership.seats.filter(left_at=None)
        .exclude(enrolment__member__state=Member.State.LEFT)
        .select_related("enrolment__member__organisation")
        .order_by("id")
    )
    return [seat.enrolment.member for seat in seats]


def lock_partnership(partnership: Partnership) -> Partnership:
    """Let one change of a season at a time through, and return the partnership as it is now."""
    return (
        Partnership.objects.select_for_update(of=("self",))
        .select_related("organisation", "cohort__program")
        .get(pk=partnership.pk)
    )


def require_partner_or_coordinator(*, partnership: Partnership, by: Member | None) -> None:
    """Raise NotTheirs unless `by` is the platform, a coordinator, or has an open seat."""
    if by is None or by.role in COORDINATING or seat_of(partnership, by):
        return
    raise NotTheirs
