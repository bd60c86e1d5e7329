"""The builder: the surveys of a program, one survey, its questions, and what may be copied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common import clock, csv
from core.members.permissions import Permission, can
from core.members.requests import MemberRequest, member_view
from core.ui.pages import AT_THE_FORM, act, form_page
from feedback.builder import operations, queries, results
from feedback.builder.forms import AskingForm, CopyForm, FrameForm, PlacesForm, QuestionForm
from feedback.errors import AnonymousAfterSession, AnonymousSettled
from feedback.models.built import BuiltSurvey
from feedback.surveys.items import ItemsForm
from programs.models.programs import Cohort, Program

AT_THE_FRAME = {**AT_THE_FORM, AnonymousSettled: "anonymous", AnonymousAfterSession: "anonymous"}


def _program(request: MemberRequest, program_id: UUID) -> Program:
    rows = Program.objects.visible_to(request.member).select_related("organisation")
    return get_object_or_404(rows, pk=program_id)


def _survey(request: MemberRequest, survey_id: UUID) -> BuiltSurvey:
    rows = BuiltSurvey.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows, pk=survey_id)


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def surveys(request: MemberRequest, program_id: UUID) -> HttpResponse:
    """The surveys of a program, and those of other programs that can be copied."""
    program = _program(request, program_id)
    context = {
        "program": program,
        "surveys": queries.surveys_of(program, request.member),
        "others": queries.surveys_elsewhere(program, request.member),
        "suggestion": queries.suggestion_for(program),
    }
    return render(request, "feedback/builder/surveys.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def new_survey(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program = _program(request, program_id)
    form = FrameForm(request.POST or None)
    survey = act(
        lambda: operations.create_survey(program=program, by=request.member, **form.frame),
        form,
        at=AT_THE_FRAME,
    )
    if survey:
        return redirect(survey)
    return form_page(request, "feedback/builder/frame.html", form, {"program": program})


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def copy_survey(request: MemberRequest, program_id: UUID) -> HttpResponse:
    program, form = _program(request, program_id), CopyForm(request.POST)
    if not form.is_valid():
        raise Http404
    survey = _survey(request, form.cleaned_data["survey"])
    copy = operations.copy_survey(survey=survey, program=program, by=request.member)
    messages.success(request, _("Copied. Nobody is asked before you start it."))
    return redirect(copy)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def add_suggested(request: MemberRequest, program_id: UUID) -> HttpResponse:
    """Begin the survey that goes with the program's template; it can be changed like any other."""
    program = _program(request, program_id)
    suggestion = queries.suggestion_for(program)
    if suggestion is None:  # somebody has just added it
        return redirect("feedback:program_surveys", program.organisation.slug, program.pk)
    survey = operations.create_survey(program=program, by=request.member, **suggestion.as_survey())
    messages.success(request, _("Added. Nobody is asked before you start it."))
    return redirect(survey)


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def built_survey(request: MemberRequest, survey_id: UUID) -> HttpResponse:
    """One survey: its frame, its questions in order, and whether it is asked."""
    return _survey_page(request, _survey(request, survey_id), None)


