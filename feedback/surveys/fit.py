"""Whether it works: asked after the first session and after a month, once each, in private."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.members.models import Member
from core.notifications.operations import Draft, Link, withdraw
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from core.ui.forms import Taps
from feedback.errors import FitClosed
from feedback.models.check_ins import with_whom
from feedback.models.fits import FitQuestion, FitQuestionQuerySet, FitWords
from feedback.queries import open_seats, seats_to_ask
from feedback.surveys.base import (
    Readers,
    Sheet,
    Survey,
    answer,
    coordinators_told,
    data_of,
    day_words,
    keep_words,
    name_readers,
    next_time,
    partners_of,
    readers_chosen,
    readers_field,
)
from pairing.models.partnerships import Cause, Seat
from sessions.models.sessions import Session

PURPOSE = "fit"
MONTH = timedelta(days=30)
# a moment that nobody looked at within a week is not asked for afterwards
ASK_WITHIN = timedelta(days=7)
OPEN_FOR = timedelta(days=14)


class _FitForm(forms.Form):
    """One tap; with a cause and words where it does not quite work, and who may read what."""

    fits = forms.ChoiceField(
        label=_("For you, does it work?"), choices=FitQuestion.Fits.choices, widget=Taps
    )
    cause = forms.ChoiceField(
        label=_("If not quite: what is in the way?"),
        choices=(("", _("I would rather not say")), *Cause.choices),
        required=False,
        widget=forms.RadioSelect,
    )
    coordinator_sees = forms.BooleanField(
        label=_("My coordinator sees this"),
        initial=True,
        required=False,
        help_text=_("Then a “no” is on their list, so that they can help. Partners never do."),
    )
    words = forms.CharField(
        label=_("A few words, if you like"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    readers = readers_field(_("Who may read these words?"))

    def __init__(
        self,
        data: Any,
        *,
        question: FitQuestion,
        words: FitWords | None,
        partners: Sequence[Member],
        coordinators: Sequence[Member],
    ) -> None:
        super().__init__(data, initial=_answer_so_far(question, words))
        name_readers(self, partners, coordinators)


def _answer_so_far(question: FitQuestion, words: FitWords | None) -> dict[str, object]:
    if question.answered_at is None:
        return {}
    return {
        "fits": question.fits,
        "cause": question.cause,
        "coordinator_sees": question.coordinator_sees,
        "words": words.text if words else "",
        "readers": readers_chosen(words),
    }


def due(at: datetime) -> list[FitQuestion]:
    """Return what each partner is to be asked at each moment, once.

    After the first session that was held, and 30 days after a partnership's first day or a
    person's own, as days go in the organisation's zone.  Resting partnerships are not asked.
    """
    due_on = day_of(at) + OPEN_FOR
    return [
        FitQuestion(seat=seat, moment=moment, opened_at=at, due_on=due_on)
        for moment in FitQuestion.Moment
        for seat in _due_seats(moment, at)
    ]


def _due_seats(moment: FitQuestion.Moment, at: datetime) -> Iterable[Seat]:
    earlier = FitQuestion.objects.filter(seat=OuterRef("pk"), moment=moment)
    seats = (
        seats_to_ask(day_of(at))
        .filter(~Exists(earlier))
        .annotate(with_whom=with_whom("pk"))
        .select_related("enrolment__member", "partnership__cohort__program")
        .order_by("pk")
    )
    if moment == FitQuestion.Moment.DAY_30:
        zone = settings_in_force().zone
        latest = day_of(at, zone) - MONTH
        earliest = latest - ASK_WITHIN + timedelta(days=1)
        # of the partnership's first day and the person's own the later one counts
        return seats.filter(
            Q(partnership__starts_on__gte=earliest)
            | Q(taken_at__gte=datetime.combine(earliest, time(), zone)),
            partnership__starts_on__lte=latest,
            taken_at__lt=datetime.combine(latest + timedelta(days=1), time(), zone),
        )
    held = Session.objects.filter(
        partnership=OuterRef("partnership"),
        state=Session.State.HELD,
        held_at__gte=OuterRef("taken_at"),
    ).order_by("held_at")
    first = Subquery(held.values("held_at")[:1])
    return seats.annotate(first_held=first).filter(
        first_held__lte=at, first_held__gt=at - ASK_WITHIN
    )


def email(question: FitQuestion) -> Draft:
    return Draft(
        member=question.seat.enrolment.member,
        kind="feedback.fit",
        program=question.seat.partnership.cohort.program_id,
        dedupe_key=f"fit:{question.seat_id}:{question.moment}",
        link=Link(signed=PURPOSE, object_id=question.pk),
        context={"who": question.seat.with_whom},
        about=question.pk,
        cause=question.seat.enrolment_id,
    )


def _open(today: date) -> FitQuestionQuerySet:
    """Return those that may be answered, or changed."""
    seats = open_seats().filter(pk=OuterRef("seat_id"))
    return FitQuestion.objects.filter(Exists(seats), due_on__gt=today)


def waiting(at: datetime) -> FitQuestionQuerySet:
    """Return those without an answer of people who may be asked now."""
    today = day_of(at)
    seats = seats_to_ask(today).filter(pk=OuterRef("seat_id"))
    return FitQuestion.objects.filter(Exists(seats), answered_at=None, due_on__gt=today)


def my_open_fit_questions(member: Member, *, at: datetime) -> FitQuestionQuerySet:
    """Return what this person is asked and has not answered, the oldest first."""
    return waiting(at).visible_to(member).of(member).for_list().order_by("due_on", "pk")


@transaction.atomic
def answer_fit(
    *,
    question: FitQuestion,
    by: Member,
    fits: str,
    cause: str = "",
    words: str = "",
    readers: str = Readers.ME,
    coordinator_sees: bool = True,
) -> FitQuestion:
    """Say whether it works for oneself, or change what was said, until the question closes.

    The words are kept apart, for `by` and the stated readers alone.  Raises FitClosed when it
    is too late or the partnership is over; ValueError if it is not `by`'s own or no answer.
    """
    if question.seat.enrolment.member_id != by.pk:
        raise ValueError("only the person who was asked can answer")
    if fits not in FitQuestion.Fits.values or (cause and cause not in Cause.values):
        raise ValueError("not one of the answers")
    now = clock.now()
    answer(
        _open(day_of(now)).filter(pk=question.pk),
        FitClosed(),
        at=now,
        fits=fits,
        cause="" if fits == FitQuestion.Fits.YES else cause,
        coordinator_sees=coordinator_sees,
    )
    chosen = Readers(readers)
    keep_words(FitWords, by, words, seat=question.seat, readers=chosen, question=question)
    withdraw(about=question.pk)
    question.refresh_from_db(fields=["answered_at", "fits", "cause", "coordinator_sees"])
    return question


def sheet(request: HttpRequest, member: Member, fit_id: UUID) -> Sheet:
    mine = FitQuestion.objects.visible_to(member).of(member).for_list()
    question = get_object_or_404(mine, pk=fit_id)
    seat = question.seat
    still_open = _open(day_of(clock.now())).filter(pk=question.pk).exists()
    form = _FitForm(
        data_of(request),
        question=question,
        words=FitWords.objects.visible_to(member).filter(question=question).first(),
        partners=partners_of(seat),
        coordinators=coordinators_told(seat),
    )
    return Sheet(
        "feedback/fit.html",
        {
            "question": question,
            "partnership": seat.partnership,
            "open": still_open,
            "answering": still_open and (not question.answered_at or "change" in request.GET),
            "until": day_words(question.due_on - timedelta(days=1)),
        },
        form,
        lambda: answer_fit(question=question, by=member, **form.cleaned_data),
        answered=question.answered_at is not None,
        after=lambda: next_time(seat.partnership, member),
    )


FIT = Survey(
    name="fit",
    purpose=PURPOSE,
    address="fit/<uuid:fit_id>/",
    due=due,
    email=email,
    sheet=sheet,
    opens=FitQuestion,
    waiting=waiting,
)
