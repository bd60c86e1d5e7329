"""A participant's way into a cohort, and out of it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.common.errors import DomainError
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from programs.errors import TooLateToUndo
from programs.forms.decisions import LeaveForm, PauseForm
from programs.forms.join import ChoosePartForm, JoinForm, SharingForm
from programs.models.programs import Cohort, Enrolment
from programs.operations import answers as programs_answers
from programs.operations import enrolments as programs_enrolments
from programs.operations import pauses
from programs.operations.enrolments import parts_of
from programs.queries import enrolments
from programs.queries import words as programs_words
from programs.queries.agendas import season_lines
from programs.queries.eligibility import rule_words, why_not_eligible
from programs.training.queries import paths_of
from programs.views.common import find_cohort

CHANGEABLE = (*Enrolment.UNDECIDED, *Enrolment.IN_PLACE)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def join(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Ask for a place, part by part; then show how it stands, and let answers be changed."""
    cohort = find_cohort(request, cohort_id)
    enrolment = enrolments.enrolment_of(cohort, request.member)
    current = enrolment if enrolment and enrolment.state in CHANGEABLE else None
    hindrance = "" if current else why_not_eligible(cohort, request.member)
    changing = current is not None and cohort.phase not in Cohort.OVER
    open_now = changing or (_may_enter(cohort, enrolment) and not hindrance)
    part = _part(request, cohort, current)
    questions = list(cohort.program.questions.all())
    answers = enrolments.answers_of([enrolment])[enrolment.pk] if enrolment else {}
    shown = enrolments.shown_answers([enrolment.pk])[enrolment.pk] if enrolment else {}
    compared = enrolments.compared_questions(cohort.program)
    with_answer = [question for question in compared if question.key in shown]
    zone = request.member.time_zone or request.organisation_settings.time_zone
    form = JoinForm(
        (request.POST or None) if open_now and part else None,
        cohort=cohort,
        part=part,
        zone=zone,
        questions=questions,
        enrolment=current,
        saved=answers,
        shown=shown,
        # once matched it is a choice of its own on the page, with what it means
        compared=() if current and current.state == Enrolment.State.ACTIVE else compared,
    )
    if request.method == "POST" and act(lambda: _send(request, cohort, current, form), form):
        selects = current is None and cohort.program.selects(form.cleaned_data["part"])
        page = "programs:candidacy" if selects else "programs:join"
        return redirect(page, request.member.organisation.slug, cohort.pk)
    context = {
        "cohort": cohort,
        "enrolment": enrolment,
        "open_now": open_now,
        "changing": changing,
        "hindrance": hindrance,
        "rules": rule_words(cohort),
        "season": [] if enrolment else season_lines(cohort.program),
        "part": part,
        "part_form": ChoosePartForm(cohort=cohort, part=part) if open_now else None,
        "several_parts": len(parts_of(cohort.program)) > 1,
        "expectations": cohort.program.expectations_for(part) if part else "",
        "place": enrolments.place_in_line(enrolment)
        if enrolment and enrolment.state == Enrolment.State.WAITLISTED
        else 0,
        "selects": bool(part) and cohort.program.selects(part),
        "asks_manager": current is not None
        and current.state in Enrolment.UNDECIDED
        and cohort.program.selects(current.part),
        "path": paths_of([current])[current.pk] if current else None,
        "may_undo": enrolment is not None and _may_undo(enrolment),
        "shown_form": SharingForm(questions=with_answer, shown=shown) if with_answer else None,
        "answers": [
            (question.label, words)
            for question in questions
            if (words := programs_words.answer_words(question, answers.get(question.key)))
        ],
    }
    return form_page(request, "programs/join.html", form, context)


def _may_enter(cohort: Cohort, enrolment: Enrolment | None) -> bool:
    """Whether somebody who is not in it may ask for a place: never in, or out again."""
    if not cohort.is_open_to_all:
        return False
    if enrolment is None:
        return True
    if enrolment.state == Enrolment.State.WITHDRAWN:
        return not enrolment.started_at
    return cohort.is_rolling and enrolment.state in Enrolment.OVER


def _part(request: MemberRequest, cohort: Cohort, current: Enrolment | None) -> str:
    """Return the part whose questions are asked: chosen, or theirs, or the only one; "" if none."""
    parts = parts_of(cohort.program)
    chosen = request.POST.get("part") or request.GET.get("part") or ""
    if chosen in parts:
        return chosen
    if current and current.part in parts:
        return current.part
    return parts[0] if len(parts) == 1 else ""


