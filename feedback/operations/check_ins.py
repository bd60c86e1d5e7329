"""Check-ins: opened when a period ends, reminded twice, answered in four taps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q, Value
from django.db.models.functions import Coalesce

from feedback.errors import CheckInClosed
from feedback.models import CheckIn, CheckInNote
from feedback.queries.check_ins import Readers, readers_of
from feedback.words import day_words, days_words
from mentoring.common import clock
from mentoring.identity.days import day_of
from mentoring.identity.models import Member
from mentoring.identity.queries import settings_in_force
from mentoring.identity.tenancy import current_organisation_id, tenant
from mentoring.notifications.operations import Door, Draft, enqueue_all, withdraw
from pairing.models import Partnership, Seat, SeatQuerySet
from programs.models import Enrolment

# A reminder so many days after opening, while there is no answer.
REMIND_AFTER = (3, 6)
DOOR = "check-in"
ANSWER = ["answered_at", "answered_on", "met", "mood", "progress", "blocker", "coordinator_sees"]


@transaction.atomic
def open_due_check_ins(*, at: datetime) -> int:
    """Open the check-in of the period that has just ended, once for each seat; return how many.

    Period p of a partnership ends, and its check-in opens, p × check_in_weeks after its first
    day, as days go in the organisation's zone; it is due when the next one opens.  A period
    that nobody looked at in time is not asked for afterwards.
    """
    zone = settings_in_force().zone
    today = day_of(at, zone)
    opened = []
    for seat in _seats_to_ask(today):
        check_in = _check_in(seat, at)
        joined = day_of(seat.taken_at, zone)
        if joined < check_in.opens_on <= seat.partnership.ends_on:
            opened.append(check_in)
    # check_in_once_per_period decides between two workers
    CheckIn.objects.bulk_create(opened, ignore_conflicts=True, batch_size=1000)
    ids = [check_in.pk for check_in in opened]
    ours = set(CheckIn.objects.filter(pk__in=ids).values_list("pk", flat=True))
    opened = [check_in for check_in in opened if check_in.pk in ours]
    enqueue_all([_letter(check_in) for check_in in opened])
    return len(opened)


def _seats_to_ask(today: date) -> SeatQuerySet:
    """Return seats, with their `period`, that have no check-in of the period that has ended."""
    weeks = F("partnership__cohort__program__check_in_weeks")
    age = Func(
        Value(today),
        F("partnership__starts_on"),
        template="(%(expressions)s)",
        arg_joiner=" - ",
        output_field=IntegerField(),
    )
    period = Func(
        age,
        weeks * 7,
        template="(%(expressions)s)",
        arg_joiner=" / ",
        output_field=IntegerField(),
    )
    asked = CheckIn.objects.filter(seat=OuterRef("pk"), period=OuterRef("period"))
    return (
        _askable(today)
        .annotate(period=period)
        .filter(~Exists(asked), period__gte=1)
        .select_related("enrolment__member", "partnership__cohort__program")
        .order_by("pk")
    )


def _askable(today: date) -> SeatQuerySet:
    """Return open seats of active partnerships whose people take part and can be reached."""
    return (
        Seat.objects.open()
        .filter(
            Q(enrolment__paused_until=None) | Q(enrolment__paused_until__lt=today),
            partnership__state=Partnership.State.ACTIVE,
            enrolment__state=Enrolment.State.ACTIVE,
        )
        .exclude(enrolment__member__state=Member.State.LEFT)
    )


def _check_in(seat: Seat, at: datetime) -> CheckIn:
    partnership = seat.partnership
    length = timedelta(weeks=partnership.cohort.program.check_in_weeks)
    period: int = seat.period  # type: ignore[attr-defined]  # annotated by _seats_to_ask
    opens_on = partnership.starts_on + period * length
    return CheckIn(
        seat=seat, period=period, opens_on=opens_on, due_on=opens_on + length, opened_at=at
    )


def _letter(check_in: CheckIn) -> Draft:
    return Draft(
        member=check_in.seat.enrolment.member,
        kind="feedback.check_in",
        dedupe_key=f"check-in:{check_in.seat_id}:{check_in.period}",
        door=Door(signed=DOOR, object_id=check_in.pk),
        context={
            "partnership": check_in.seat.partnership.name,
            "days": days_words(check_in.first_day, check_in.last_day),
        },
        about=check_in.pk,
    )


@transaction.atomic
def remind_open_check_ins(*, at: datetime) -> int:
    """Remind of check-ins without an answer three and six days after opening; return how many.

    Never two at once: if the third day was missed, the sixth brings the one reminder.  What
    is past due lapses in silence.
    """
    today = day_of(at)
    seats = _askable(today).filter(pk=OuterRef("seat_id"))
    waiting = CheckIn.objects.unanswered().filter(Exists(seats), due_on__gt=today)
    reminded = 0
    for number in range(len(REMIND_AFTER), 0, -1):
        opened_by = today - timedelta(days=REMIND_AFTER[number - 1])
        due = list(
            waiting.filter(reminders__lt=number, opens_on__lte=opened_by)
            .select_for_update(of=("self",), skip_locked=True)
            .select_related("seat__enrolment__member", "seat__partnership")
            .order_by("pk")
        )
        CheckIn.objects.filter(pk__in=[row.pk for row in due]).update(reminders=number)
        reminded += len(enqueue_all([_reminder(row, number) for row in due]))
    return reminded


def _reminder(check_in: CheckIn, number: int) -> Draft:
    return Draft(
        member=check_in.seat.enrolment.member,
        kind="feedback.check_in_reminder",
        dedupe_key=f"check-in-reminder:{check_in.seat_id}:{check_in.period}:{number}",
        door=Door(signed=DOOR, object_id=check_in.pk),
        context={
            "partnership": check_in.seat.partnership.name,
            "days": days_words(check_in.first_day, check_in.last_day),
            "until": day_words(check_in.due_on - timedelta(days=1)),
        },
        about=check_in.pk,
    )


@transaction.atomic
def answer_check_in(
    *,
    check_in: CheckIn,
    by: Member,
    met: bool,
    mood: int,
    progress: int,
    blocker: str,
    note: str = "",
    readers: str = Readers.ME,
    coordinator_sees: bool = True,
) -> CheckIn:
    """Answer a check-in, or change the answer, until it is due; return it as it now is.

    Reminders stop with the first answer, whose time stays.  The note is kept apart, for `by`
    and the stated readers alone.  Raises CheckInClosed when it is too late,
    ValueError if it is not `by`'s own or an answer is out of its scale.
    """
    if check_in.seat.enrolment.member_id != by.pk:
        raise ValueError("only the person who was asked can answer")
    if blocker not in CheckIn.Blocker.values or not {mood, progress} <= set(range(1, 6)):
        raise ValueError("an answer is out of its scale")
    now = clock.now()
    today = day_of(now)
    answered = CheckIn.objects.filter(pk=check_in.pk, due_on__gt=today).update(
        answered_at=Coalesce(F("answered_at"), Value(now)),
        answered_on=Coalesce(F("answered_on"), Value(today)),
        met=met,
        mood=mood,
        progress=progress,
        blocker=blocker,
        coordinator_sees=coordinator_sees,
        changed_at=now,
    )
    if not answered:
        raise CheckInClosed
    _keep_note(check_in, by, note.strip(), readers_of(check_in.seat, Readers(readers)))
    withdraw(about=check_in.pk)
    check_in.refresh_from_db(fields=ANSWER)
    return check_in


def _keep_note(check_in: CheckIn, by: Member, text: str, readers: Sequence[UUID]) -> None:
    """Write the note as its author: nobody else could change it, or see that it is there.

    A note that is taken back leaves an empty row: the database lets nobody delete bodies.
    """
    with tenant(current_organisation_id(), member=by.pk):
        notes = CheckInNote.objects.filter(check_in=check_in)
        if not notes.update(text=text, readers=list(readers)) and text:
            CheckInNote.objects.create(check_in=check_in, text=text, readers=list(readers))
