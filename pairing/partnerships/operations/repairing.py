"""Resting, parting and going first next time; nothing here says who began it, or why.

Source: docs/adr/0014-choosing-and-parting.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format

from core.audit.operations import record
from core.common import clock
from core.members.models import Member
from core.notifications import operations as notifications_operations
from core.notifications.operations import Link
from core.tenancy.context import current_organisation_id, tenant
from core.tenancy.days import day_of
from pairing.errors import NotActive, NotPaused, PartingOver, PartnershipOver
from pairing.models.partnerships import KindWords, Parting, Partnership, Seat
from pairing.partnerships.operations.partnerships import end_partnership, leave_seat
from pairing.partnerships.queries import parting_seat
from programs.models.programs import Program

PARTED = "parted"


@transaction.atomic
def part_ways(
    *,
    partnership: Partnership,
    by: Member,
    cause: str,
    coordinator_sees: bool = True,
    words: str = "",
) -> Parting:
    """End a pair, or leave a circle, with a cause for the next matching and kind words.

    All who sat there get the same e-mail; neither it nor any page says who ended it.  Raises
    PartnershipOver if it has ended already; ValueError if `by` does not sit there.
    """
    seat = _seat(partnership, by)
    partners = _people(partnership)
    leaves = leaves_others(partnership, len(partners))
    if leaves:
        leave_seat(seat=seat, by=None, reason=PARTED)
        told = [by]
    else:
        end_partnership(partnership=partnership, reason=PARTED, by=None)
        told = partners
    parting = _keep_cause(seat, cause, coordinator_sees)
    _keep_words(partnership, by, words, partners)
    for member in told:
        _tell_of_the_end(partnership, member, left=leaves)
    return parting


def leaves_others(partnership: Partnership, people: int) -> bool:
    """Say whether the others go on when one of so many people goes: in a circle they do."""
    return partnership.cohort.program.format == Program.Format.CIRCLES and people > 2


@transaction.atomic
def say_what_next(
    *,
    partnership: Partnership,
    by: Member,
    cause: str,
    coordinator_sees: bool = True,
    words: str = "",
) -> Parting:
    """Say after an end what should be different next time; may be changed for 30 days.

    Raises PartingOver when that is over; ValueError for somebody who was not there at the end.
    """
    seat = parting_seat(partnership, by)
    if seat is None:
        raise ValueError("only somebody who sat there")
    if not is_fresh(seat):
        raise PartingOver
    parting = _keep_cause(seat, cause, coordinator_sees)
    _keep_words(partnership, by, words, _people(partnership))
    return parting


def is_fresh(seat: Seat) -> bool:
    """Say whether somebody's end there is young enough for words: 30 days."""
    return seat.left_at is not None and (clock.now() - seat.left_at).days < 30


@transaction.atomic
def pause_partnership(
    *, partnership: Partnership, by: Member, until: date | None = None, words: str = ""
) -> Partnership:
    """Let an active partnership rest, until a day or until somebody resumes it.

    By a partner or a coordinator; the partners are told in the same words.  Raises NotActive;
    ValueError for a day that is not to come.
    """
    now = clock.now()
    if until is not None and until <= day_of(now):
        raise ValueError("a rest ends on a day to come")
    rested = Partnership.objects.filter(pk=partnership.pk, state=Partnership.State.ACTIVE).update(
        state=Partnership.State.PAUSED, paused_until=until, changed_at=now
    )
    if not rested:
        raise NotActive
    partners = _people(partnership)
    among = {partner.pk for partner in partners}
    record(by=None if by.pk in among else by, verb="partnership.paused", target=partnership)
    if by.pk in among:
        _keep_words(partnership, by, words, partners)
    context = {"until": date_format(until, "j F") if until else ""}
    _write_to(
        partners, partnership, "pairing.rests", f"rests:{partnership.pk}:{now.isoformat()}", context
    )
    partnership.refresh_from_db()
    return partnership


