"""The review of a program: a workbench for who runs it, then a page for the cohort's people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common import clock
from core.members.permissions import Permission, can
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from feedback.models.review import ReviewQuote
from feedback.review import operations, queries
from feedback.review.errors import EnoughThemes, PublicationStands, ReviewPublished, ThemeTaken
from feedback.review.forms import ChangesForm, CommentsForm, QuoteForm, ThemeForm
from programs.models.programs import Cohort, Program

AT_THE_NAME = {ThemeTaken: "name", EnoughThemes: "name", ReviewPublished: None}


@require_safe
@member_view(Permission.TAKE_PART)
def review(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """What people said and what changes; before it is published, the draft for who runs it."""
    cohort = _cohort(request, cohort_id)
    row = queries.review_of(cohort, request.member)
    if row and row.published_at:
        return _published(request, cohort)
    if not can(request.member, Permission.PROGRAMS_MANAGE):
        raise Http404
    return _draft(request, cohort)


def _published(request: MemberRequest, cohort: Cohort) -> HttpResponse:
    row = queries.review_of(cohort, request.member)
    assert row is not None
    manages = can(request.member, Permission.PROGRAMS_MANAGE)
    context = {
        **_shown(request, cohort),
        "manages": manages,
        "may_undo": manages and queries.may_undo(row, at=clock.now()),
    }
    return render(request, "feedback/review/published.html", context)


def _draft(request: MemberRequest, cohort: Cohort, **bound: forms.Form) -> HttpResponse:
    """Show the draft; `bound` is the form that was sent and refused, by its name."""
    row = queries.review_of(cohort, request.member)
    changes = list(queries.changes_of(row, request.member)) if row else []
    context: dict[str, Any] = {
        **_shown(request, cohort),
        "groups": queries.comments(cohort),
        "theme_form": ThemeForm(),
        "comments_form": _comments_form(request, cohort),
        "changes_form": ChangesForm(changes=changes),
        "quote_form": _quote_form(request, cohort),
    }
    return form_page(
        request, "feedback/review/draft.html", next(iter(bound.values()), None), context | bound
    )


def _shown(request: MemberRequest, cohort: Cohort) -> dict[str, Any]:
    """Return what stands in the review: it is the same in the draft and when it is published."""
    row = queries.review_of(cohort, request.member)
    return {
        "cohort": cohort,
        "review": row,
        "figures": queries.figures_of(cohort, row, request.member),
        "themes": queries.themes_of(row) if row else [],
        "changes": queries.changes_of(row, request.member) if row else [],
    }


def _comments_form(request: MemberRequest, cohort: Cohort) -> CommentsForm:
    row = queries.review_of(cohort, request.member)
    themes = [theme["name"] for theme in row.themes] if row else []
    return CommentsForm(
        request.POST if request.method == "POST" else None,
        groups=queries.comments(cohort),
        themes=themes,
        chosen=queries.theme_of(row),
    )


def _quote_form(request: MemberRequest, cohort: Cohort) -> QuoteForm:
    return QuoteForm(
        request.POST if request.method == "POST" else None,
        testimonials=list(queries.quotable(cohort).for_list()),
        figures=queries.figures_of(cohort, None, request.member),
    )


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def add_theme(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = _cohort(request, cohort_id)
    form = ThemeForm(request.POST)
    if act(
        lambda: operations.add_theme(cohort=cohort, by=request.member, **form.cleaned_data),
        form,
        at=AT_THE_NAME,
    ):
        return _back(request, cohort, "comments")
    return _draft(request, cohort, theme_form=form)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def remove_theme(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = _cohort(request, cohort_id)
    form = ThemeForm(request.POST)
    if act(
        lambda: operations.remove_theme(cohort=cohort, by=request.member, **form.cleaned_data), form
    ):
        return _back(request, cohort, "comments")
    return _draft(request, cohort, theme_form=form)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def sort_comments(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = _cohort(request, cohort_id)
    form = _comments_form(request, cohort)
    if act(
        lambda: operations.sort_comments(
            cohort=cohort, by=request.member, themes=form.cleaned_data
        ),
        form,
    ):
        messages.success(request, _("The themes are saved."))
        return _back(request, cohort, "comments")
    return _draft(request, cohort, comments_form=form)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def keep_changes(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = _cohort(request, cohort_id)
    form = ChangesForm(request.POST, changes=[])
    if act(
        lambda: operations.keep_changes(cohort=cohort, by=request.member, changes=form.pairs), form
    ):
        messages.success(request, _("The draft is saved. Nobody is told before you publish it."))
        return _back(request, cohort, "changes")
    return _draft(request, cohort, changes_form=form)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def quote(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = _cohort(request, cohort_id)
    form = _quote_form(request, cohort)
    if act(lambda: operations.quote(cohort=cohort, by=request.member, **form.cleaned_data), form):
        return _back(request, cohort, "figures")
    return _draft(request, cohort, quote_form=form)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def unquote(request: MemberRequest, cohort_id: UUID, quote_id: UUID) -> HttpResponse:
    cohort = _cohort(request, cohort_id)
    rows = ReviewQuote.objects.visible_to(request.member).filter(review__cohort=cohort)
    row = get_object_or_404(rows, pk=quote_id)
    form = forms.Form(request.POST)
    if act(lambda: operations.unquote(cohort=cohort, by=request.member, quote=row), form):
        return _back(request, cohort, "figures")
    return _draft(request, cohort, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PROGRAMS_MANAGE)
def publish(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Show what is published and how many are told, and publish it."""
    cohort = _cohort(request, cohort_id)
    form = forms.Form(request.POST if request.method == "POST" else None)
    people = len(queries.people_told(cohort))
    if act(lambda: operations.publish_review(cohort=cohort, by=request.member), form):
        words = ngettext(
            "Published: %(n)d person is told.", "Published: %(n)d people are told.", people
        )
        messages.success(request, words % {"n": people})
        return _back(request, cohort)
    context = {**_shown(request, cohort), "people": people}
    return form_page(request, "feedback/review/publish.html", form, context)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def undo_publication(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = _cohort(request, cohort_id)
    if queries.review_of(cohort, request.member) is None:
        raise Http404
    try:
        operations.undo_publication(cohort=cohort, by=request.member)
    except PublicationStands as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It is a draft again. E-mails that had gone stay."))
    return _back(request, cohort)


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def carried(request: MemberRequest, program_id: UUID) -> HttpResponse:
    """What was promised to the people of earlier cohorts; pages of the design borrow this."""
    return _carried(request, _program(request, program_id))


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def tick(request: MemberRequest, program_id: UUID, change_id: UUID) -> HttpResponse:
    program = _program(request, program_id)
    rows = queries.carried_to(program, request.member)
    change = get_object_or_404(rows, pk=change_id)
    operations.tick_change(
        change=change, program=program, done=change.done_in_id is None, by=request.member
    )
    if request.htmx:
        return _carried(request, program)
    return redirect("feedback:carried_changes", request.member.organisation.slug, program.pk)


def _carried(request: MemberRequest, program: Program) -> HttpResponse:
    context = {"program": program, "changes": queries.carried_to(program, request.member)}
    part, page = "feedback/review/_carried.html", "feedback/review/carried.html"
    return render(request, part if request.htmx else page, context)


def _back(request: MemberRequest, cohort: Cohort, part: str = "") -> HttpResponse:
    answer = redirect("feedback:review", request.member.organisation.slug, cohort.pk)
    if part:
        answer["Location"] += f"#{part}"
    return answer


def _cohort(request: MemberRequest, cohort_id: UUID) -> Cohort:
    return get_object_or_404(Cohort.objects.visible_to(request.member).for_list(), pk=cohort_id)


def _program(request: MemberRequest, program_id: UUID) -> Program:
    rows = Program.objects.visible_to(request.member).select_related("organisation")
    return get_object_or_404(rows, pk=program_id)
