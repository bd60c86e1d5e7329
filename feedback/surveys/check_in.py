"""Check-ins: opened when a period ends, reminded twice, answered in four taps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.db.models import Exists, F, Func, IntegerField, OuterRef, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from agreements.goals.models import Goal
from agreements.goals.operations import record_progress
from agreements.goals.queries import GoalLine, goals_to_ask
from core.common import clock
from core.members.models import Member
from core.notifications.operations import Draft, Link, answered, enqueue_all, withdraw
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from core.ui.forms import DateInput, SplitDateTime, Taps
from core.ui.table import SeatView, TableDrawing, round_table
from feedback.errors import CheckInClosed
from feedback.models.check_ins import CheckIn, CheckInNote, CheckInQuerySet, have_met, with_whom
from feedback.models.meetings import MeetingQuestion
from feedback.queries import open_seats, seats_to_ask
from feedback.surveys.base import (
    EXTENT,
    SCALE,
    Readers,
    Sheet,
    Survey,
    answer,
    coordinators_told,
    data_of,
    day_words,
    days_words,
    keep_words,
    name_readers,
    next_time,
    partners_of,
    readers_chosen,
    readers_field,
    reminder_of,
    to_remind,
)
from feedback.surveys.meeting import (
    answer_meeting,
    days_asked,
    is_pair,
    met_field,
    my_open_meetings,
)
from pairing.models.partnerships import Partnership, Seat, SeatQuerySet
from sessions.actions.queries import last_promise
from sessions.models.sessions import Session
from sessions.planning.operations.planning import plan_season

PURPOSE = "check-in"
AT_ONCE = "check-ins"  # the purpose of a link to all that wait
# A reminder so many days after opening, while there is no answer.
REMIND_AFTER = (3, 6)
ANSWER = [
    *("answered_at", "answered_on", "met", "met_on", "mood", "progress", "blocker"),
    "coordinator_sees",
]
MET = (("yes", _("Yes")), ("no", _("Not this time")))
MOODS = ((1, _("Bad")), (2, _("Not so good")), (3, _("OK")), (4, _("Good")), (5, _("Very good")))
STEPS = tuple(enumerate(EXTENT, start=1))


class CheckInForm(forms.Form):
    """Four taps, three of those who have not met, and a line for stated readers."""

    met = forms.TypedChoiceField(
        label=_("Did you meet?"), choices=MET, coerce=lambda value: value == "yes", widget=Taps
    )
    mood = forms.TypedChoiceField(
        label=_("How was it for you?"), choices=MOODS, coerce=int, widget=Taps(faces=True)
    )
    progress = forms.TypedChoiceField(
        label=_("Did it move you forward?"),
        choices=STEPS,
        coerce=int,
        empty_value=None,
        widget=Taps(steps=True),
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
    met_on = forms.DateField(
        label=_("On which day?"),
        required=False,
        widget=DateInput,
    )
    next_at = forms.SplitDateTimeField(
        label=_("When do you meet next?"),
        required=False,
        widget=SplitDateTime,
        help_text=_("No session is planned. We plan this one, and invite everybody."),
    )
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
        prefix: str | None = None,
        check_in: CheckIn,
        note: CheckInNote | None,
        partners: Sequence[Member],
        coordinators: Sequence[Member],
        goals: Sequence[GoalLine],
        asks_day: bool,
        asks_next: bool,
        question: MeetingQuestion | None,
    ) -> None:
        super().__init__(data, initial=_answer_so_far(check_in, note), prefix=prefix)
        self.question = question
        self.days = days_asked(check_in, check_in.seat.partnership)
        if asks_day:
            self._ask_for_the_day(partners)
        else:
            del self.fields["met_on"]
        if not asks_next:
            del self.fields["next_at"]
        if question is not None:
            self.fields["agrees"] = met_field(
                gettext("%(name)s says that you met on %(day)s. Did you?")
                % {
                    "name": question.check_in.seat.enrolment.member.given_name,
                    "day": day_words(question.check_in.met_on or check_in.last_day),
                },
                required=False,
            )
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
        # the style sheet shows it once "Yes" is tapped; nobody else is to answer it
        self.fields["progress"].required = (
            not self.is_bound or self.data.get(self.add_prefix("met")) == "yes"
        )
        self.order_fields(["met", "met_on", "agrees", "mood", "progress", *self.goals])
        name_readers(self, partners, coordinators)

    @classmethod
    def touched(cls, data: Mapping[str, Any], prefix: str) -> bool:
        """Say whether anything was answered: what is chosen beforehand is no answer."""
        names = {name for name in data if name.startswith(f"{prefix}-") and data[name]}
        return bool(names - {f"{prefix}-readers", f"{prefix}-coordinator_sees"})

    def clean(self) -> dict[str, Any]:
        """Drop progress where there was no meeting to make any."""
        answers = super().clean() or {}
        if not answers.get("met"):
            answers["progress"] = None
            answers.pop("met_on", None)
        return answers

    def clean_met_on(self) -> date | None:
        day: date | None = self.cleaned_data["met_on"]
        first, last = self.days
        if day is not None and not first <= day <= last:
            words = gettext("From %(first)s to %(last)s: what this check-in asks about.")
            raise forms.ValidationError(
                words % {"first": day_words(first), "last": day_words(last)}
            )
        return day

    def _ask_for_the_day(self, partners: Sequence[Member]) -> None:
        first, last = self.days
        self.fields["met_on"].widget.attrs |= {"min": f"{first}", "max": f"{last}"}
        self.fields["met_on"].help_text = gettext(
            "No session of these days is recorded. We ask %(name)s too: then it is one."
        ) % {"name": " ".join(person.given_name for person in partners)}

    @property
    def answer(self) -> dict[str, Any]:
        """What the check-in keeps; only of a valid form."""
        apart = {"agrees", "next_at", *self.goals}
        return {name: value for name, value in self.cleaned_data.items() if name not in apart}

    @property
    def levels(self) -> list[tuple[Goal, int]]:
        """How far the goals were said to be, of those that were tapped; only of a valid form."""
        tapped = [(goal, self.cleaned_data[name]) for name, goal in self.goals.items()]
        return [(goal, level) for goal, level in tapped if level]


def _answer_so_far(check_in: CheckIn, note: CheckInNote | None) -> dict[str, object]:
    if check_in.answered_at is None:
        return {}
    return {
        "met": "yes" if check_in.met else "no",
        "met_on": check_in.met_on,
        "mood": check_in.mood,
        "progress": check_in.progress,
        "blocker": check_in.blocker,
        "coordinator_sees": check_in.coordinator_sees,
        "note": note.text if note else "",
        "readers": readers_chosen(note),
    }


def due(at: datetime) -> list[CheckIn]:
    """Return the check-ins of the periods that have just ended, once for each seat.

    Period p of a partnership ends, and its check-in opens, p × check_in_weeks after its first
    day, as days go in the organisation's zone; it is due when the next one opens.  A period
    that nobody looked at in time is not asked for afterwards.
    """
    zone = settings_in_force().zone
    opened = [_check_in(seat, at) for seat in _seats_to_ask(day_of(at, zone))]
    rows = [
        check_in
        for check_in in opened
        if day_of(check_in.seat.taken_at, zone)
        < check_in.opens_on
        <= check_in.seat.partnership.ends_on
    ]
    asked = Counter(check_in.seat.enrolment.member_id for check_in in rows)
    for check_in in rows:
        check_in.is_one_of_several = asked[check_in.seat.enrolment.member_id] > 1
    return rows


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
        seats_to_ask(today)
        .annotate(period=period, have_met=have_met("partnership"), with_whom=with_whom("pk"))
        .filter(~Exists(earlier), period__gte=1)
        .select_related("enrolment__member", "partnership__cohort__program")
        .order_by("pk")
    )


def _check_in(seat: Seat, at: datetime) -> CheckIn:
    partnership = seat.partnership
    length = timedelta(weeks=partnership.cohort.program.check_in_weeks)
    period: int = seat.period  # type: ignore[attr-defined]  # annotated by _seats_to_ask
    opens_on = partnership.starts_on + period * length
    check_in = CheckIn(
        seat=seat, period=period, opens_on=opens_on, due_on=opens_on + length, opened_at=at
    )
    check_in.have_met = seat.have_met  # type: ignore[attr-defined]  # annotated as the period is
    check_in.with_whom = seat.with_whom  # type: ignore[attr-defined]  # the same
    return check_in


def email(check_in: CheckIn) -> Draft:
    return Draft(
        member=check_in.seat.enrolment.member,
        kind="feedback.check_in",
        program=check_in.seat.partnership.cohort.program_id,
        dedupe_key=f"check-in:{check_in.seat_id}:{check_in.period}",
        # those that open together are one e-mail, whose button opens all of them
        link=Link(signed=AT_ONCE if check_in.is_one_of_several else PURPOSE, object_id=check_in.pk),
        context={
            "who": check_in.with_whom,
            "days": days_words(check_in.first_day, check_in.last_day),
            "met": check_in.have_met,
        },
        about=check_in.pk,
        cause=check_in.seat.enrolment.member_id if check_in.is_one_of_several else None,
    )


def waiting(at: datetime) -> CheckInQuerySet:
    """Return those without an answer of people who may be asked, and reminded, now."""
    today = day_of(at)
    seats = seats_to_ask(today).filter(pk=OuterRef("seat_id"))
    return CheckIn.objects.unanswered().filter(Exists(seats), due_on__gt=today)


@transaction.atomic
def remind_open_check_ins(*, at: datetime) -> int:
    """Remind of check-ins without an answer three and six days after opening; return how many.

    Never two at once: if the third day was missed, the sixth brings the one reminder.  What
    is past due lapses in silence.
    """
    rows = list(
        waiting(at)
        # from when it was asked: one that opened late is not three days old as its period may be
        .filter(to_remind(REMIND_AFTER, at))
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("seat__enrolment__member", "seat__partnership__cohort")
        .with_met()
        .with_whom()
        .order_by("pk")
    )
    reminded = 0
    for number in range(len(REMIND_AFTER), 0, -1):
        ours = [row for row in rows if reminder_of(REMIND_AFTER, row.opened_at, at) == number]
        if not ours:
            continue
        CheckIn.objects.filter(pk__in=[row.pk for row in ours]).update(reminders=number)
        reminded += len(enqueue_all([_reminder(row, number) for row in ours]))
    return reminded


def _reminder(check_in: CheckIn, number: int) -> Draft:
    return Draft(
        member=check_in.seat.enrolment.member,
        kind="feedback.check_in_reminder",
        program=check_in.seat.partnership.cohort.program_id,
        dedupe_key=f"check-in-reminder:{check_in.seat_id}:{check_in.period}:{number}",
        link=Link(signed=PURPOSE, object_id=check_in.pk),
        context={
            "who": check_in.with_whom,
            "days": days_words(check_in.first_day, check_in.last_day),
            "until": day_words(check_in.due_on - timedelta(days=1)),
            "met": check_in.have_met,
        },
        about=check_in.pk,
    )


def my_open_check_ins(member: Member, *, at: datetime) -> CheckInQuerySet:
    """Return what this person is asked for and has not answered, what is due first first."""
    return waiting(at).visible_to(member).of(member).for_list().order_by("due_on", "pk")


def _not_over() -> Exists:
    """Return the condition that a check-in's partnership is not over for its person."""
    return Exists(open_seats().filter(pk=OuterRef("seat_id")))


