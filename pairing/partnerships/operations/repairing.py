"""Resting, parting and going first next time; nothing here says who began it, or why.

Source: docs/adr/0014-choosing-and-parting.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery

from core.audit.operations import record
from core.common import clock
from core.common.dates import day_words
from core.common.rows import row_by_row
from core.members.models import Member
from core.notifications import operations as notifications_operations
from core.notifications.operations import Link
from core.tenancy.context import current_organisation_id, tenant
from core.tenancy.days import day_of
from pairing.errors import CircleNotTheirs, NotActive, NotPaused, PartingOver, PartnershipOver
from pairing.models.partnerships import KindWords, Parting, Partnership, Seat
from pairing.partnerships.operations import emails
from pairing.partnerships.operations.partnerships import end_partnership, leave_seat
from pairing.partnerships.queries import parting_seat
from pairing.partnerships.seats import may_manage, open_seats
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

    All who sat in a pair get the same e-mail; neither it nor any page says who ended it.  A circle
    that goes on hears who sits there no longer, and not why.  Raises
    PartnershipOver if it has ended already; ValueError if `by` does not sit there.
    """
    seat = _seat(partnership, by)
    seats, partners = open_seats(partnership), _people(partnership)
    leaves = leaves_others(partnership, len(partners))
    if leaves:
        leave_seat(seat=seat, by=None, reason=PARTED)
    else:
        end_partnership(partnership=partnership, reason=PARTED, by=None)
    parting = _keep_cause(seat, cause, coordinator_sees)
    _keep_words(partnership, by, words, partners)
    emails.of_the_end(
        partnership, [one for one in seats if one.pk == seat.pk or not leaves], left=leaves
    )
    if leaves:
        emails.of_a_change(partnership, act=seat.pk, left=[by])
    return parting


@transaction.atomic
def end_early(*, partnership: Partnership, reason: str, by: Member) -> Partnership:
    """End it as its coordinator, and tell everybody who sits there; raises PartnershipOver."""
    seats = open_seats(partnership)
    ended = end_partnership(partnership=partnership, reason=reason, by=by)
    emails.of_the_end(partnership, seats)
    return ended


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
    *, partnership: Partnership, by: Member | None, until: date | None = None, words: str = ""
) -> Partnership:
    """Let an active partnership rest, until a day or until it is resumed.

    A pair by either of the two or its coordinator; a circle by its coordinator, or by None: what
    its people have decided together.  The partners are told in the same words.  Raises NotActive,
    CircleNotTheirs; ValueError for a day that is not to come.
    """
    _require_more_than_one(partnership, by)
    now = clock.now()
    if until is not None and until <= day_of(now):
        raise ValueError("a rest ends on a day to come")
    rested = Partnership.objects.filter(pk=partnership.pk, state=Partnership.State.ACTIVE).update(
        state=Partnership.State.PAUSED, paused_until=until, changed_at=now
    )
    if not rested:
        raise NotActive
    seats = _sitting(partnership)
    partners = [seat.enrolment.member for seat in seats]
    among = by is not None and by.pk in {partner.pk for partner in partners}
    record(by=None if among else by, verb="partnership.paused", target=partnership)
    if by is not None and among:
        _keep_words(partnership, by, words, partners)
    context = {"until": day_words(until, "j F") if until else ""}
    _write_to(
        seats, partnership, "pairing.rests", f"rests:{partnership.pk}:{now.isoformat()}", context
    )
    partnership.refresh_from_db()
    return partnership


