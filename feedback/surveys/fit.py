"""Whether it works: asked after the first session and after a month, once each, in private."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
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
from feedback.models import FitQuestion, FitQuestionQuerySet, FitWords
from feedback.surveys.base import (
    Readers,
    Sheet,
    Survey,
    answer,
    data_of,
    day_words,
    keep_words,
    name_readers,
    partners_of,
    readers_chosen,
    readers_field,
    readers_of,
)
from pairing.models.partnerships import Cause, Partnership, Seat, SeatQuerySet
from programs.models.programs import Enrolment
from programs.queries.designs import coordinators_of
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
        help_text=_("Then a “no” stands on their list, so that they can help. Partners never do."),
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
        super().__init__(data, initial=_answer_so_far(question, words, partners))
        name_readers(self, partners, coordinators)


def _answer_so_far(
    question: FitQuestion, words: FitWords | None, partners: Sequence[Member]
) -> dict[str, object]:
    if question.answered_at is None:
        return {}
    return {
        "fits": question.fits,
        "cause": question.cause,
        "coordinator_sees": question.coordinator_sees,
        "words": words.text if words else "",
        "readers": readers_chosen(words, partners),
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
        for seat in _to_ask(moment, at)
    ]


def _to_ask(moment: FitQuestion.Moment, at: datetime) -> Iterable[Seat]:
    earlier = FitQuestion.objects.filter(seat=OuterRef("pk"), moment=moment)
    seats: SeatQuerySet = (
        Seat.objects.open()
        .filter(
            ~Exists(earlier),
            partnership__state=Partnership.State.ACTIVE,
            enrolment__state=Enrolment.State.ACTIVE,
        )
        .exclude(enrolment__member__state=Member.State.LEFT)
        .select_related("enrolment__member", "partnership__cohort__program")
        .order_by("pk")
    )
    if moment == FitQuestion.Moment.DAY_30:
        zone = settings_in_force().zone
        latest = day_of(at, zone) - MONTH
        return [
            seat
            for seat in seats.filter(partnership__starts_on__lte=latest)
            if latest - ASK_WITHIN
            < max(seat.partnership.starts_on, day_of(seat.taken_at, zone))
            <= latest
        ]
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
        dedupe_key=f"fit:{question.seat_id}:{question.moment}",
        link=Link(signed=PURPOSE, object_id=question.pk),
        context={"partnership": question.seat.partnership.name},
        about=question.pk,
    )


def my_open_fit_questions(member: Member, *, at: datetime) -> FitQuestionQuerySet:
    """Return what this person is asked and has not answered, the oldest first."""
    rows = FitQuestion.objects.visible_to(member).of(member).for_list()
    rows = rows.filter(answered_at=None, due_on__gt=day_of(at), seat__left_at=None)
    return rows.order_by("due_on", "pk")


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
    sits = Seat.objects.open().filter(pk=OuterRef("seat_id"))
    answer(
        FitQuestion.objects.filter(Q(Exists(sits)), pk=question.pk, due_on__gt=day_of(now)),
        FitClosed(),
        at=now,
        fits=fits,
        cause="" if fits == FitQuestion.Fits.YES else cause,
        coordinator_sees=coordinator_sees,
    )
    allowed = readers_of(question.seat, Readers(readers))
    keep_words(FitWords, by, words, allowed, question=question)
    withdraw(about=question.pk)
    question.refresh_from_db(fields=["answered_at", "fits", "cause", "coordinator_sees"])
    return question


def sheet(request: HttpRequest, member: Member, fit_id: UUID) -> Sheet:
    mine = FitQuestion.objects.visible_to(member).of(member).for_list()
    question = get_object_or_404(mine, pk=fit_id)
    seat = question.seat
    still_open = seat.left_at is None and question.due_on > day_of(clock.now())
    form = _FitForm(
        data_of(request),
        question=question,
        words=FitWords.objects.visible_to(member).filter(question=question).first(),
        partners=partners_of(seat),
        coordinators=coordinators_of(seat.partnership.cohort.program),
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
    )


FIT = Survey(
    name="fit",
    purpose=PURPOSE,
    address="fit/<uuid:fit_id>/",
    due=due,
    email=email,
    sheet=sheet,
    opens=FitQuestion,
)