@transaction.atomic
def answer_check_in(
    *,
    check_in: CheckIn,
    by: Member,
    met: bool,
    mood: int,
    blocker: str,
    progress: int | None = None,
    note: str = "",
    readers: str = Readers.ME,
    coordinator_sees: bool = True,
    met_on: date | None = None,
) -> CheckIn:
    """Answer a check-in, or change the answer, until it is due; return it as it now is.

    Of those who did not meet no progress is kept.  `met_on` is the day of a meeting of which no
    session is recorded: the other of a pair is asked about it (surveys/meeting.py).  Reminders
    stop with the first answer, whose time stays.  The note is kept apart, for `by` and the stated
    readers alone.  Raises CheckInClosed when it is too late or the partnership is over for `by`;
    ValueError if it is not `by`'s own or an answer is none of those asked for.
    """
    if check_in.seat.enrolment.member_id != by.pk:
        raise ValueError("only the person who was asked can answer")
    scales = {mood, progress} if met else {mood}
    if blocker not in CheckIn.Blocker.values or not scales <= set(SCALE):
        raise ValueError("an answer is out of its scale")
    first, last = days_asked(check_in, check_in.seat.partnership)
    if met_on is not None and not (met and first <= met_on <= last):
        raise ValueError("a day on which they met, of those that are asked about")
    now = clock.now()
    today = day_of(now)
    answer(
        CheckIn.objects.filter(_not_over(), pk=check_in.pk, due_on__gt=today),
        CheckInClosed(),
        at=now,
        answered_on=Coalesce(F("answered_on"), Value(today)),
        met=met,
        met_on=met_on,
        mood=mood,
        progress=progress if met else None,
        blocker=blocker,
        coordinator_sees=coordinator_sees,
        changed_at=now,
    )
    chosen = Readers(readers)
    keep_words(CheckInNote, by, note, seat=check_in.seat, readers=chosen, check_in=check_in)
    answered(about=check_in.pk)
    withdraw(about=check_in.pk)
    check_in.refresh_from_db(fields=ANSWER)
    return check_in