@transaction.atomic
def resume_partnership(*, partnership: Partnership, by: Member | None) -> Partnership:
    """Let a resting partnership go on: by whom it may be paused, or None when its day has come.

    Raises NotPaused, CircleNotTheirs.
    """
    _require_more_than_one(partnership, by)
    now = clock.now()
    resumed = Partnership.objects.filter(pk=partnership.pk, state=Partnership.State.PAUSED).update(
        state=Partnership.State.ACTIVE, paused_until=None, resumed_at=now, changed_at=now
    )
    if not resumed:
        raise NotPaused
    seats = _sitting(partnership)
    among = by is not None and by.pk in {seat.enrolment.member_id for seat in seats}
    record(by=None if among else by, verb="partnership.resumed", target=partnership)
    _write_to(
        seats, partnership, "pairing.goes_on", f"goes-on:{partnership.pk}:{now.isoformat()}", {}
    )
    partnership.refresh_from_db()
    return partnership


def resume_rested_partnerships(*, at: datetime) -> int:
    """Let partnerships go on whose rest is over; return how many."""
    rested = Partnership.objects.filter(
        state=Partnership.State.PAUSED, paused_until__lte=day_of(at)
    )
    return row_by_row(
        rested.select_related("organisation").order_by("id"),
        lambda partnership: resume_partnership(partnership=partnership, by=None),
        refusals=(NotPaused,),
    )


def rest_pairs_on_a_break(*, at: datetime) -> int:
    """Let a pair rest while one of the two takes a break; return how many.

    A pair that was resumed since the break was set has wished otherwise.  It goes on by itself on
    the day of the one who is back last.
    """
    away = (
        Seat.objects.open()
        .filter(partnership=OuterRef("pk"), enrolment__paused_until__gt=day_of(at))
        .order_by("-enrolment__paused_until")
    )
    pairs = (
        Partnership.objects.active()
        .exclude(cohort__program__format=Program.Format.CIRCLES)
        .annotate(set_at=Subquery(away.values("enrolment__changed_at")[:1]))
        .filter(Q(resumed_at=None) | Q(resumed_at__lt=F("set_at")), set_at__isnull=False)
    )

    def rest(pair: Partnership) -> None:
        away_longest = max(
            until
            for seat in open_seats(pair)
            if (until := seat.enrolment.paused_until) and until > day_of(at)
        )
        pause_partnership(partnership=pair, by=None, until=away_longest)

    rows = pairs.select_related("organisation", "cohort__program").order_by("id")
    return row_by_row(rows, rest, refusals=(NotActive,))


def _require_more_than_one(partnership: Partnership, by: Member | None) -> None:
    """Refuse that one person stops, or starts, the meetings of a whole circle."""
    circle = partnership.cohort.program.format == Program.Format.CIRCLES
    if by is not None and circle and not may_manage(partnership, by):
        raise CircleNotTheirs


def _seat(partnership: Partnership, by: Member) -> Seat:
    seat = Seat.objects.open().filter(partnership=partnership, enrolment__member=by).first()
    if seat is not None:
        return seat
    if Seat.objects.filter(partnership=partnership, enrolment__member=by).exists():
        raise PartnershipOver
    raise ValueError("only somebody who sits there")


def _people(partnership: Partnership) -> list[Member]:
    return [seat.enrolment.member for seat in _sitting(partnership)]


def _sitting(partnership: Partnership) -> list[Seat]:
    """Return who sits there now, or who did when it ended."""
    seats = Seat.objects.filter(partnership=partnership).select_related("enrolment__member")
    rows = list(seats.order_by("id"))
    open_ones = [seat for seat in rows if seat.left_at is None]
    last = [seat for seat in rows if partnership.ended_at and seat.left_at == partnership.ended_at]
    return open_ones or last


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


def _write_to(
    seats: Sequence[Seat],
    partnership: Partnership,
    kind: str,
    key: str,
    context: Mapping[str, str],
) -> None:
    for seat in seats:
        if seat.enrolment.member.state == Member.State.LEFT:
            continue
        notifications_operations.enqueue(
            member=seat.enrolment.member,
            kind=kind,
            program=partnership.cohort.program_id,
            dedupe_key=f"{key}:{seat.enrolment.member_id}",
            link=Link(page=partnership.get_absolute_url()),
            context={"partnership": partnership.name, **context},
            about=partnership.pk,
            cause=seat.enrolment_id,
        )
