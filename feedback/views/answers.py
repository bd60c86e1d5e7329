"""Answering: each page has two doors, signed in below /o/ and signed by link outside it.

Behind both stands one function that is given the person; nothing is changed by looking.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from feedback import operations, queries
from feedback.forms import AssessmentForm, CheckInForm, RatingForm, answer_so_far, skill_field
from feedback.models import Assessment, CheckIn, SessionRating
from feedback.queries.check_ins import partners_of, who_is_in
from feedback.words import day_words, days_words
from mentoring.common import clock
from mentoring.design.table import SeatView, TableDrawing, round_table
from mentoring.identity.days import day_of
from mentoring.identity.http import MemberRequest, member_view
from mentoring.identity.models import Member
from mentoring.identity.permissions import Permission
from mentoring.notifications.doors import signed_door
from programs.models import Competency
from programs.queries import coordinators_of
from sessions.models import Session
from sessions.operations import record_progress
from sessions.queries import goals_to_ask

DOOR_AGE = timedelta(days=60)
SIGNED_IN = "mentoring/base.html"
BY_LINK = "mentoring/public.html"
answering = require_http_methods(["GET", "HEAD", "POST"])


@answering
@member_view(Permission.TAKE_PART)
def check_in(request: MemberRequest, check_in_id: UUID) -> HttpResponse:
    """My check-in of one period."""
    return _check_in(request, request.member, check_in_id, SIGNED_IN)


@answering
@signed_door("check-in", max_age=DOOR_AGE)
def open_check_in(request: HttpRequest, member: Member, check_in_id: UUID) -> HttpResponse:
    """The same from a letter's link, without signing in."""
    return _check_in(request, member, check_in_id, BY_LINK)


def _check_in(request: HttpRequest, member: Member, check_in_id: UUID, frame: str) -> HttpResponse:
    mine = CheckIn.objects.visible_to(member).of(member).for_list()
    check_in = get_object_or_404(mine, pk=check_in_id)
    now = clock.now()
    page: dict[str, Any] = {
        "frame": frame,
        "member": member,
        "check_in": check_in,
        "partnership": check_in.seat.partnership,
        "days": days_words(check_in.first_day, check_in.last_day),
        "until": day_words(check_in.due_on - timedelta(days=1)),
        "open": check_in.due_on > day_of(now),
    }
    if request.method != "POST" and (
        not page["open"] or (check_in.answered_at and "change" not in request.GET)
    ):
        upcoming = Session.objects.visible_to(member).upcoming(now)
        page["next_session"] = upcoming.filter(partnership=check_in.seat.partnership).first()
        page["note"] = queries.my_note(check_in, member)
        page["table"] = _table(check_in, member)
        return render(request, "feedback/check_in_done.html", page)
    partners = partners_of(check_in.seat)
    form = CheckInForm(
        request.POST if request.method == "POST" else None,
        initial=answer_so_far(check_in, queries.my_note(check_in, member), partners),
        partners=partners,
        coordinators=coordinators_of(check_in.seat.partnership.cohort.program),
        goals=goals_to_ask(check_in.seat.partnership, member, today=day_of(now)),
    )
    if form.is_valid():
        operations.answer_check_in(check_in=check_in, by=member, **form.answer)
        for goal, level in form.levels:
            record_progress(goal=goal, level=level, by=member)
        return redirect(request.path)
    page["form"] = form
    status = 422 if form.is_bound else 200
    return render(request, "feedback/check_in.html", page, status=status)


def _table(check_in: CheckIn, member: Member) -> TableDrawing:
    """Draw the partners with the ring as far as they have checked in."""
    people = who_is_in(check_in)
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
        under=_("of %(all)d are in") % counted,
        sentence=ngettext(
            "%(name)s: %(n)d of %(all)d has checked in.",
            "%(name)s: %(n)d of %(all)d have checked in.",
            here,
        )
        % counted,
    )


@answering
@member_view(Permission.TAKE_PART)
def rating(request: MemberRequest, session_id: UUID) -> HttpResponse:
    """My rating of a session that was held."""
    return _rating(request, request.member, session_id, SIGNED_IN)


@answering
@signed_door("rating", max_age=DOOR_AGE)
def open_rating(request: HttpRequest, member: Member, session_id: UUID) -> HttpResponse:
    """The same from a letter's link, without signing in."""
    return _rating(request, member, session_id, BY_LINK)


def _rating(request: HttpRequest, member: Member, session_id: UUID, frame: str) -> HttpResponse:
    found = queries.my_rateable_session(session_id, member, at=clock.now())
    page: dict[str, Any] = {"frame": frame, "member": member}
    if found is None:
        # for who was there, however long ago; everybody else gets the one 404
        if not queries.came_to(session_id, member):
            raise Http404
        return render(request, "feedback/rating_closed.html", page)
    session, seat = found
    kept = SessionRating.objects.visible_to(member).filter(session=session, seat=seat).first()
    form = RatingForm(
        request.POST if request.method == "POST" else None,
        initial={"rating": kept.rating} if kept else {},
    )
    if form.is_valid():
        operations.rate_session(session=session, seat=seat, rating=form.cleaned_data["rating"])
        return redirect(request.path)
    page |= {
        "form": form,
        "session": session,
        "partnership": session.partnership,
        "day": day_words(session.day),
        "kept": kept,
    }
    status = 422 if form.is_bound else 200
    return render(request, "feedback/rating.html", page, status=status)


@answering
@member_view(Permission.TAKE_PART)
def assessment(request: MemberRequest, assessment_id: UUID) -> HttpResponse:
    """My self-assessment at one moment."""
    return _assessment(request, request.member, assessment_id, SIGNED_IN)


@answering
@signed_door("assessment", max_age=DOOR_AGE)
def open_assessment(request: HttpRequest, member: Member, assessment_id: UUID) -> HttpResponse:
    """The same from a letter's link, without signing in."""
    return _assessment(request, member, assessment_id, BY_LINK)


def _assessment(
    request: HttpRequest, member: Member, assessment_id: UUID, frame: str
) -> HttpResponse:
    mine = Assessment.objects.visible_to(member).for_list()
    assessment = get_object_or_404(mine, pk=assessment_id)
    program = assessment.enrolment.cohort.program
    skills = list(Competency.objects.visible_to(member).filter(program=program))
    kept = queries.ratings_of(assessment, member)
    form = AssessmentForm(
        request.POST if request.method == "POST" else None,
        initial={skill_field(skill): rating for skill, rating in kept.items()},
        competencies=skills,
    )
    if form.is_valid():
        operations.save_assessment(assessment=assessment, by=member, ratings=form.ratings())
        return redirect(request.path)
    page = {
        "frame": frame,
        "member": member,
        "assessment": assessment,
        "program": program,
        "form": form,
        "open": queries.assessment_is_open(assessment, at=clock.now()),
        "rated": [(skill, kept[skill.pk]) for skill in skills if skill.pk in kept],
    }
    status = 422 if form.is_bound else 200
    return render(request, "feedback/assessment.html", page, status=status)
