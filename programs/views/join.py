"""A participant's way into a cohort, and out of it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import form_page
from programs.forms.join import JoinForm, SharingForm
from programs.models.programs import Cohort, Enrolment
from programs.operations import answers as programs_answers
from programs.operations import enrolments as programs_enrolments
from programs.queries import enrolments
from programs.queries import words as programs_words
from programs.views.common import find_cohort

CHANGEABLE = ("applied", "waitlisted", "accepted")


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def join(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_cohort(request, cohort_id)
    enrolment = enrolments.enrolment_of(cohort, request.member)
    again = enrolment is not None and enrolment.state == Enrolment.State.WITHDRAWN
    open_now = cohort.phase == Cohort.Phase.ENROLLING and (
        enrolment is None or enrolment.state in CHANGEABLE or (again and not enrolment.started_at)
    )
    questions = list(cohort.program.questions.all())
    answers = enrolments.answers_of([enrolment])[enrolment.pk] if enrolment else {}
    shown = enrolments.shown_answers([enrolment.pk])[enrolment.pk] if enrolment else {}
    compared = enrolments.compared_questions(cohort.program)
    with_answer = [question for question in compared if question.key in shown]
    form = JoinForm(
        (request.POST or None) if open_now else None,
        cohort=cohort,
        questions=questions,
        enrolment=None if again else enrolment,
        saved=answers,
        shown=shown,
        compared=compared,
    )
    if request.method == "POST" and form.is_valid():
        _send(request, cohort, None if again else enrolment, form)
        return redirect("programs:join", request.member.organisation.slug, cohort.pk)
    context = {
        "cohort": cohort,
        "enrolment": enrolment,
        "open_now": open_now,
        "shown_form": SharingForm(questions=with_answer, shown=shown) if with_answer else None,
        "answers": [
            (question.label, words)
            for question in questions
            if (words := programs_words.answer_words(question, answers.get(question.key)))
        ],
    }
    return form_page(request, "programs/join.html", form, context)


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
    if enrolment.state == Enrolment.State.WAITLISTED:
        messages.success(
            request, _("All places are taken. You are on the waiting list and go first next time.")
        )
    else:
        messages.success(request, _("You have applied. A coordinator will decide."))


@require_POST
@member_view(Permission.TAKE_PART)
def set_shown(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Keep which answers my partners may read; this may be changed at any time."""
    cohort = find_cohort(request, cohort_id)
    enrolment = enrolments.enrolment_of(cohort, request.member)
    if enrolment is None:
        raise Http404
    form = SharingForm(
        request.POST, questions=enrolments.compared_questions(cohort.program), shown={}
    )
    if form.is_valid():
        programs_answers.set_shown(enrolment=enrolment, shown=form.shown(), by=request.member)
        messages.success(request, _("Your choice is kept and holds from now on."))
    return redirect("programs:join", request.member.organisation.slug, cohort.pk)


@require_POST
@member_view(Permission.TAKE_PART)
def leave(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_cohort(request, cohort_id)
    enrolment = enrolments.enrolment_of(cohort, request.member)
    if enrolment is None:
        raise Http404
    programs_enrolments.withdraw(enrolment=enrolment, by=request.member)
    messages.success(request, _("You have withdrawn."))
    return redirect("home", request.member.organisation.slug)