@transaction.atomic
def resume_partnership(*, partnership: Partnership, by: Member | None) -> Partnership:
    """Let a resting partnership go on.  Raises NotPaused."""
    now = clock.now()
    resumed = Partnership.objects.filter(pk=partnership.pk, state=Partnership.State.PAUSED).update(
        state=Partnership.State.ACTIVE, paused_until=None, resumed_at=now, changed_at=now
    )
    if not resumed:
        raise NotPaused
    partners = _people(partnership)
    among = by is not None and by.pk in {partner.pk for partner in partners}
    record(by=None if among else by, verb="partnership.resumed", target=partnership)
    _write_to(
        partners, partnership, "pairing.goes_on", f"goes-on:{partnership.pk}:{now.isoformat()}", {}
    )
    partnership.refresh_from_db()
    return partnership


def resume_rested_partnerships(*, at: datetime) -> int:
    """Let partnerships go on whose rest is over; return how many."""
    rested = Partnership.objects.filter(
        state=Partnership.State.PAUSED, paused_until__lte=day_of(at)
    )
    resumed = 0
    for partnership in rested.select_related("organisation").order_by("id"):
        try:
            resume_partnership(partnership=partnership, by=None)
        except NotPaused:  # somebody was faster
            continue
        resumed += 1
    return resumed


def _seat(partnership: Partnership, by: Member) -> Seat:
    seat = Seat.objects.open().filter(partnership=partnership, enrolment__member=by).first()
    if seat is not None:
        return seat
    if Seat.objects.filter(partnership=partnership, enrolment__member=by).exists():
        raise PartnershipOver
    raise ValueError("only somebody who sits there")


def _people(partnership: Partnership) -> list[Member]:
    """Return who sits there now, or who did when it ended."""
    seats = Seat.objects.filter(partnership=partnership).select_related("enrolment__member")
    rows = list(seats.order_by("id"))
    open_ones = [seat for seat in rows if seat.left_at is None]
    last = [seat for seat in rows if partnership.ended_at and seat.left_at == partnership.ended_at]
    return [seat.enrolment.member for seat in open_ones or last]


def _keep_cause(seat: Seat, cause: str, coordinator_sees: bool) -> Parting:
    parting, _created = Parting.objects.update_or_create(
        seat=seat,
        defaults={"cause": cause, "coordinator_sees": coordinator_sees, "said_at": clock.now()},
    )
    return parting


def _keep_words(
    partnership: Partnership, by: Member, words: str, partners: Sequence[Member]
) -> None:
    """Keep kind words as their author, for the partners of now; words taken back are empty."""
    readers: list[UUID] = sorted({by.pk, *(partner.pk for partner in partners)})
    with tenant(current_organisation_id(), member=by.pk):
        earlier = KindWords.objects.filter(partnership=partnership, author=by)
        again = {"text": words.strip(), "readers": readers, "said_at": clock.now()}
        if words.strip() and not earlier.update(**again):
            KindWords.objects.create(partnership=partnership, author=by, **again)


def _tell_of_the_end(partnership: Partnership, member: Member, *, left: bool) -> None:
    notifications_operations.enqueue(
        member=member,
        kind="pairing.parted",
        dedupe_key=f"parted:{partnership.pk}:{member.pk}",
        link=Link(
            page=reverse("pairing:parting", args=[partnership.organisation.slug, partnership.pk])
        ),
        context={
            "partnership": partnership.name,
            "program": partnership.cohort.program.name,
            "left": left,
            "first": partnership.cohort.program.format != Program.Format.CIRCLES,
        },
    )


def _write_to(
    partners: Sequence[Member],
    partnership: Partnership,
    kind: str,
    key: str,
    context: Mapping[str, str],
) -> None:
    for member in partners:
        notifications_operations.enqueue(
            member=member,
            kind=kind,
            dedupe_key=f"{key}:{member.pk}",
            link=Link(page=partnership.get_absolute_url()),
            context={"partnership": partnership.name, **context},
            about=partnership.pk,
        )