def sheet(request: HttpRequest, member: Member, check_in_id: UUID) -> Sheet:
    """My check-in of one period: the four taps, or the answer that stands."""
    mine = CheckIn.objects.visible_to(member).of(member).with_met().for_list()
    check_in = get_object_or_404(mine, pk=check_in_id)
    partnership = check_in.seat.partnership
    now = clock.now()
    open_ones = CheckIn.objects.visible_to(member).filter(_not_over(), due_on__gt=day_of(now))
    still_open = open_ones.filter(pk=check_in.pk).exists()
    note = CheckInNote.objects.visible_to(member).filter(check_in=check_in).first()
    context: dict[str, object] = {
        "check_in": check_in,
        "partnership": partnership,
        "days": days_words(check_in.first_day, check_in.last_day),
        "until": day_words(check_in.due_on - timedelta(days=1)),
        "open": still_open,
        "note": note,
    }
    answered = check_in.answered_at is not None
    stands = answered and "change" not in request.GET

    def after() -> dict[str, object]:
        return {
            **next_time(partnership, member),
            "promise": last_promise(partnership, member),
            "next_day": _next_day(check_in, now),
        }

    if request.method != "POST" and (stands or not still_open):
        context["table"] = _table(check_in, member)
        context["asked_about"] = _asked_about(check_in, now)
        return Sheet("feedback/check_in_done.html", context, answered=answered, after=after)
    form, keep = ask(check_in, member, data_of(request))
    return Sheet("feedback/check_in.html", context, form, keep, answered, after)


