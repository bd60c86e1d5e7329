"""A person's own journal."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.common import clock
from core.common.pages import page
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from feedback.journal import operations, queries
from feedback.journal.forms import EntryForm, SearchForm
from feedback.journal.prompts import words_of
from feedback.models.journal import JournalEntry


@require_safe
@member_view(Permission.TAKE_PART)
def journal(request: MemberRequest) -> HttpResponse:
    """What I have written, the newest first, or what has these words in it."""
    search = SearchForm(request.GET if "q" in request.GET else {"q": ""})
    rows = queries.entries_of(request.member, search.words)
    context = {
        "search": search,
        "page": page(rows, cursor=request.GET.get("after", ""), order="-written_at"),
        "session": queries.to_reflect_on(request.member, at=clock.now()),
    }
    return render(request, "feedback/journal/journal.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def write(request: MemberRequest) -> HttpResponse:
    form = EntryForm(request.POST or None)
    if act(lambda: operations.write_entry(by=request.member, **form.cleaned_data), form):
        messages.success(request, _("It stands in your journal."))
        return redirect("feedback:journal", request.member.organisation.slug)
    return form_page(request, "feedback/journal/write.html", form, {"entry": None})


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def write_about(request: MemberRequest, session_id: UUID) -> HttpResponse:
    """Write about a session at which I was; what I have written of it is opened."""
    session = get_object_or_404(queries.attended(request.member), pk=session_id)
    before = queries.entries_of(request.member).filter(session=session).first()
    if before and request.method != "POST":
        return redirect(before)
    form = EntryForm(request.POST or None)
    if act(
        lambda: operations.write_entry(by=request.member, session=session, **form.cleaned_data),
        form,
    ):
        messages.success(request, _("It stands in your journal."))
        return redirect("feedback:journal", request.member.organisation.slug)
    question = words_of(queries.prompt_for(session, request.member))
    context = {"entry": None, "session": session, "question": question}
    return form_page(request, "feedback/journal/write.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def entry(request: MemberRequest, entry_id: UUID) -> HttpResponse:
    """One of my entries, to be changed."""
    row = _entry(request, entry_id)
    form = EntryForm(request.POST or None, initial={"text": row.text})
    if act(
        lambda: operations.change_entry(entry=row, by=request.member, **form.cleaned_data), form
    ):
        messages.success(request, _("The entry is changed."))
        return redirect("feedback:journal", request.member.organisation.slug)
    context = {"entry": row, "session": row.session, "question": row.question}
    return form_page(request, "feedback/journal/write.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.TAKE_PART)
def delete(request: MemberRequest, entry_id: UUID) -> HttpResponse:
    """Ask, since it cannot be brought back."""
    row = _entry(request, entry_id)
    if request.method == "POST":
        operations.delete_entry(entry=row, by=request.member)
        messages.success(request, _("The entry is deleted."))
        return redirect("feedback:journal", request.member.organisation.slug)
    return render(request, "feedback/journal/delete.html", {"entry": row})


@require_safe
@member_view(Permission.TAKE_PART)
def export(request: MemberRequest) -> HttpResponse:
    """My journal as one file, the oldest entry first."""
    rows = queries.entries_of(request.member).order_by("written_at", "id")
    text = render_to_string("feedback/journal/journal.md", {"entries": rows})
    answer = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="journal.md"'
    return answer


def _entry(request: MemberRequest, entry_id: UUID) -> JournalEntry:
    return get_object_or_404(queries.entries_of(request.member), pk=entry_id)
