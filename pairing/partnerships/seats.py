"""Who sits in a partnership, who may change what belongs to it, and the lock for doing so."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import F, OuterRef, Q
from django.shortcuts import get_object_or_404

from core.common import clock
from core.members.models import Member
from core.members.permissions import Permission, can
from core.members.requests import MemberRequest
from core.tenancy.days import day_of, today
from pairing.errors import NotTheirs
from pairing.models.partnerships import Partnership, Seat, SeatQuerySet
from pairing.models.runs import COORDINATING
from programs.models.programs import Cohort

# The cause of what follows when people leave the organisation: it reaches over all programs, and
# whoever shared several partnerships with them hears of it in one e-mail.
PEOPLE_LEFT = UUID("01934a5c-0000-7000-8000-000000000001")


def partnership_of(request: MemberRequest, partnership_id: UUID) -> Partnership:
    """Return a partnership this member sees, or 404."""
    rows = Partnership.objects.visible_to(request.member).select_related(
        "organisation", "cohort__program", "cohort__organisation"
    )
    return get_object_or_404(rows, id=partnership_id)


def acting_at(request: MemberRequest, partnership_id: UUID) -> Partnership:
    """Return a partnership that this member changes something of; 403 for who has left it."""
    partnership = partnership_of(request, partnership_id)
    sat_to_its_end = Q(left_at=None) | Q(left_at__gte=F("partnership__ended_at"))
    theirs = partnership.seats.filter(sat_to_its_end, enrolment__member=request.member)
    if not (theirs.exists() or may_manage(partnership, request.member)):
        raise PermissionDenied
    return partnership


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


def open_seats_seen(partnership: Partnership, member: Member) -> list[Seat]:
    """Return the open seats that this member sees: who has left does not see who came after."""
    seats = Seat.objects.visible_to(member).open().filter(partnership=partnership)
    return list(seats.select_related("enrolment__member").order_by("id"))


def people_told(partnership: Partnership) -> list[Member]:
    """Return the members in the open seats who may be written to."""
    return [seat.enrolment.member for seat in seats_told(partnership)]


def seats_told(partnership: Partnership) -> list[Seat]:
    """Return the open seats whose people may be written to.

    What one act says to somebody has their enrolment as its cause, whatever app says it, or what
    `cause_of_change` says.
    """
    return list(
        partnership.seats.filter(left_at=None)
        .exclude(enrolment__member__state=Member.State.LEFT)
        .select_related("enrolment__member__organisation")
        .order_by("id")
    )


def cause_of_change(partnership: Partnership) -> UUID | None:
    """Return what those who sit there have in common as the cause of what they hear just now.

    None where it is each reader's own enrolment: nobody has left the organisation.
    """
    just_now = clock.now() - settings.NOTIFICATION_HOLD
    gone = partnership.seats.filter(
        left_at__gte=just_now, enrolment__member__state=Member.State.LEFT
    )
    return PEOPLE_LEFT if gone.exists() else None


def is_on_a_break(seat: Seat) -> bool:
    """Say whether its person takes a break today: nobody waits for their answer."""
    until = seat.enrolment.paused_until
    return until is not None and until > today()


def seats_awaited(partnership: Partnership) -> list[Seat]:
    """Return the open seats whose answer counts as missing until it is there."""
    return [seat for seat in open_seats(partnership) if not is_on_a_break(seat)]


def seats_not_awaited(at: datetime) -> SeatQuerySet:
    """Return, for a row with a `partnership_id`, the seats for which nobody waits any more."""
    away = Q(left_at__isnull=False) | Q(enrolment__paused_until__gt=day_of(at))
    return Seat.objects.filter(away, partnership=OuterRef("partnership_id"))


def lock_partnership(partnership: Partnership) -> Partnership:
    """Let one change of a season at a time through, and return the partnership as it is now."""
    return (
        Partnership.objects.select_for_update(of=("self",))
        .select_related("organisation", "cohort__program")
        .get(pk=partnership.pk)
    )


def may_manage(partnership: Partnership, member: Member) -> bool:
    """Say whether this member runs the program; a partner who coordinates another does not."""
    cohorts = Cohort.objects.visible_to(member).filter(pk=partnership.cohort_id)
    return can(member, Permission.PARTNERSHIPS_MANAGE) and cohorts.exists()


def require_partner_or_coordinator(*, partnership: Partnership, by: Member | None) -> None:
    """Raise NotTheirs unless `by` is the platform, a coordinator, or has an open seat."""
    if by is None or by.role in COORDINATING or seat_of(partnership, by):
        return
    raise NotTheirs
