"""A cohort's community: what is announced, discussed, searched, reported and moderated."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.common.lists import LONGEST_SEARCH
from core.common.pages import page
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from programs.community import queries
from programs.community.forms import PostForm, RemoveForm, ReportForm, ThreadForm
from programs.community.operations import discussions as operations
from programs.community.views.common import (
    find_community,
    find_post,
    find_thread,
    require_running,
)
from programs.models.community import Thread

METHODS = ["GET", "HEAD", "POST"]
LATEST = 5  # announcements on one page, above the discussions


@require_safe
@member_view(Permission.TAKE_PART)
def communities(request: MemberRequest) -> HttpResponse:
    """The communities I belong to; home borrows the list."""
    context = {
        "cohorts": queries.own_communities(request.member),
        "announced": queries.unread_announcements(request.member),
    }
    name = "_mine" if request.htmx else "mine"
    return render(request, f"programs/community/{name}.html", context)


@require_safe
@member_view(Permission.TAKE_PART)
def community(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_community(request, cohort_id)
    threads = Thread.objects.visible_to(request.member).filter(cohort=cohort).for_list()
    shown = page(threads, order="-last_at", cursor=request.GET.get("after", ""))
    announced = queries.announcements_in(cohort, request.member)
    runs = queries.runs(request.member, cohort.program)
    context = {
        "cohort": cohort,
        "runs": runs,
        "may_write": queries.may_write(cohort, request.member),
        "announced": page(announced, cursor=request.GET.get("announced", ""), size=LATEST),
        "page": shown,
        "reports": queries.open_reports(cohort, request.member) if runs else (),
    }
    return render(request, "programs/community/community.html", context)


@require_safe
@member_view(Permission.TAKE_PART)
def search(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_community(request, cohort_id)
    words = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    context = {"cohort": cohort, "words": words, "page": None}
    if words:
        found = queries.found_in(cohort, request.member, words)
        context["page"] = page(found, cursor=request.GET.get("after", ""))
    return render(request, "programs/community/search.html", context)


@require_http_methods(METHODS)
@member_view(Permission.TAKE_PART)
def new_thread(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    cohort = find_community(request, cohort_id)
    form = ThreadForm(request.POST or None)
    if row := act(
        lambda: operations.open_thread(cohort=cohort, by=request.member, **form.cleaned_data), form
    ):
        return redirect(row)
    return form_page(request, "programs/community/new_thread.html", form, {"cohort": cohort})


@require_http_methods(METHODS)
@member_view(Permission.TAKE_PART)
def thread(request: MemberRequest, thread_id: UUID) -> HttpResponse:
    """One discussion with its posts in order, and what I answer."""
    row = find_thread(request, thread_id)
    form = PostForm(request.POST or None)
    if post := act(
        lambda: operations.write_post(thread=row, by=request.member, **form.cleaned_data), form
    ):
        return redirect("programs:post", request.member.organisation.slug, post.pk)
    posts = queries.posts_of(row, request.member)
    context = {
        "thread": row,
        "cohort": row.cohort,
        "page": page(posts, order="id", cursor=request.GET.get("after", "")),
        "runs": queries.runs(request.member, row.cohort.program),
        "may_write": queries.may_write(row.cohort, request.member) and not row.locked_at,
        "following": queries.following(row, request.member),
    }
    return form_page(request, "programs/community/thread.html", form, context)


@require_safe
@member_view(Permission.TAKE_PART)
def post(request: MemberRequest, post_id: UUID) -> HttpResponse:
    """Go to one post, on the page of its discussion where it stands."""
    row = find_post(request, post_id)
    address = redirect(row.thread)
    cursor = queries.cursor_before(row, request.member)
    address["Location"] += f"?after={cursor}#post-{row.pk}" if cursor else f"#post-{row.pk}"
    return address


@require_http_methods(METHODS)
@member_view(Permission.TAKE_PART)
def edit_post(request: MemberRequest, post_id: UUID) -> HttpResponse:
    row = find_post(request, post_id)
    form = PostForm(request.POST or None, initial={"text": row.text})
    if row.author_id != request.member.pk:
        return redirect("programs:post", request.member.organisation.slug, row.pk)
    if act(lambda: operations.change_post(post=row, by=request.member, **form.cleaned_data), form):
        return redirect("programs:post", request.member.organisation.slug, row.pk)
    context = {"post": row, "thread": row.thread, "cohort": row.thread.cohort}
    return form_page(request, "programs/community/edit_post.html", form, context)


@require_http_methods(METHODS)
@member_view(Permission.TAKE_PART)
def report_post(request: MemberRequest, post_id: UUID) -> HttpResponse:
    row = find_post(request, post_id)
    form = ReportForm(request.POST or None)
    if act(lambda: operations.report_post(post=row, by=request.member, **form.cleaned_data), form):
        messages.success(request, _("Thank you. The coordinators look at it."))
        return redirect(row.thread)
    context = {"post": row, "thread": row.thread, "cohort": row.thread.cohort}
    return form_page(request, "programs/community/report_post.html", form, context)


@require_safe
@member_view(Permission.PROGRAMS_MANAGE)
def reports(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """What is reported in a cohort: each post is kept, or removed with a reason."""
    cohort = find_community(request, cohort_id)
    require_running(request, cohort.program)
    rows = queries.open_reports(cohort, request.member)
    context = {"cohort": cohort, "reports": rows}
    return render(request, "programs/community/reports.html", context)


@require_http_methods(METHODS)
@member_view(Permission.PROGRAMS_MANAGE)
def remove_post(request: MemberRequest, post_id: UUID) -> HttpResponse:
    row = find_post(request, post_id)
    require_running(request, row.thread.cohort.program)
    form = RemoveForm(request.POST or None)
    if act(lambda: operations.remove_post(post=row, by=request.member, **form.cleaned_data), form):
        messages.success(request, _("The post is removed. Who has written it is told why."))
        return redirect(row.thread)
    context = {"post": row, "thread": row.thread, "cohort": row.thread.cohort}
    return form_page(request, "programs/community/remove_post.html", form, context)


@require_POST
@member_view(Permission.PROGRAMS_MANAGE)
def keep_post(request: MemberRequest, post_id: UUID) -> HttpResponse:
    row = find_post(request, post_id)
    require_running(request, row.thread.cohort.program)
    operations.keep_post(post=row, by=request.member)
    messages.success(request, _("The post stays. Nobody is told."))
    return redirect("programs:reports", request.member.organisation.slug, row.cohort_id)


def _button(
    operation: Callable[..., Thread], *, moderates: bool
) -> Callable[..., HttpResponseBase]:
    """Return the view of one button under a discussion."""

    def view(request: MemberRequest, thread_id: UUID) -> HttpResponse:
        row = find_thread(request, thread_id)
        if moderates:
            require_running(request, row.cohort.program)
        operation(thread=row, by=request.member)
        return redirect(row)

    return require_POST(member_view(Permission.TAKE_PART)(view))


follow_thread = _button(operations.follow_thread, moderates=False)
unfollow_thread = _button(operations.unfollow_thread, moderates=False)
lock_thread = _button(operations.lock_thread, moderates=True)
unlock_thread = _button(operations.unlock_thread, moderates=True)