def _survey_page(
    request: MemberRequest, survey: BuiltSurvey, form: PlacesForm | None
) -> HttpResponse:
    context = {"survey": survey, **vars(queries.page_of(survey))}
    return form_page(request, "feedback/builder/survey.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def edit_survey(request: MemberRequest, survey_id: UUID) -> HttpResponse:
    survey = _survey(request, survey_id)
    form = FrameForm(request.POST or None, survey=survey)
    saved = act(
        lambda: operations.edit_survey(survey=survey, by=request.member, **form.frame),
        form,
        at=AT_THE_FRAME,
    )
    if saved:
        return redirect(saved)
    context = {"program": survey.program, "survey": survey}
    return form_page(request, "feedback/builder/frame.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def start_survey(request: MemberRequest, survey_id: UUID) -> HttpResponse:
    """Begin to ask it, or stop: says first how many are asked at once."""
    survey = _survey(request, survey_id)
    form = AskingForm(request.POST if request.method == "POST" else None)
    saved = act(
        lambda: operations.set_asking(
            survey=survey, by=request.member, asking=form.cleaned_data["asking"]
        ),
        form,
    )
    if saved:
        words = _("It is asked from now on.") if saved.asking else _("Nobody else is asked.")
        messages.success(request, words)
        return redirect(saved)
    context = {"survey": survey, "asked": queries.asked_at_once(survey, at=clock.now())}
    return form_page(request, "feedback/builder/start.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def new_item(request: MemberRequest, survey_id: UUID) -> HttpResponse:
    survey = _survey(request, survey_id)
    return _item_page(request, survey, "")


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def edit_item(request: MemberRequest, survey_id: UUID, item_key: str) -> HttpResponse:
    survey = _survey(request, survey_id)
    return _item_page(request, survey, item_key)


def _item_page(request: MemberRequest, survey: BuiltSurvey, key: str) -> HttpResponse:
    """Write one question; one that somebody removed meanwhile is added again, not lost."""
    items = operations.newest(survey).items
    item = next((row for row in items if row["key"] == key), None)
    if key and item is None and request.method != "POST":
        raise Http404
    form = QuestionForm(request.POST or None, items=items, item=item)
    saved = act(
        lambda: operations.save_item(
            survey=survey, by=request.member, item=form.cleaned_data, key=key
        ),
        form,
    )
    if saved:
        return redirect(saved)
    context = {"survey": survey, "item": item}
    return form_page(request, "feedback/builder/item.html", form, context)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def move_item(request: MemberRequest, survey_id: UUID, item_key: str) -> HttpResponse:
    """Move a question; where the order would be wrong, its page says so."""
    survey, form = _survey(request, survey_id), PlacesForm(request.POST)
    moved = act(
        lambda: operations.move_item(
            survey=survey, by=request.member, key=item_key, places=form.cleaned_data["places"]
        ),
        form,
    )
    if moved:
        return redirect(moved)
    return _survey_page(request, survey, form)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def remove_item(request: MemberRequest, survey_id: UUID, item_key: str) -> HttpResponse:
    survey = _survey(request, survey_id)
    item = queries.find_item(survey, item_key)
    form = AskingForm(request.POST if request.method == "POST" else None)
    removed = act(
        lambda: operations.remove_item(survey=survey, by=request.member, key=item_key), form
    )
    if removed:
        messages.success(request, _("Removed from the rounds that begin from now on."))
        return redirect(removed)
    answers = queries.answers_to(survey)
    context = {"survey": survey, "item": item, "answers": answers}
    return form_page(request, "feedback/builder/remove.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def bank(request: MemberRequest, survey_id: UUID) -> HttpResponse:
    """The questions of all surveys that I may see, to be copied into this one."""
    survey = _survey(request, survey_id)
    form = CopyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        source = _survey(request, form.cleaned_data["survey"])
        key = queries.find_item(source, form.cleaned_data["item"])["key"]
        copied = act(
            lambda: operations.copy_item(source=source, key=key, survey=survey, by=request.member),
            form,
        )
        if copied:
            messages.success(request, _("The question stands at the end of the survey."))
            return redirect(copied)
    context = {"survey": survey, "surveys": queries.bank(survey, request.member)}
    return form_page(request, "feedback/builder/bank.html", form, context)


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def preview(request: MemberRequest, survey_id: UUID) -> HttpResponse:
    """The survey as those who are asked see it; nothing is sent."""
    survey = _survey(request, survey_id)
    questionnaire = queries.questionnaire(survey)
    words = questionnaire.wording.filled(queries.example_facts(survey, request.member))
    form = ItemsForm(None, questionnaire=questionnaire, answers={})
    context: Mapping[str, Any] = {"survey": survey, "words": words, "form": form}
    return render(request, "feedback/builder/preview.html", context)


@require_safe
@member_view(Permission.FIGURES_READ)
def cohort_surveys(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """What the surveys of a cohort came to, as far as it may be shown."""
    cohort = _cohort(request, cohort_id)
    context = {
        "cohort": cohort,
        "results": results.results_of(cohort, request.member),
        "manages": can(request.member, Permission.PROGRAMS_MANAGE),
    }
    return render(request, "feedback/builder/results.html", context)


@require_safe
@member_view(Permission.FIGURES_READ)
def cohort_surveys_csv(request: MemberRequest, cohort_id: UUID) -> StreamingHttpResponse:
    cohort = _cohort(request, cohort_id)
    shown = results.results_of(cohort, request.member)
    return csv.download(csv.lines(results.COLUMNS, results.exported(shown)), "surveys.csv")


def _cohort(request: MemberRequest, cohort_id: UUID) -> Cohort:
    return get_object_or_404(Cohort.objects.visible_to(request.member).for_list(), pk=cohort_id)
