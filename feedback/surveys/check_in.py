"""Check-ins: opened when a period ends, reminded twice, answered in four taps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from agreements.goals.models import Goal
from agreements.goals.operations import record_progress
from agreements.goals.queries import GoalLine, goals_to_ask
from core.common import clock
from core.members.models import Member
from core.notifications.operations import Draft, Link, enqueue_all, withdraw
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from core.ui.forms import Taps
from core.ui.table import SeatView, TableDrawing, round_table
from feedback.errors import CheckInClosed
from feedback.models import CheckIn, CheckInNote, CheckInQuerySet
from feedback.surveys.base import (
    SCALE,
    Readers,
    Sheet,
    Survey,
    answer,
    data_of,
    day_words,
    days_words,
    keep_words,
    name_readers,
    partners_of,
    readers_chosen,
    readers_field,
    readers_of,
)
from pairing.models.partnerships import Partnership, Seat, SeatQuerySet
from programs.models.programs import Enrolment
from programs.queries.designs import coordinators_of
from sessions.models.sessions import Session

PURPOSE = "check-in"
# A reminder so many days after opening, while there is no answer.
REMIND_AFTER = (3, 6)
ANSWER = ["answered_at", "answered_on", "met", "mood", "progress", "blocker", "coordinator_sees"]
MET = (("yes", _("Yes")), ("no", _("Not this time")))
MOODS = ((1, _("Poor")), (2, _("Flat")), (3, _("Fair")), (4, _("Good")), (5, _("Great")))
STEPS = ((1, _("Not yet")), (2, _("A little")), (3, _("Some")), (4, _("Well")), (5, _("A lot")))


class _CheckInForm(forms.Form):
    """Four taps, and a line for stated readers."""

    met = forms.TypedChoiceField(
        label=_("Did you meet?"), choices=MET, coerce=lambda value: value == "yes", widget=Taps
    )
    mood = forms.TypedChoiceField(
        label=_("How was it for you?"), choices=MOODS, coerce=int, widget=Taps(faces=True)
    )
    progress = forms.TypedChoiceField(
        label=_("Did it move you forward?"), choices=STEPS, coerce=int, widget=Taps(steps=True)
    )
    blocker = forms.ChoiceField(
        label=_("Anything in the way?"), choices=CheckIn.Blocker.choices, widget=Taps
    )
    note = forms.CharField(
        label=_("One line, if you like"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    readers = readers_field(_("Who may read that line?"))
    coordinator_sees = forms.BooleanField(
        label=_("My coordinator may see my mood and progress"),
        initial=True,
        required=False,
        help_text=_("That you answered and whether you met is always seen."),
    )

    def __init__(
        self,
        data: Any,
        *,
        check_in: CheckIn,
        note: CheckInNote | None,
        partners: Sequence[Member],
        coordinators: Sequence[Member],
        goals: Sequence[GoalLine],
    ) -> None:
        super().__init__(data, initial=_answer_so_far(check_in, note, partners))
        self.goals = {f"goal_{line.goal.pk.hex}": line.goal for line in goals}
        for line in goals:
            self.fields[f"goal_{line.goal.pk.hex}"] = forms.TypedChoiceField(
                label=f"“{line.words.title}”",
                choices=[(n, str(n)) for n in SCALE],
                coerce=int,
                empty_value=None,
                required=False,
                widget=Taps(steps=True),
                help_text=_("Your goal: how far is it, from 1, begun, to 5, there?"),
            )
        self.order_fields(["met", "mood", "progress", *self.goals])
        name_readers(self, partners, coordinators)

    @property
    def answer(self) -> dict[str, Any]:
        """What the check-in keeps; only of a valid form."""
        return {name: value for name, value in self.cleaned_data.items() if name not in self.goals}

    @property
    def levels(self) -> list[tuple[Goal, int]]:
        """How far the goals were said to be, of those that were tapped; only of a valid form."""
        tapped = [(goal, self.cleaned_data[name]) for name, goal in self.goals.items()]
        return [(goal, level) for goal, level in tapped if level]


def _answer_so_far(
    check_in: CheckIn, note: CheckInNote | None, partners: Sequence[Member]
) -> dict[str, object]:
    if check_in.answered_at is None:
        return {}
    return {
        "met": "yes" if check_in.met else "no",
        "mood": check_in.mood,
        "progress": check_in.progress,
        "blocker": check_in.blocker,
        "coordinator_sees": check_in.coordinator_sees,
        "note": note.text if note else "",
        "readers": readers_chosen(note, partners),
    }


def due(at: datetime) -> list[CheckIn]:
    """Return the check-ins of the periods that have just ended, once for each seat.

    Period p of a partnership ends, and its check-in opens, p × check_in_weeks after its first
    day, as days go in the organisation's zone; it is due when the next one opens.  A period
    that nobody looked at in time is not asked for afterwards.
    """
    zone = settings_in_force().zone
    opened = [_check_in(seat, at) for seat in _seats_to_ask(day_of(at, zone))]
    return [
        check_in
        for check_in in opened
        if day_of(check_in.seat.taken_at, zone)
        < check_in.opens_on
        <= check_in.seat.partnership.ends_on
    ]


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
    earlier = CheckIn.objects.filter(seat=OuterRef("pk"), period=OuterRef("period"))
    return (
        _askable(today)
        .annotate(period=period)
        .filter(~Exists(earlier), period__gte=1)
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


def email(check_in: CheckIn) -> Draft:
    return Draft(
        member=check_in.seat.enrolment.member,
        kind="feedback.check_in",
        dedupe_key=f"check-in:{check_in.seat_id}:{check_in.period}",
        link=Link(signed=PURPOSE, object_id=check_in.pk),
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
        rows = list(
            waiting.filter(reminders__lt=number, opens_on__lte=opened_by)
            .select_for_update(of=("self",), skip_locked=True)
            .select_related("seat__enrolment__member", "seat__partnership")
            .order_by("pk")
        )
        CheckIn.objects.filter(pk__in=[row.pk for row in rows]).update(reminders=number)
        reminded += len(enqueue_all([_reminder(row, number) for row in rows]))
    return reminded


def _reminder(check_in: CheckIn, number: int) -> Draft:
    return Draft(
        member=check_in.seat.enrolment.member,
        kind="feedback.check_in_reminder",
        dedupe_key=f"check-in-reminder:{check_in.seat_id}:{check_in.period}:{number}",
        link=Link(signed=PURPOSE, object_id=check_in.pk),
        context={
            "partnership": check_in.seat.partnership.name,
            "days": days_words(check_in.first_day, check_in.last_day),
            "until": day_words(check_in.due_on - timedelta(days=1)),
        },
        about=check_in.pk,
    )


def my_open_check_ins(member: Member, *, at: datetime) -> CheckInQuerySet:
    """Return what this person is asked for and has not answered, what is due first first."""
    rows = CheckIn.objects.visible_to(member).of(member).unanswered().for_list()
    rows = rows.filter(due_on__gt=day_of(at), seat__left_at=None)
    return rows.order_by("due_on", "pk")


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
    if blocker not in CheckIn.Blocker.values or not {mood, progress} <= set(SCALE):
        raise ValueError("an answer is out of its scale")
    now = clock.now()
    today = day_of(now)
    answer(
        CheckIn.objects.filter(pk=check_in.pk, due_on__gt=today),
        CheckInClosed(),
        at=now,
        answered_on=Coalesce(F("answered_on"), Value(today)),
        met=met,
        mood=mood,
        progress=progress,
        blocker=blocker,
        coordinator_sees=coordinator_sees,
        changed_at=now,
    )
    allowed = readers_of(check_in.seat, Readers(readers))
    keep_words(CheckInNote, by, note, allowed, check_in=check_in)
    withdraw(about=check_in.pk)
    check_in.refresh_from_db(fields=ANSWER)
    return check_in


def sheet(request: HttpRequest, member: Member, check_in_id: UUID) -> Sheet:
    """My check-in of one period: the four taps, or the answer that stands."""
    mine = CheckIn.objects.visible_to(member).of(member).for_list()
    check_in = get_object_or_404(mine, pk=check_in_id)
    partnership = check_in.seat.partnership
    now = clock.now()
    still_open = check_in.due_on > day_of(now)
    note = CheckInNote.objects.visible_to(member).filter(check_in=check_in).first()
    context: dict[str, object] = {
        "check_in": check_in,
        "partnership": partnership,
        "days": days_words(check_in.first_day, check_in.last_day),
        "until": day_words(check_in.due_on - timedelta(days=1)),
        "open": still_open,
        "note": note,
    }
    stands = check_in.answered_at and "change" not in request.GET
    if request.method != "POST" and (stands or not still_open):
        upcoming = Session.objects.visible_to(member).upcoming(now)
        context["next_session"] = upcoming.filter(partnership=partnership).first()
        context["table"] = _table(check_in, member)
        return Sheet("feedback/check_in_done.html", context)
    form = _CheckInForm(
        data_of(request),
        check_in=check_in,
        note=note,
        partners=partners_of(check_in.seat),
        coordinators=coordinators_of(partnership.cohort.program),
        goals=goals_to_ask(partnership, member, today=day_of(now)),
    )

    def keep() -> None:
        answer_check_in(check_in=check_in, by=member, **form.answer)
        for goal, level in form.levels:
            record_progress(goal=goal, level=level, by=member)

    return Sheet("feedback/check_in.html", context, form, keep)


def _table(check_in: CheckIn, member: Member) -> TableDrawing:
    """Draw the partners with the ring as far as they have checked in."""
    people = _who_is_in(check_in)
    here = sum(is_in for _person, is_in in people)
    counted = {"n": here, "all": len(people), "name": check_in.seat.partnership.name}
    return round_table(
        [
            SeatView(
                initials=person.initials,
                name=person.full_name,
                state="lead" if person.pk == member.pk else "",
                turns_due=1,
                turns_held=int(is_in),
            )
            for person, is_in in people
        ],
        centre=str(here),
        under=str(_("of %(all)d are in")) % counted,
        sentence=ngettext(
            "%(name)s: %(n)d of %(all)d has checked in.",
            "%(name)s: %(n)d of %(all)d have checked in.",
            here,
        )
        % counted,
    )


def _who_is_in(check_in: CheckIn) -> list[tuple[Member, bool]]:
    """Return the people at the same table, and whether each has answered for the same period."""
    seats = Seat.objects.open().filter(partnership_id=check_in.seat.partnership_id)
    answers = CheckIn.objects.filter(seat__in=seats, period=check_in.period)
    answered = set(answers.exclude(answered_at=None).values_list("seat", flat=True))
    rows = seats.select_related("enrolment__member").order_by("pk")
    return [(seat.enrolment.member, seat.pk in answered) for seat in rows]


CHECK_IN = Survey(
    name="check_in",
    purpose=PURPOSE,
    address="check-ins/<uuid:check_in_id>/",
    due=due,
    email=email,
    sheet=sheet,
    opens=CheckIn,
)
