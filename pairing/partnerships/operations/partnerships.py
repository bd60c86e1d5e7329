"""A partnership's life after it was published: pausing, ending, and who sits at the table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import count, groupby

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from core.audit.operations import record
from core.common import clock
from core.common.dates import list_words
from core.common.errors import refusing
from core.common.own_words import Words, in_words
from core.common.rows import row_by_row
from core.members.models import Member
from core.notifications import operations as notifications_operations
from core.tenancy.days import day_of
from pairing.errors import NameTaken, NoRoomLeft, NotEnrolled, PartnershipOver, SeatLeft, SeatTaken
from pairing.inputs.trained import require_trained
from pairing.models.partnerships import Partnership, Seat
from pairing.models.requests import SEATABLE
from pairing.partnerships.operations import emails
from pairing.partnerships.seats import open_seats
from programs.models.programs import Cohort, Enrolment, Program

TREES = (
    "Alder", "Ash", "Aspen", "Beech", "Birch", "Cedar", "Cherry", "Elder", "Elm", "Fir",
    "Ginkgo", "Hawthorn", "Hazel", "Holly", "Hornbeam", "Juniper", "Larch", "Laurel", "Lime",
    "Linden", "Maple", "Mulberry", "Myrtle", "Oak", "Olive", "Pear", "Pine", "Plane", "Plum",
    "Poplar", "Quince", "Rowan", "Sequoia", "Spruce", "Sycamore", "Tamarind", "Walnut",
    "Willow", "Yew", "Zelkova",
)  # fmt: skip


@transaction.atomic
def make_partnership(
    *,
    cohort: Cohort,
    people: Sequence[tuple[Enrolment, str]],
    name: str = "",
    starts_on: date | None = None,
    by: Member | None,
) -> Partnership:
    """Bring people together by hand, outside any run; (enrolment, part) each.

    Raises NotEnrolled, NotTrainedToMatch, NoRoomLeft, SeatTaken or NameTaken.
    """
    now = clock.now()
    if not name:
        name = _name_for(cohort, people)
    begins = starts_on or max(cohort.starts_on, day_of(now))
    if cohort.ends_on and not starts_on:
        begins = min(begins, cohort.ends_on)
    with refusing("partnership_name_once", NameTaken()):
        partnership = Partnership.objects.create(
            cohort=cohort,
            name=name,
            starts_on=begins,
            ends_on=cohort.last_day_from(begins),
            published_at=now,
            changed_at=now,
        )
    for enrolment, part in people:
        take_seat(partnership=partnership, enrolment=enrolment, part=part, by=by)
    record(by=by, verb="partnership.made", target=partnership)
    return partnership


@transaction.atomic
def rename_partnership(*, partnership: Partnership, name: str, by: Member) -> Partnership:
    """Give a partnership another name; raises NameTaken if the cohort has one of that name."""
    with refusing("partnership_name_once", NameTaken()):
        Partnership.objects.filter(pk=partnership.pk).update(
            name=name.strip(), changed_at=clock.now()
        )
    record(by=by, verb="partnership.renamed", target=partnership)
    partnership.refresh_from_db()
    return partnership


@transaction.atomic
def end_partnership(
    *,
    partnership: Partnership,
    reason: str,
    by: Member | None,
    state: str = Partnership.State.ENDED,
) -> Partnership:
    """Close a partnership, free its seats and take back unsent e-mails about it.

    `state` is how it is remembered: ended, completed, lapsed or never_started; `reason` a word
    of ours or a coordinator's own, at most 60 characters.
    Raises PartnershipOver if somebody else closed it first, ValueError for an open state.
    """
    if state in Partnership.OPEN:
        raise ValueError(f"{state} does not end a partnership")
    now = clock.now()
    still_open = Partnership.objects.filter(pk=partnership.pk, state__in=Partnership.OPEN)
    if not still_open.update(state=state, ended_at=now, end_reason=reason[:60], changed_at=now):
        raise PartnershipOver
    Seat.objects.filter(partnership=partnership, left_at=None).update(left_at=now)
    notifications_operations.withdraw(about=partnership.pk)
    verb = "partnership.completed" if state == Partnership.State.COMPLETED else "partnership.ended"
    record(by=by, verb=verb, target=partnership, state=str(state), reason=reason[:60])
    partnership.refresh_from_db()
    return partnership


@transaction.atomic
def take_seat(
    *, partnership: Partnership, enrolment: Enrolment, part: str, by: Member | None
) -> Seat:
    """Give somebody a place in an open partnership.

    Raises PartnershipOver, NotEnrolled, NotTrainedToMatch, NoRoomLeft or SeatTaken.
    """
    # the person's row is locked while their seats are counted: two tables may want the last one
    locked = Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment.pk)
    if locked.cohort_id != partnership.cohort_id or locked.state not in SEATABLE:
        raise NotEnrolled
    require_trained([locked])
    now = clock.now()
    touched = Partnership.objects.filter(pk=partnership.pk, state__in=Partnership.OPEN).update(
        changed_at=now
    )
    if not touched:
        raise PartnershipOver
    sitting = Seat.objects.filter(
        enrolment=locked, part=part, left_at=None, partnership__state__in=Partnership.OPEN
    )
    room = locked.capacity if part == Enrolment.Part.MENTOR else 1
    if sitting.exclude(partnership=partnership).count() >= room:
        raise NoRoomLeft
    with (
        refusing("seat_one_open_mentor_per_partnership", SeatTaken()),
        refusing("seat_one_open_per_person", SeatTaken()),
    ):
        seat = Seat.objects.create(
            partnership=partnership, enrolment=locked, part=part, taken_at=now
        )
    record(
        by=by, verb="seat.taken", target=partnership, person=str(locked.member_id), part=str(part)
    )
    return seat


@transaction.atomic
def leave_seat(*, seat: Seat, by: Member | None, reason: str = "") -> Seat:
    """Let somebody go; fewer than two people are no partnership, so it ends then.

    Raises SeatLeft if they have gone already.
    """
    now = clock.now()
    if not Seat.objects.filter(pk=seat.pk, left_at=None).update(left_at=now):
        raise SeatLeft
    partnership = seat.partnership
    Partnership.objects.filter(pk=partnership.pk).update(changed_at=now)
    person = str(seat.enrolment.member)
    record(by=by, verb="seat.left", target=partnership, person=person, reason=reason[:60])
    staying = Seat.objects.filter(partnership=partnership, left_at=None).count()
    still_open = Partnership.objects.filter(pk=partnership.pk, state__in=Partnership.OPEN)
    if staying < 2 and still_open.exists():
        end_partnership(partnership=partnership, reason=reason or "too_few_people", by=by)
    seat.refresh_from_db()
    return seat


def free_seats_of_the_gone(*, at: datetime) -> int:
    """Empty the seats of people who have withdrawn or left, and tell who stays; return how many.

    Programs and accounts do not know of seats: this notices what they have changed.
    """
    gone = Enrolment.objects.filter(pk=OuterRef("enrolment_id")).filter(
        Q(state=Enrolment.State.WITHDRAWN) | Q(member__state=Member.State.LEFT)
    )
    empty = Seat.objects.filter(Exists(gone), left_at=None, partnership__state__in=Partnership.OPEN)
    seats = empty.select_related(
        "partnership__organisation", "partnership__cohort__program", "enrolment__member"
    ).order_by("partnership_id", "id")
    by_partnership = groupby(seats, lambda seat: seat.partnership)
    return row_by_row(
        [(partnership, list(gone)) for partnership, gone in by_partnership],
        lambda left: _let_go(*left),
    )


def _let_go(partnership: Partnership, gone: Sequence[Seat]) -> int:
    """Free the seats of those who have gone; who stays is told once, with what happens next."""
    ids = {seat.pk for seat in gone}
    staying = [seat for seat in open_seats(partnership) if seat.pk not in ids]
    freed = 0
    for seat in gone:
        try:
            leave_seat(seat=seat, by=None, reason="withdrawn")
        except SeatLeft:  # the other one of a pair went in the same sweep and ended it
            continue
        freed += 1
    partnership.refresh_from_db(fields=["state", "ended_at", "end_reason", "changed_at"])
    people = [seat.enrolment.member for seat in gone]
    if partnership.is_open:
        emails.of_a_change(partnership, act=gone[-1].pk, left=people)
    else:
        names = list_words([member.full_name for member in people])
        emails.of_the_end(partnership, staying, gone=names)
    return freed


def _name_for(cohort: Cohort, people: Sequence[tuple[Enrolment, str]]) -> str:
    names = Partnership.objects.filter(cohort=cohort).values_list("name", flat=True)
    if cohort.program.format == Program.Format.CIRCLES:
        return circle_name(set(names), cohort.program.own_words)
    mentor_first = sorted(people, key=lambda person: person[1] != Enrolment.Part.MENTOR)
    members = [enrolment.member for enrolment, _part in mentor_first]
    # whatever a pair may be called begins so: nobody reads the names of a whole cohort
    return pair_name(members, set(names.filter(name__startswith=members[0].given_name[:110])))


def pair_name(people: list[Member], taken: set[str]) -> str:
    """Return "Ada & Ben", with more of the names where that is taken; adds it to `taken`."""
    first_names = " & ".join(member.given_name for member in people)
    longer = " & ".join(
        f"{member.given_name} {member.family_name[:1]}".strip() for member in people
    )
    full = " & ".join(member.full_name for member in people)
    return _first_free((first_names, longer, full), full, taken)


def circle_name(taken: set[str], words: Words) -> str:
    """Return "Circle Alder" and so on, in a program's words; adds it to `taken`."""
    with in_words(words):
        trees = (_("Circle %(tree)s") % {"tree": tree} for tree in TREES)
        return _first_free(trees, _("Circle"), taken)


def _first_free(wanted: Iterator[str] | tuple[str, ...], base: str, taken: set[str]) -> str:
    numbered = (f"{base[:110]} {number}" for number in count(2))
    for source in (wanted, numbered):
        for name in source:
            if name[:120] not in taken:
                taken.add(name[:120])
                return name[:120]
    raise AssertionError("numbers do not end")