def ask(
    check_in: CheckIn, member: Member, data: Any, prefix: str | None = None
) -> tuple[CheckInForm, Callable[[], None]]:
    """Return the form of one check-in, and what keeps its answers once it is valid."""
    now, partnership = clock.now(), check_in.seat.partnership
    question = my_open_meetings(member, at=now).filter(seat=check_in.seat).first()
    form = CheckInForm(
        data,
        prefix=prefix,
        check_in=check_in,
        note=CheckInNote.objects.visible_to(member).filter(check_in=check_in).first(),
        partners=partners_of(check_in.seat),
        coordinators=coordinators_told(check_in.seat),
        goals=goals_to_ask(partnership, member, today=day_of(now)),
        asks_next=_asks_for_the_next(partnership),
        asks_day=question is None and asks_for_the_day(check_in),
        question=question,
    )

    def keep() -> None:
        answer_check_in(check_in=check_in, by=member, **form.answer)
        for goal, level in form.levels:
            record_progress(goal=goal, level=level, by=member)
        if question is not None and form.cleaned_data["agrees"] is not None:
            answer_meeting(question=question, by=member, met=form.cleaned_data["agrees"])
        if first_at := form.cleaned_data.get("next_at"):
            plan_season(partnership=partnership, by=member, first_at=first_at, count=1)

    return form, keep


def _asks_for_the_next(partnership: Partnership) -> bool:
    """Say whether the next session may be planned with an answer: where none is."""
    planned = Session.objects.filter(partnership=partnership, state=Session.State.PLANNED)
    return partnership.state == Partnership.State.ACTIVE and not planned.exists()


def asks_for_the_day(check_in: CheckIn) -> bool:
    """Say whether a day may be named: of a pair, in days of which no session is recorded."""
    unrecorded = CheckIn.objects.unrecorded().filter(pk=check_in.pk)
    first, last = days_asked(check_in, check_in.seat.partnership)
    return first <= last and is_pair(check_in.seat.partnership_id) and unrecorded.exists()


def _asked_about(check_in: CheckIn, now: datetime) -> date | None:
    """Return the day of which the other is asked, or is about to be."""
    if check_in.met_on is None or not asks_for_the_day(check_in):
        return None
    answered = MeetingQuestion.objects.filter(check_in=check_in, answered_at__isnull=False)
    return None if answered.exists() else check_in.met_on


def _next_day(check_in: CheckIn, now: datetime) -> str:
    """Return the day on which the next one opens, if there is to be one."""
    partnership = check_in.seat.partnership
    goes_on = partnership.state == Partnership.State.ACTIVE and check_in.seat.left_at is None
    if not goes_on or not day_of(now) < check_in.due_on <= partnership.ends_on:
        return ""
    return day_words(check_in.due_on)


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
    waiting=waiting,
    again=REMIND_AFTER,
)
