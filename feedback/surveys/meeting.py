"""Where one of a pair says that they met and no session says so, the other is asked.

A second voice makes it a session that was held; until then it counts nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from core.common import clock
from core.members.models import Member
from core.notifications.operations import Draft, Link, withdraw
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from core.ui.forms import Taps
from feedback.errors import MeetingClosed
from feedback.models.check_ins import CheckIn
from feedback.models.meetings import MeetingQuestion, MeetingQuestionQuerySet
from feedback.queries import seats_to_ask
from feedback.surveys.base import Sheet, Survey, answer, data_of, day_words, next_time
from pairing.models.partnerships import Partnership, Seat
from sessions.attendance.operations import recording
from sessions.models.sessions import CORRECTABLE, Attendance, Session

PURPOSE = "meeting"
# nothing older can be recorded; a day less, since its hour is not known
ASKED_FOR = CORRECTABLE - timedelta(days=1)
MET = (("yes", _("Yes, we met")), ("no", _("No")))


def met_field(label: Any, *, required: bool = True) -> forms.TypedChoiceField:
    """Return the field that asks the second person."""
    return forms.TypedChoiceField(
        label=label,
        choices=MET,
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=required,
        widget=Taps,
    )


class _MeetingForm(forms.Form):
    met = met_field(_("Did you meet?"))


def is_pair(partnership_id: UUID) -> bool:
    """Say whether two sit there: of more, whoever led records who was there."""
    return Seat.objects.open().filter(partnership=partnership_id).count() == 2


def due(at: datetime) -> list[MeetingQuestion]:
    """Return whom to ask about which check-in: the other of a pair, once for each."""
    asked = MeetingQuestion.objects.filter(check_in=OuterRef("pk"))
    today = day_of(at)
    claims = list(
        CheckIn.objects.unrecorded()
        .filter(~Exists(asked), met=True, met_on__gt=today - ASKED_FOR)
        .select_related("seat__enrolment__member")
        .order_by("pk")
    )
    tables: dict[UUID, list[Seat]] = defaultdict(list)
    seats = seats_to_ask(today).filter(
        partnership__in={claim.seat.partnership_id for claim in claims}
    )
    for seat in seats.select_related("enrolment__member", "partnership__cohort__program").order_by(
        "pk"
    ):
        tables[seat.partnership_id].append(seat)
    return [
        MeetingQuestion(check_in=claim, seat=seat, opened_at=at)
        for claim in claims
        for seat in tables[claim.seat.partnership_id]
        if seat.pk != claim.seat_id and is_pair(claim.seat.partnership_id)
    ]


def email(question: MeetingQuestion) -> Draft:
    claim = question.check_in
    assert claim.met_on is not None
    return Draft(
        member=question.seat.enrolment.member,
        kind="feedback.meeting",
        program=question.seat.partnership.cohort.program_id,
        dedupe_key=f"meeting:{claim.pk}",
        link=Link(signed=PURPOSE, object_id=question.pk),
        context={
            "who": claim.seat.enrolment.member.given_name,
            "day": day_words(claim.met_on),
        },
        about=question.pk,
    )


def waiting(at: datetime) -> MeetingQuestionQuerySet:
    """Return those without an answer: while it is still said, and no session says it already."""
    today = day_of(at)
    claims = CheckIn.objects.unrecorded().filter(
        pk=OuterRef("check_in_id"), met=True, met_on__gt=today - ASKED_FOR
    )
    seats = seats_to_ask(today).filter(pk=OuterRef("seat_id"))
    return MeetingQuestion.objects.filter(Exists(claims), Exists(seats), answered_at=None)


def my_open_meetings(member: Member, *, at: datetime) -> MeetingQuestionQuerySet:
    """Return what this person is asked and has not answered, the oldest first."""
    return waiting(at).visible_to(member).for_list().order_by("check_in__met_on", "pk")


@transaction.atomic
def answer_meeting(*, question: MeetingQuestion, by: Member, met: bool) -> MeetingQuestion:
    """Say whether two met on a day; a yes records the session, with both of them there.

    What was planned on that day is that session; else it is an extra one, at noon since nobody
    knows its hour.  Raises MeetingClosed if it was answered or recorded, or the partnership rests
    or is over; ValueError if it is not `by`'s own.
    """
    if question.seat.enrolment.member_id != by.pk:
        raise ValueError("only the person who was asked can answer")
    now = clock.now()
    answer(waiting(now).filter(pk=question.pk), MeetingClosed(), at=now, met=met)
    withdraw(about=question.pk)
    if met:
        _record(question, by)
    question.refresh_from_db(fields=["answered_at", "met"])
    return question


def _record(question: MeetingQuestion, by: Member) -> None:
    claim = CheckIn.objects.select_related("seat").get(pk=question.check_in_id)
    assert claim.met_on is not None
    partnership = question.seat.partnership
    there = dict.fromkeys([claim.seat, question.seat], Attendance.Kind.PRESENT.value)
    planned = (
        Session.objects.filter(
            partnership=partnership,
            day=claim.met_on,
            state__in=[Session.State.PLANNED, Session.State.MISSED],
        )
        .select_related("partnership")
        .order_by("starts_at")
        .first()
    )
    if planned is not None:
        recording.record_session(session=planned, attendance=there, by=by)
        return
    noon = datetime.combine(claim.met_on, time(12), settings_in_force().zone)
    recording.record_extra_session(partnership=partnership, held_at=noon, attendance=there, by=by)


def days_asked(check_in: CheckIn, partnership: Partnership) -> tuple[date, date]:
    """Return the first and the last day that a check-in may say they met on."""
    return max(check_in.first_day, partnership.starts_on), check_in.last_day


def sheet(request: HttpRequest, member: Member, question_id: UUID) -> Sheet:
    mine = MeetingQuestion.objects.visible_to(member).for_list()
    question = get_object_or_404(mine, pk=question_id)
    form = _MeetingForm(data_of(request))
    still_open = waiting(clock.now()).filter(pk=question.pk).exists()
    return Sheet(
        "feedback/meeting.html",
        {
            "question": question,
            "partnership": question.seat.partnership,
            "who": question.check_in.seat.enrolment.member,
            "open": still_open,
        },
        form,
        lambda: answer_meeting(question=question, by=member, met=form.cleaned_data["met"]),
        answered=question.answered_at is not None,
        after=lambda: next_time(question.seat.partnership, member),
    )


MEETING = Survey(
    name="meeting",
    purpose=PURPOSE,
    address="meetings/<uuid:question_id>/",
    due=due,
    email=email,
    sheet=sheet,
    opens=MeetingQuestion,
    waiting=waiting,
)
