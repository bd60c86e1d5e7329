"""Whether it works for me: signed in, or from a letter's link."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from feedback import operations, queries
from feedback.forms import FitForm
from feedback.models import FitQuestion
from feedback.queries.check_ins import partners_of
from feedback.words import day_words
from mentoring.common import clock
from mentoring.identity.days import day_of
from mentoring.identity.http import MemberRequest, member_view
from mentoring.identity.models import Member
from mentoring.identity.permissions import Permission
from mentoring.notifications.doors import signed_door
from programs.queries import coordinators_of

DOOR_AGE = timedelta(days=60)
answering = require_http_methods(["GET", "HEAD", "POST"])


@answering
@member_view(Permission.TAKE_PART)
def fit(request: MemberRequest, fit_id: UUID) -> HttpResponse:
    """Does this partnership work for me?"""
    return _fit(request, request.member, fit_id, "mentoring/base.html")


@answering
@signed_door("fit", max_age=DOOR_AGE)
def open_fit(request: HttpRequest, member: Member, fit_id: UUID) -> HttpResponse:
    """The same from a letter's link, without signing in."""
    return _fit(request, member, fit_id, "mentoring/public.html")


def _fit(request: HttpRequest, member: Member, fit_id: UUID, frame: str) -> HttpResponse:
    mine = FitQuestion.objects.visible_to(member).of(member).for_list()
    question = get_object_or_404(mine, pk=fit_id)
    seat = question.seat
    asked = seat.left_at is None and question.due_on > day_of(clock.now())
    form = FitForm(
        request.POST if request.method == "POST" else None,
        question=question,
        words=queries.fit_words(question, member),
        partners=partners_of(seat),
        coordinators=coordinators_of(seat.partnership.cohort.program),
    )
    if form.is_valid():
        operations.answer_fit(question=question, by=member, **form.cleaned_data)
        return redirect(request.path)
    page = {
        "frame": frame,
        "member": member,
        "question": question,
        "partnership": seat.partnership,
        "form": form,
        "open": asked,
        "answering": asked and (not question.answered_at or "change" in request.GET),
        "until": day_words(question.due_on - timedelta(days=1)),
        "signed_in": frame == "mentoring/base.html",
    }
    status = 422 if form.is_bound else 200
    return render(request, "feedback/fit.html", page, status=status)
