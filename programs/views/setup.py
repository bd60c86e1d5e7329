"""Setting up a program step by step, and what people will see of it."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common.ids import ids_in
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from programs.errors import NameTaken
from programs.forms.design import SETUP_FIELDS, DropForm, SetupForm
from programs.forms.join import ChoosePartForm, JoinForm
from programs.models.parts import Question
from programs.models.programs import Cohort, Enrolment, Program
from programs.operations import designs, parts
from programs.operations.enrolments import parts_of
from programs.queries.agendas import season_lines
from programs.queries.designs import questions_to_copy
from programs.queries.enrolments import compared_questions
from programs.training import operations as training
from programs.training import queries as training_queries
from programs.training.forms import StepForm
from programs.views.common import find_program, find_question

# each with its address and its name
STEPS = {
    "purpose": ("programs:set_up_purpose", gettext_lazy("Purpose")),
    "who": ("programs:set_up_who", gettext_lazy("Who")),
    "rhythm": ("programs:set_up_rhythm", gettext_lazy("Rhythm")),
    "pairing": ("programs:set_up_pairing", gettext_lazy("Pairing")),
    "feedback": ("programs:set_up_feedback", gettext_lazy("Feedback")),
    "training": ("programs:set_up_training", gettext_lazy("Training")),
    "review": ("programs:set_up_review", gettext_lazy("Review")),
}
NEXT = dict(zip(STEPS, [*STEPS][1:], strict=False))
EDITING = Permission.PROGRAMS_MANAGE


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(EDITING)
def set_up(request: MemberRequest, program_id: UUID, step: str) -> HttpResponse:
    """Ask for one step of the design, saved as one goes, beside what people will see of it."""
    program = find_program(request, program_id)
    form = None
    if step in SETUP_FIELDS:
        form = SetupForm(request.POST or None, program=program, step=step)
        save = form
        if act(
            lambda: designs.edit_program(program=program, by=request.member, **save.cleaned_data),
            form,
            at={NameTaken: "name"},
        ):
            return redirect(_step_url(program, NEXT[step]))
    return _step_page(request, program, step, form)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(EDITING)
def set_up_training(request: MemberRequest, program_id: UUID) -> HttpResponse:
    """Ask for what is learnt: lesson by lesson onto the path, as many as one likes."""
    program = find_program(request, program_id)
    lessons = list(training_queries.lessons().values())
    form = StepForm(request.POST or None, program=program, lessons=lessons)
    if act(
        lambda: training.add_step(program=program, by=request.member, **form.cleaned_data), form
    ):
        messages.success(request, _("The lesson is on the path."))
        return redirect(_step_url(program, "training"))
    return _step_page(request, program, "training", form)


def _step_page(
    request: MemberRequest, program: Program, step: str, form: forms.Form | None
) -> HttpResponse:
    names = [*STEPS]
    context = {
        "program": program,
        "step": step,
        "steps": [
            {"label": words, "url": _step_url(program, name), "current": name == step}
            for name, (_address, words) in STEPS.items()
        ],
        "number": names.index(step) + 1,
        "back_url": _step_url(program, names[names.index(step) - 1]) if step != names[0] else "",
        "next_url": _step_url(program, NEXT[step]) if step in NEXT else "",
        "objectives": list(program.objectives.all()),
        "season": season_lines(program),
        "questions": list(program.questions.all()),
        "criteria": list(program.criteria.all()),
        "path": training_queries.steps_of(program),
        "parts": [(part, Enrolment.Part(part).label) for part in parts_of(program)],
    }
    return form_page(request, "programs/set_up.html", form, context)


def _step_url(program: Program, step: str) -> str:
    address, _words = STEPS[step]
    return reverse(address, args=[program.organisation.slug, program.pk])


@require_safe
@member_view(EDITING)
def preview_enrolment(request: MemberRequest, program_id: UUID) -> HttpResponse:
    """Show the enrolment form as an invented person sees it; nothing can be sent."""
    program = find_program(request, program_id)
    cohort = Cohort(program=program, organisation=program.organisation)
    known = parts_of(program)
    part = request.GET.get("part", known[0])
    part = part if part in known else known[0]
    form = JoinForm(
        cohort=cohort,
        part=part,
        zone=request.organisation_settings.time_zone,
        questions=list(program.questions.all()),
        saved={},
        shown={},
        compared=compared_questions(program),
    )
    context = {
        "program": program,
        "form": form,
        "part_form": ChoosePartForm(cohort=cohort, part=part) if len(known) > 1 else None,
        "expectations": program.expectations_for(part),
        "season": season_lines(program),
    }
    return render(request, "programs/preview_enrolment.html", context)


@require_POST
@member_view(EDITING)
def move_question(request: MemberRequest, question_id: UUID, way: str) -> HttpResponse:
    """Move a question one place up or down; the page comes back at the list."""
    question: Question = find_question(request, question_id)
    parts.move_question(question=question, by=request.member, places=-1 if way == "up" else 1)
    return _to_questions(question)


@require_POST
@member_view(EDITING)
def drop_question(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """Move a question to where it was dragged; the buttons do the same without a mouse."""
    question: Question = find_question(request, question_id)
    form = DropForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    parts.move_question(question=question, by=request.member, **form.cleaned_data)
    return _to_questions(question)


def _to_questions(question: Question) -> HttpResponse:
    design = reverse("programs:design", args=[question.organisation.slug, question.program_id])
    return redirect(f"{design}#questions")


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(EDITING)
def question_bank(request: MemberRequest, program_id: UUID) -> HttpResponse:
    """Show what other programs ask, and copy one of their questions into this one."""
    program = find_program(request, program_id)
    bank = questions_to_copy(program, request.member)
    if request.method == "POST":
        chosen = ids_in(request.POST.getlist("question"))
        source = get_object_or_404(bank.filter(pk__in=chosen)[:1])
        copied = parts.copy_question(source=source, program=program, by=request.member)
        messages.success(request, _("“%(label)s” is copied.") % {"label": copied.label})
        return redirect("programs:question_bank", request.member.organisation.slug, program.pk)
    context = {"program": program, "questions": list(bank)}
    return render(request, "programs/question_bank.html", context)