def _may_undo(enrolment: Enrolment) -> bool:
    """Whether this person can still undo that they withdrew; what others decided they cannot."""
    return (
        enrolment.can_be_reinstated
        and enrolment.ended_by == Enrolment.EndedBy.PERSON
        and enrolment.cohort.phase not in programs_enrolments.OVER
    )


def _send(
    request: MemberRequest, cohort: Cohort, enrolment: Enrolment | None, form: JoinForm
) -> None:
    application = {
        "part": form.cleaned_data["part"],
        "capacity": form.capacity_given,
        "answers": form.answers(),
        "shown": form.shown(),
    }
    if enrolment:
        programs_enrolments.change_application(
            enrolment=enrolment,
            by=request.member,
            accept_expectations=bool(form.cleaned_data.get("expectations")),
            **application,
        )
        messages.success(request, _("Your answers are saved."))
        return
    enrolment = programs_enrolments.apply(
        cohort=cohort,
        member=request.member,
        accept_expectations=bool(form.cleaned_data.get("expectations")),
        **application,
    )
    words = {
        Enrolment.State.ACCEPTED: _("You have a place."),
        Enrolment.State.WAITLISTED: _("You are on the waiting list."),
    }
    messages.success(
        request,
        words.get(Enrolment.State(enrolment.state), _("You have applied. A coordinator decides.")),
    )


@require_POST
@member_view(Permission.TAKE_PART)
def set_shown(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Keep which answers my partners may read; this may be changed at any time."""
    cohort, enrolment = _mine(request, cohort_id)
    form = SharingForm(
        request.POST, questions=enrolments.compared_questions(cohort.program), shown={}
    )
    if form.is_valid():
        programs_answers.set_shown(enrolment=enrolment, shown=form.shown(), by=request.member)
        messages.success(request, _("Your choice is kept and holds from now on."))
    return redirect("programs:join", request.member.organisation.slug, cohort.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def leave(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Ask why somebody withdraws, having said what comes of it."""
    cohort, enrolment = _mine(request, cohort_id)
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if act(
        lambda: programs_enrolments.withdraw(
            enrolment=enrolment, by=request.member, **form.cleaned_data
        ),
        form,
    ):
        messages.success(request, _("You have withdrawn. You can undo it for a day."))
        return redirect("programs:join", request.member.organisation.slug, cohort.pk)
    context = {"cohort": cohort, "enrolment": enrolment}
    return form_page(request, "programs/leave.html", form, context)


def _mine(request: MemberRequest, cohort_id: UUID) -> tuple[Cohort, Enrolment]:
    cohort = find_cohort(request, cohort_id)
    enrolment = enrolments.enrolment_of(cohort, request.member)
    if enrolment is None:
        raise Http404
    return cohort, enrolment


def _do(
    request: MemberRequest, cohort: Cohort, operation: Callable[[], object], done: str
) -> HttpResponse:
    """Run what one button does; a refusal is said on the page where the button was."""
    try:
        operation()
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("programs:join", request.member.organisation.slug, cohort.pk)


@require_POST
@member_view(Permission.TAKE_PART)
def undo_leave(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort, enrolment = _mine(request, cohort_id)
    if not _may_undo(enrolment):
        messages.error(request, str(TooLateToUndo()))
        return redirect("programs:join", request.member.organisation.slug, cohort.pk)
    return _do(
        request,
        cohort,
        lambda: programs_enrolments.reinstate(enrolment=enrolment, by=request.member),
        _("You are in again."),
    )


@require_POST
@member_view(Permission.TAKE_PART)
def accept_expectations(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Accept the expectations as they now are, alone: seats and answers stay."""
    cohort, enrolment = _mine(request, cohort_id)
    return _do(
        request,
        cohort,
        lambda: programs_enrolments.accept_expectations(enrolment=enrolment, by=request.member),
        _("You have accepted the expectations."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def pause(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """ "Not this month": keep the place, and get no new partner until a day."""
    cohort, enrolment = _mine(request, cohort_id)
    form = PauseForm(request.POST or None)
    if act(
        lambda: pauses.pause_enrolment(enrolment=enrolment, by=request.member, **form.cleaned_data),
        form,
    ):
        return redirect("programs:join", request.member.organisation.slug, cohort.pk)
    context = {"cohort": cohort, "enrolment": enrolment}
    return form_page(request, "programs/pause.html", form, context)


@require_POST
@member_view(Permission.TAKE_PART)
def resume(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort, enrolment = _mine(request, cohort_id)
    return _do(
        request,
        cohort,
        lambda: pauses.resume_enrolment(enrolment=enrolment, by=request.member),
        _("Your pause is over."),
    )
