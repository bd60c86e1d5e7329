"""Whether it works: asked after the first session and after a month, once each, in private."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from feedback.errors import FitClosed
from feedback.models import FitQuestion, FitWords
from feedback.queries.check_ins import Readers, readers_of
from mentoring.common import clock
from mentoring.identity.days import day_of
from mentoring.identity.models import Member
from mentoring.identity.tenancy import current_organisation_id, tenant
from mentoring.notifications.operations import Door, Draft, enqueue_all, withdraw
from pairing.models import Cause, Partnership, Seat, SeatQuerySet
from programs.models import Enrolment
from sessions.models import Session

DOOR = "fit"
MONTH = timedelta(days=30)
# a moment that nobody looked at within a week is not asked for afterwards
ASK_WITHIN = timedelta(days=7)
OPEN_FOR = timedelta(days=14)
MOMENT = FitQuestion.Moment


@transaction.atomic
def open_due_fit_questions(*, at: datetime) -> int:
    """Ask each partner at each moment, once; return how many were asked.

    After the first session that was held, and 30 days after a partnership's first day or a
    person's own, as days go in the organisation's zone.  Resting partnerships are not asked.
    """
    today = day_of(at)
    opened = [
        FitQuestion(seat=seat, moment=moment, opened_at=at, due_on=today + OPEN_FOR)
        for moment in MOMENT
        for seat in _to_ask(moment, at)
    ]
    # fit_question_once_per_moment decides between two workers
    FitQuestion.objects.bulk_create(opened, ignore_conflicts=True, batch_size=1000)
    ids = [question.pk for question in opened]
    ours = set(FitQuestion.objects.filter(pk__in=ids).values_list("pk", flat=True))
    letters = [_letter(question) for question in opened if question.pk in ours]
    enqueue_all(letters)
    return len(letters)


def _to_ask(moment: FitQuestion.Moment, at: datetime) -> Iterable[Seat]:
    asked = FitQuestion.objects.filter(seat=OuterRef("pk"), moment=moment)
    seats: SeatQuerySet = (
        Seat.objects.open()
        .filter(
            ~Exists(asked),
            partnership__state=Partnership.State.ACTIVE,
            enrolment__state=Enrolment.State.ACTIVE,
        )
        .exclude(enrolment__member__state=Member.State.LEFT)
        .select_related("enrolment__member", "partnership__cohort__program")
        .order_by("pk")
    )
    if moment == MOMENT.DAY_30:
        today = day_of(at)
        due, last = today - MONTH, today - MONTH - ASK_WITHIN
        return [
            seat
            for seat in seats.filter(partnership__starts_on__lte=due)
            if last < max(seat.partnership.starts_on, day_of(seat.taken_at)) <= due
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


def _letter(question: FitQuestion) -> Draft:
    return Draft(
        member=question.seat.enrolment.member,
        kind="feedback.fit",
        dedupe_key=f"fit:{question.seat_id}:{question.moment}",
        door=Door(signed=DOOR, object_id=question.pk),
        context={"partnership": question.seat.partnership.name},
        about=question.pk,
    )


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
    answered = FitQuestion.objects.filter(
        Q(Exists(sits)), pk=question.pk, due_on__gt=day_of(now)
    ).update(
        answered_at=Coalesce(F("answered_at"), Value(now)),
        fits=fits,
        cause="" if fits == FitQuestion.Fits.YES else cause,
        coordinator_sees=coordinator_sees,
    )
    if not answered:
        raise FitClosed
    _keep_words(question, by, words.strip(), Readers(readers))
    withdraw(about=question.pk)
    question.refresh_from_db(fields=["answered_at", "fits", "cause", "coordinator_sees"])
    return question


def _keep_words(question: FitQuestion, by: Member, text: str, choice: Readers) -> None:
    readers = readers_of(question.seat, choice)
    with tenant(current_organisation_id(), member=by.pk):
        said = FitWords.objects.filter(question=question)
        if not said.update(text=text, readers=readers) and text:
            FitWords.objects.create(question=question, text=text, readers=readers)
